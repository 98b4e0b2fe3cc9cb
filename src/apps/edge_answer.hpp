// Who answered, the app or its front door, and what did the front door say? Pure (facts: Databricks Apps, 1.2 to 1.4).
//
// On authenticated traffic the front door adds `gap-auth`, so an answer with it is the app's own, whatever its status.
#pragma once

#include <dbxapps/response.hpp>

#include <iosfwd>
#include <string_view>

namespace dbxapps::apps {

enum class edge_verdict {
    app,                 // the app's answer, or one that only the caller can judge
    not_signed_in,       // the front door did not accept the token
    no_permission,       // it did, but its owner may not use the app, or the token lacks scopes
    ip_blocked,          // the caller's address is not on the workspace's list
    private_link,        // the workspace is reachable by private link only
    app_not_found,       // no app has this name
    app_stopped,         // nothing runs
    app_unavailable,     // it starts, has crashed, or listens elsewhere
    front_door_timeout,  // the app took too long
    rate_limited,        // too many requests
};
std::ostream& operator<<(std::ostream&, edge_verdict);

struct edge_answer {
    edge_verdict verdict = edge_verdict::app;
    bool app_saw_nothing = false;  // proof enough to send even a request again that may not be repeated
    bool operator==(const edge_answer&) const = default;
};

// What was asked, as far as it matters.
struct edge_question {
    std::string_view workspace_host{};  // lower case, may be empty
    bool app_host = true;               // else there is no front door: only what asks for a login is known
    std::string_view fields{};          // the request's ("name: value\r\n" each): was a page asked for?
};

edge_answer read_edge_answer(const response&, const edge_question&);
// Of an answer whose body has not been read: does it matter for that?
bool body_tells(const response& head, const edge_question&);

// Does this Location lead to a login: /oidc/, /.auth/ or /login on whatever host, or anything on the workspace's?
bool is_login_location(std::string_view location, std::string_view workspace_host);

// By a request's fields: is a web page among what was asked for (RFC 9110 section 12.5.1)? Without Accept, it is.
bool accepts_html(std::string_view fields);

}  // namespace dbxapps::apps
