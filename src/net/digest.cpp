#include <net/digest.hpp>

#include <openssl/rand.h>
#include <openssl/sha.h>

namespace dbxapps::net {

std::array<std::uint8_t, 32> sha256(std::string_view text) noexcept {
    std::array<std::uint8_t, 32> out{};
    ::SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data());
    return out;
}

result<std::string> random_bytes(std::size_t size) {
    std::string out(size, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(size)) != 1)
        return failure(errc::token_unavailable, "the system gives no random bytes, which a login needs");
    return out;
}

}  // namespace dbxapps::net
