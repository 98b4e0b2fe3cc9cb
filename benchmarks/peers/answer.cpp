#include "answer.hpp"

#include <strings.h>

#include <charconv>

namespace bench {
namespace {

constexpr std::size_t most_head = 65'536;

// `name` with its colon.
bool is_field(std::string_view line, std::string_view name) {
    return line.size() > name.size() && ::strncasecmp(line.data(), name.data(), name.size()) == 0;
}

std::string_view value_of(std::string_view line, std::string_view name) {
    line.remove_prefix(name.size());
    while (!line.empty() && line.front() == ' ')
        line.remove_prefix(1);
    return line;
}

}  // namespace

bool answer::field(std::string_view line) {
    constexpr std::string_view length = "content-length:", connection = "connection:", encoding = "transfer-encoding:";
    if (is_field(line, length)) {
        const std::string_view v = value_of(line, length);
        const auto [end, fault] = std::from_chars(v.data(), v.data() + v.size(), length_);
        has_length_ = true;
        return fault == std::errc() && end == v.data() + v.size();
    }
    if (is_field(line, connection)) ends_ = value_of(line, connection) == "close";
    return !is_field(line, encoding);
}

// `lines` ends with the line end of the last field.
bool answer::head(std::string_view lines) {
    has_length_ = false;
    if (!lines.starts_with("HTTP/1.1 200 ")) return false;
    std::size_t at = lines.find("\r\n") + 2;
    while (at < lines.size()) {
        const std::size_t end = lines.find("\r\n", at);
        const char first = static_cast<char>(lines[at] | 0x20);
        if ((first == 'c' || first == 't') && !field(lines.substr(at, end - at))) return false;
        at = end + 2;
    }
    return has_length_;
}

answer::state answer::feed(std::string_view bytes) {
    if (!in_body_) {
        if (!held_.empty()) bytes = held_.append(bytes);
        const std::size_t end = bytes.find("\r\n\r\n");
        if (end == bytes.npos) {
            if (held_.empty()) held_ = bytes;
            return bytes.size() > most_head ? state::bad : state::incomplete;
        }
        if (!head(bytes.substr(0, end + 2))) return state::bad;
        bytes.remove_prefix(end + 4);
        body_.reserve(length_);
        in_body_ = true;
    }
    if (bytes.size() > length_ - body_.size()) return state::bad;
    body_.append(bytes);
    return body_.size() == length_ ? state::complete : state::incomplete;
}

}  // namespace bench
