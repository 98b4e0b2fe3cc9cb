#include <emulator/random.hpp>

#include <openssl/rand.h>

#include <stdexcept>

namespace dbxapps::emulated {

std::string random_hex(std::size_t digits) {
    constexpr char hex[] = "0123456789abcdef";
    std::string out(digits, '\0');
    auto* const bytes = reinterpret_cast<unsigned char*>(out.data());
    if (RAND_bytes(bytes, static_cast<int>(digits)) != 1) throw std::runtime_error("no random bytes");
    for (char& c : out)
        c = hex[static_cast<unsigned char>(c) & 15];
    return out;
}

std::string random_uuid() {
    std::string id = random_hex(36);
    for (const std::size_t dash : {8, 13, 18, 23})
        id[dash] = '-';
    id[14] = '4';
    id[19] = "89ab"[id[19] & 3];
    return id;
}

}  // namespace dbxapps::emulated
