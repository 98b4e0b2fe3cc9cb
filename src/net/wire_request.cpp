#include <net/wire_request.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace dbxapps::net {

// They may hold a token.
wire_extra::~wire_extra() { explicit_bzero(fields.data(), fields.size()); }

std::string fixed_fields(const text::url& to, std::string_view user_agent) {
    return std::string(" HTTP/1.1\r\nHost: ").append(to.authority()).append("\r\nUser-Agent: ").append(user_agent) +
           "\r\n";
}

// By hand, because this is done for every call: appending to a string looks for room at every piece.
template <class Each>
void wire_request::for_each_piece(Each each) const {
    each(method);
    each(target.starts_with('/') ? std::string_view(" ") : std::string_view(" /"));
    each(target);
    each(fixed);
    if (!authorization.empty()) {
        each(std::string_view("Authorization: "));
        each(authorization);
        each(std::string_view("\r\n"));
    }
    each(fields);
    if (extra) each(extra->fields);
    if (content_length != no_length) {
        std::array<char, 20> digits;
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), content_length).ptr;
        each(std::string_view("Content-Length: "));
        each(std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())));
        each(std::string_view("\r\n"));
    }
    if (has_source() && content_length == no_length) each(std::string_view("Transfer-Encoding: chunked\r\n"));
    each(std::string_view("\r\n"));
    if (joins_body()) each(body);
}

std::size_t wire_request::size() const {
    std::size_t out = 0;
    for_each_piece([&](std::string_view piece) { out += piece.size(); });
    return out;
}

void wire_request::write_to(char* where) const {
    for_each_piece([&](std::string_view piece) { where = std::copy(piece.begin(), piece.end(), where); });
}

}  // namespace dbxapps::net
