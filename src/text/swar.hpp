// Eight bytes of text at a time, in one word. Each question marks the top bit of every byte that fits, and of no other.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace dbxapps::text::swar {

using word = std::uint64_t;
constexpr std::size_t bytes = sizeof(word);
constexpr word ones = 0x0101010101010101, tops = 0x8080808080808080;

inline word load(const char* from) noexcept {
    word out;
    std::memcpy(&out, from, bytes);
    if constexpr (std::endian::native == std::endian::big) out = __builtin_bswap64(out);
    return out;
}
// Nothing is carried from byte to byte: their top bits are set before a limit is taken away, and cleared before
// anything is added.
constexpr word below(word w, unsigned char limit) noexcept {  // limit <= 0x80
    return ~((w | tops) - ones * limit) & ~w & tops;
}
constexpr word equal(word w, unsigned char c) noexcept { return below(w ^ ones * c, 1); }
constexpr word controls(word w) noexcept {
    return (~((w | tops) - ones * 0x20) | ((w & ~tops) + ones)) & ~w & tops;  // below 0x20, or 0x7f
}
constexpr std::size_t lowest(word marks) noexcept { return static_cast<std::size_t>(std::countr_zero(marks)) / 8; }

}  // namespace dbxapps::text::swar
