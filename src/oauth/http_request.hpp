// A request as a value: what is to go out, before anybody sends it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dbxapps::oauth {

struct http_request {
    std::string method;
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

// A form (WHATWG URL, application/x-www-form-urlencoded) to an endpoint that answers with JSON.
http_request form_post(std::string_view url, std::string body);

}  // namespace dbxapps::oauth
