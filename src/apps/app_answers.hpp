// What the workspace's API of apps is asked, and what its answers mean (facts: Databricks Apps, 3). Pure.
//
// Lenient with what only informs, as the API grows; strict with names, URLs and page tokens, which lead somewhere.
#pragma once

#include <dbxapps/app_info.hpp>
#include <dbxapps/error.hpp>
#include <dbxapps/response.hpp>
#include <dbxapps/token.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace dbxapps::apps {

// Lower-case letters, digits and '-', as in a DNS label. errc::bad_request.
result<void> check_name(std::string_view);
std::string app_path(std::string_view name);               // "/api/2.0/apps/orders"
std::string page_path(std::string_view page_token);        // of the list; an empty token: its first page
result<std::string> app_origin(std::string_view written);  // "https://host[:port]"; http is kept for loopback only

// A question to the workspace, for error texts.
struct question {
    std::string call;       // "GET https://host/api/2.0/apps/orders"
    std::string_view name;  // of the app; empty for the list
    token_ptr presented{};  // a server may repeat what it was sent: not in our words
};

struct app_page {
    std::vector<app_info> apps;
    std::string next;  // empty: the last page
};

// For every status; errc::bad_response for an answer of 200 that is none.
result<app_info> read_app(const response&, const question&);
result<app_page> read_page(const response&, const question&);
// Of a command (start, stop): only whether the workspace took it.
result<void> read_command(const response&, const question&);

}  // namespace dbxapps::apps
