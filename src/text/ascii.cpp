#include <text/ascii.hpp>
#include <text/swar.hpp>

#include <algorithm>
#include <bit>
#include <charconv>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace dbxapps::text {

bool detail::same_letters(std::string_view a, std::string_view b) noexcept {
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] != b[i] && lower(a[i]) != lower(b[i])) return false;
    }
    return true;
}

std::string lowered(std::string_view s) {
    std::string out(s);
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}

bool is_token(std::string_view s) noexcept { return !s.empty() && std::all_of(s.begin(), s.end(), is_token_char); }

std::size_t find_control(std::string_view s) noexcept {
    std::size_t at = 0;
#ifdef __SSE2__
    for (const __m128i last = _mm_set1_epi8(0x1f); s.size() - at >= 16; at += 16) {
        const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(s.data() + at));
        const __m128i low = _mm_cmpeq_epi8(_mm_max_epu8(block, last), last);
        const int marks = _mm_movemask_epi8(_mm_or_si128(low, _mm_cmpeq_epi8(block, _mm_set1_epi8(0x7f))));
        if (marks != 0) return at + static_cast<std::size_t>(std::countr_zero(static_cast<unsigned>(marks)));
    }
#endif
    for (; s.size() - at >= swar::bytes; at += swar::bytes) {
        if (const auto marks = swar::controls(swar::load(s.data() + at))) return at + swar::lowest(marks);
    }
    while (at < s.size() && !is_control(s[at]))
        ++at;
    return at;
}

bool is_field_value(std::string_view s) noexcept {
    for (;;) {
        const std::size_t at = find_control(s);
        if (at == s.size()) return true;
        if (s[at] != '\t') return false;
        s.remove_prefix(at + 1);
    }
}

std::optional<std::uint64_t> parse_number(std::string_view s) noexcept {
    std::uint64_t value = 0;
    const auto [end, ec] = std::from_chars(s.data(), s.data() + s.size(), value);
    if (s.empty() || !is_digit(s[0]) || ec != std::errc() || end != s.data() + s.size()) return std::nullopt;
    return value;
}

std::string printable(std::string_view s, std::size_t limit) {
    std::string out(s.substr(0, limit));
    std::replace_if(
        out.begin(), out.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '.');
    if (s.size() > limit) out += "...";
    return out;
}

std::vector<std::string> words_of(std::string_view s) {
    std::vector<std::string> out;
    while (!s.empty()) {
        const std::string_view word = s.substr(0, s.find(' '));
        s.remove_prefix(std::min(s.size(), word.size() + 1));
        if (!word.empty()) out.emplace_back(word);
    }
    return out;
}

}  // namespace dbxapps::text
