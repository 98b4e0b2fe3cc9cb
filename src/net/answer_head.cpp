#include <net/answer_head.hpp>

#include <net/response_builder.hpp>
#include <text/ascii.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace dbxapps::net {
namespace {

constexpr complaint none;
constexpr complaint bad_start = "is not HTTP/1.1: its first line is no status line";
constexpr complaint bad_field = "breaks the rules of HTTP/1.1: a line of its head is no field";
constexpr complaint bad_length = "breaks the rules of HTTP/1.1: its Content-Length is no number, or there are several";
constexpr complaint two_framings =
    "breaks the rules of HTTP/1.1: it has a Content-Length beside a Transfer-Encoding, or two of "
    "the latter";
constexpr complaint bad_trailer =
    "breaks the rules of HTTP/1.1: a line of its trailers is no field, or a framing field";
constexpr complaint bad_chunk = "breaks the rules of HTTP/1.1: the line of a chunk is wrong";

enum char_class : unsigned char { in_token = 1, in_value = 2 };

constexpr std::array<unsigned char, 256> classes = [] {
    std::array<unsigned char, 256> out{};
    for (int c = 0; c < 256; ++c) {
        const bool visible = c > 0x20 && c < 0x7f;
        const bool separator =
            std::string_view("\"(),/:;<=>?@[\\]{}").find(static_cast<char>(c)) != std::string_view::npos;
        if (visible && !separator) out[static_cast<std::size_t>(c)] |= in_token;
        if (c == '\t' || (c >= 0x20 && c != 0x7f)) out[static_cast<std::size_t>(c)] |= in_value;
    }
    return out;
}();

bool all(std::string_view s, char_class wanted) {
    return std::all_of(s.begin(), s.end(),
                       [=](char c) { return (classes[static_cast<unsigned char>(c)] & wanted) != 0; });
}

// No control characters but tabs; eight bytes at a time. A word that may hold one (or a tab) is looked at by byte.
bool is_value(std::string_view s) {
    constexpr std::uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;
    for (; s.size() >= 8; s.remove_prefix(8)) {
        std::uint64_t word;
        std::memcpy(&word, s.data(), 8);
        const std::uint64_t del = word ^ ones * 0x7f;
        const bool suspect = (((word - ones * 0x20) & ~word) | ((del - ones) & ~del)) & tops;
        if (suspect && !all(s.substr(0, 8), in_value)) return false;
    }
    return all(s, in_value);
}
bool is_blank(char c) { return c == ' ' || c == '\t'; }

complaint read_status_line(std::string_view line, answer_head& out) {
    constexpr std::string_view shortest = "HTTP/1.1 200 ";
    if (line.size() < shortest.size() || !line.starts_with("HTTP/1.")) return bad_start;
    const bool spaced = line[8] == ' ' && line[12] == ' ';
    if ((line[7] != '0' && line[7] != '1') || !spaced || !is_value(line.substr(13))) return bad_start;
    out.old = line[7] == '0';
    for (const char c : line.substr(9, 3)) {
        if (!text::is_digit(c)) return bad_start;
        out.status = out.status * 10 + (c - '0');
    }
    return out.status < 100 ? complaint("has a status below 100") : none;
}

// Calls `each` with the members of a list; ends, and says false, as soon as it does.
template <class F>
bool for_each_member(std::string_view list, F each) {
    for (;;) {
        const auto comma = std::min(list.find(','), list.size());
        if (!each(text::trimmed(list.substr(0, comma)))) return false;
        if (comma == list.size()) return true;
        list.remove_prefix(comma + 1);
    }
}

complaint read_length(std::string_view value, answer_head& out) {
    if (out.chunked) return two_framings;
    const bool agree = for_each_member(value, [&](std::string_view member) {
        const auto number = text::parse_number(member);
        if (!number || (out.length && *out.length != *number)) return false;
        out.length = number;
        return true;
    });
    return agree ? none : bad_length;
}

complaint read_coding(std::string_view value, answer_head& out) {
    if (!text::same(value, "chunked")) return "has a Transfer-Encoding other than chunked";
    if (out.chunked || out.length) return two_framings;
    out.chunked = true;
    return none;
}

void read_connection(std::string_view value, answer_head& out) {
    for_each_member(value, [&](std::string_view member) {
        out.says_close = out.says_close || text::same(member, "close");
        out.says_keep = out.says_keep || text::same(member, "keep-alive");
        return true;
    });
}

complaint read_field(std::string_view name, std::string_view value, answer_head& out, response_builder& fields) {
    fields.field(name, value);
    switch (name.size()) {
        case 10:
            if (text::same(name, "connection")) read_connection(value, out);
            return none;
        case 14: return text::same(name, "content-length") ? read_length(value, out) : none;
        case 17: return text::same(name, "transfer-encoding") ? read_coding(value, out) : none;
        default: return none;
    }
}

// "name: value", cut at the colon; the name is empty if it is none.
std::pair<std::string_view, std::string_view> split_field(std::string_view line) {
    const auto colon = std::min(line.find(':'), line.size());
    const std::string_view name = line.substr(0, colon);
    if (colon == line.size() || !all(name, in_token) || !is_value(line.substr(colon))) return {};
    return {name, text::trimmed(line.substr(colon + 1))};
}

std::string_view next_line(std::string_view& text) {
    const auto end = text.find('\n');
    const std::string_view line = text.substr(0, end - 1);
    text.remove_prefix(end + 1);
    return line;
}

void pass_blanks(std::string_view& s) {
    while (!s.empty() && is_blank(s.front()))
        s.remove_prefix(1);
}

bool pass_token(std::string_view& s) {
    const auto end = std::find_if(s.begin(), s.end(), [](char c) { return !all({&c, 1}, in_token); });
    const auto size = static_cast<std::size_t>(end - s.begin());
    s.remove_prefix(size);
    return size > 0;
}

bool pass_quoted(std::string_view& s) {
    for (std::size_t at = 1; at < s.size(); ++at) {
        if (!all(s.substr(at, 1), in_value)) return false;
        if (s[at] == '"') {
            s.remove_prefix(at + 1);
            return true;
        }
        if (s[at] == '\\' && (++at == s.size() || !all(s.substr(at, 1), in_value))) return false;
    }
    return false;
}

bool is_extension(std::string_view s) {
    while (!s.empty()) {
        pass_blanks(s);
        if (!s.starts_with(';')) return false;
        s.remove_prefix(1);
        pass_blanks(s);
        if (!pass_token(s)) return false;
        std::string_view value = s;
        pass_blanks(value);
        if (!value.starts_with('=')) continue;
        value.remove_prefix(1);
        pass_blanks(value);
        if (!(value.starts_with('"') ? pass_quoted(value) : pass_token(value))) return false;
        s = value;
    }
    return true;
}

int hex_value(char c) {
    if (text::is_digit(c)) return c - '0';
    const char l = text::lower(c);
    return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

}  // namespace

complaint read_head(std::string_view text, answer_head& out, response_builder& fields) {
    if (const auto wrong = read_status_line(next_line(text), out); !wrong.empty()) return wrong;
    fields.status(out.status);
    fields.expect_head(text.size());
    for (std::string_view line = next_line(text); !line.empty(); line = next_line(text)) {
        auto [name, value] = split_field(line);
        if (name.empty()) return bad_field;
        std::string unfolded;  // a value of several lines (obs-fold, RFC 9112 section 5.2)
        while (is_blank(text.front())) {
            const std::string_view more = next_line(text);
            if (!is_value(more)) return bad_field;
            if (value.data() != unfolded.data()) unfolded = value;
            unfolded.append(unfolded.empty() ? "" : " ").append(text::trimmed(more));
            value = unfolded;
        }
        if (const auto wrong = read_field(name, value, out, fields); !wrong.empty()) return wrong;
    }
    return none;
}

complaint check_trailer(std::string_view line, bool first) {
    if (!first && is_blank(line.front())) return is_value(line) ? none : bad_trailer;
    const auto name = split_field(line).first;
    const bool framing = text::same(name, "content-length") || text::same(name, "transfer-encoding");
    return name.empty() || framing ? bad_trailer : none;
}

complaint read_chunk_line(std::string_view line, std::uint64_t& size) {
    std::size_t digits = 0;
    size = 0;
    for (; digits < line.size() && hex_value(line[digits]) >= 0; ++digits) {
        if (size >> 60 != 0) return bad_chunk;
        size = size << 4 | static_cast<std::uint64_t>(hex_value(line[digits]));
    }
    return digits > 0 && is_extension(line.substr(digits)) ? none : bad_chunk;
}

}  // namespace dbxapps::net
