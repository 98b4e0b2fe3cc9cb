#include <net/answer_head.hpp>

#include <net/response_builder.hpp>
#include <text/ascii.hpp>

#include <algorithm>
#include <string>

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

complaint read_status_line(std::string_view line, answer_head& out) {
    constexpr std::string_view shortest = "HTTP/1.1 200 ";
    if (line.size() < shortest.size() || !line.starts_with("HTTP/1.")) return bad_start;
    const bool spaced = line[8] == ' ' && line[12] == ' ';
    if ((line[7] != '0' && line[7] != '1') || !spaced) return bad_start;
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

// The usual spelling is recognised at a glance.
template <std::size_t N>
bool is_called(std::string_view name, const char (&usual)[N]) {
    return name == std::string_view(usual, N - 1) || text::same(name, {usual, N - 1});
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
    if (!is_called(value, "chunked")) return "has a Transfer-Encoding other than chunked";
    if (out.chunked || out.length) return two_framings;
    out.chunked = true;
    return none;
}

void read_connection(std::string_view value, answer_head& out) {
    for_each_member(value, [&](std::string_view member) {
        out.says_close = out.says_close || is_called(member, "close");
        out.says_keep = out.says_keep || is_called(member, "keep-alive");
        return true;
    });
}

complaint read_field(std::string_view name, std::string_view value, answer_head& out) {
    switch (name.size()) {
        case 10:
            if (is_called(name, "Connection")) read_connection(value, out);
            return none;
        case 14: return is_called(name, "Content-Length") ? read_length(value, out) : none;
        case 16: out.codings += is_called(name, "Content-Encoding") ? 1 : 0; return none;
        case 17: return is_called(name, "Transfer-Encoding") ? read_coding(value, out) : none;
        default: return none;
    }
}

// How much of it, at its beginning, is a token.
std::size_t token_size(std::string_view s) {
    std::size_t size = 0;
    while (size < s.size() && text::is_token_char(s[size]))
        ++size;
    return size;
}

// "name: value", by the size of the name; 0 if it is none. Behind a line stands its CR, which is part of no name, so
// its end need not be looked for.
std::size_t name_size(const char* line) {
    const char* end = line;
    while (text::is_token_char(*end))
        ++end;
    return *end == ':' ? static_cast<std::size_t>(end - line) : 0;
}

// Values of several lines (obs-fold) become one line each (RFC 9112 section 5.2), and then the head is read again.
complaint read_folded(std::string_view text, const head_lines& lines, answer_head& out, response_builder& fields) {
    std::string flat;
    for (std::size_t n = 0; n < lines.count(); ++n) {
        const std::string_view line = lines.line(text, n);
        if (text::is_blank(line.front())) {
            while (text::is_blank(flat.back()))
                flat.pop_back();
            flat.append(" ").append(text::trimmed(line));
        } else {
            flat.append(n == 0 ? "" : "\r\n").append(line);
        }
    }
    flat.append("\r\n\r\n");
    head_lines of_flat;
    of_flat.find(flat);
    out = {};
    return read_head(flat, of_flat, out, fields);
}

void pass_blanks(std::string_view& s) {
    while (!s.empty() && text::is_blank(s.front()))
        s.remove_prefix(1);
}

bool pass_token(std::string_view& s) {
    const std::size_t size = token_size(s);
    s.remove_prefix(size);
    return size > 0;
}

bool pass_quoted(std::string_view& s) {
    for (std::size_t at = 1; at < s.size(); ++at) {
        if (!text::is_field_value(s.substr(at, 1))) return false;
        if (s[at] == '"') {
            s.remove_prefix(at + 1);
            return true;
        }
        if (s[at] == '\\' && (++at == s.size() || !text::is_field_value(s.substr(at, 1)))) return false;
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

complaint read_head(std::string_view text, const head_lines& lines, answer_head& out, response_builder& fields) {
    if (const auto wrong = read_status_line(lines.line(text, 0), out); !wrong.empty()) return wrong;
    for (std::size_t n = 1; n < lines.count(); ++n) {
        const std::string_view line = lines.line(text, n);
        const std::size_t size = name_size(line.data());
        if (size == 0) return bad_field;
        if (text::is_blank(text[lines.begin_of(n + 1)])) return read_folded(text, lines, out, fields);
        const std::string_view value = text::trimmed(line.substr(size + 1));
        if (const auto wrong = read_field(line.substr(0, size), value, out); !wrong.empty()) return wrong;
    }
    const std::size_t begin = lines.begin_of(1);
    fields.head(out.status, text.substr(begin, lines.head_size() - 2 - begin), lines.count() - 1, out.codings == 1);
    return none;
}

complaint bad_line(head_lines::state what, std::size_t line) {
    if (what == head_lines::state::no_cr) return "is not HTTP/1.1: a line of its head ends without CR";
    return line == 0 ? bad_start : bad_field;
}

complaint check_trailer(std::string_view line, bool first) {
    if (!text::is_field_value(line)) return bad_trailer;
    if (!first && text::is_blank(line.front())) return none;
    const std::string_view name = line.substr(0, name_size(line.data()));
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
