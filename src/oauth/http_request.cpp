#include <oauth/http_request.hpp>

namespace dbxapps::oauth {

http_request form_post(std::string_view url, std::string body) {
    http_request out;
    out.method = "POST";
    out.url = url;
    out.headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}};
    out.body = std::move(body);
    return out;
}

}  // namespace dbxapps::oauth
