#include <dbxapps/attempt_event.hpp>

#include <text/encoding.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace dbxapps {
namespace {

bool is_printable(char c) noexcept { return c >= 0x20 && c <= 0x7e; }
bool is_bare(char c) noexcept { return is_printable(c) && c != ' ' && c != '=' && c != '"' && c != '\\'; }

std::string quoted(std::string_view value) {
    std::string out = "\"";
    for (const char c : value) {
        if (c == '"' || c == '\\') out += '\\';
        if (is_printable(c)) {
            out += c;
        } else {
            const std::array<std::uint8_t, 1> byte{static_cast<std::uint8_t>(c)};
            out += "\\x" + text::hex(byte);
        }
    }
    return out += '"';
}

class line {
public:
    line& add(std::string_view key, std::string_view value, std::size_t limit = 100) {
        std::string shown(value.substr(0, limit));
        if (shown.size() < value.size()) shown += "...";
        const bool bare = !shown.empty() && std::all_of(shown.begin(), shown.end(), is_bare);
        if (!out_.empty()) out_ += ' ';
        out_.append(key).append("=").append(bare ? shown : quoted(shown));
        return *this;
    }
    line& add(std::string_view key, int value) { return add(key, std::to_string(value)); }
    line& add_ms(std::string_view key, duration value) {
        std::array<char, 40> text;
        const double ms = std::chrono::duration<double, std::milli>(value).count();
        const auto end = std::to_chars(text.data(), text.data() + text.size(), ms, std::chars_format::fixed, 1).ptr;
        return add(key, std::string_view(text.data(), end));
    }
    std::string finish() && { return std::move(out_); }

private:
    std::string out_;
};

}  // namespace

// The limits of the texts keep the line below longest_log_line, if every byte of theirs takes four.
std::string log_line(const attempt_event& e) {
    line out;
    out.add("event", to_string(e.step)).add("method", e.method(), 32).add("origin", e.origin(), 280);
    if (!e.path().empty()) out.add("path", e.path(), 512);
    out.add("attempt", e.attempt);
    if (e.status != 0) out.add("status", e.status);
    if (e.code) out.add("error", to_string(*e.code));
    if (e.reason != repeat_reason::none) out.add("reason", to_string(e.reason)).add_ms("wait_ms", e.wait);
    if (e.step != attempt_step::started) out.add_ms("ms", e.took);
    if (e.trace.valid()) out.add("trace_id", text::hex(e.trace.trace_id)).add("span_id", text::hex(e.trace.span_id));
    return std::move(out).finish();
}

}  // namespace dbxapps
