#include <net/wire_request.hpp>

namespace dbxapps::net {

std::string fixed_fields(const text::url& to, std::string_view user_agent) {
    return std::string(" HTTP/1.1\r\nHost: ").append(to.authority()).append("\r\nUser-Agent: ").append(user_agent) +
           "\r\n";
}

void wire_request::append_to(std::string& out) const {
    const std::size_t joined = joins_body() ? body.size() : 0;
    out.reserve(out.size() + 80 + target.size() + fixed.size() + authorization.size() + fields.size() + joined);
    out.append(method).append(target.starts_with('/') ? " " : " /").append(target).append(fixed);
    if (!authorization.empty()) out.append("Authorization: ").append(authorization).append("\r\n");
    out.append(fields);
    if (content_length) out.append("Content-Length: ").append(std::to_string(*content_length)).append("\r\n");
    out.append("\r\n").append(body.substr(0, joined));
}

}  // namespace dbxapps::net
