#include <net/wire_request.hpp>

#include <algorithm>
#include <array>

namespace dbxapps::net {

std::string fixed_fields(const text::url& to, std::string_view user_agent) {
    return std::string(" HTTP/1.1\r\nHost: ").append(to.authority()).append("\r\nUser-Agent: ").append(user_agent) +
           "\r\n";
}

// By hand, because this is done for every call: appending to a string looks for room at every piece.
std::string_view wire_request::write_to(std::string& buffer) const {
    const std::string length = content_length ? "Content-Length: " + std::to_string(*content_length) + "\r\n" : "";
    const bool signs = !authorization.empty();
    const std::array<std::string_view, 10> pieces = {method,
                                                     target.starts_with('/') ? " " : " /",
                                                     target,
                                                     fixed,
                                                     signs ? "Authorization: " : "",
                                                     authorization,
                                                     signs ? "\r\n" : "",
                                                     fields,
                                                     length,
                                                     "\r\n"};
    const std::string_view joined = joins_body() ? body : std::string_view();
    std::size_t size = joined.size();
    for (const auto piece : pieces)
        size += piece.size();
    if (buffer.size() < size) buffer.resize(size);
    char* to = buffer.data();
    for (const auto piece : pieces)
        to = std::copy(piece.begin(), piece.end(), to);
    std::copy(joined.begin(), joined.end(), to);
    return {buffer.data(), size};
}

}  // namespace dbxapps::net
