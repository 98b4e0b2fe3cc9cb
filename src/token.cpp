#include <dbxapps/token.hpp>

#include <cstring>

namespace dbxapps {
namespace {

constexpr std::string_view scheme = "Bearer ";

// All of the memory: a string that was moved from is shorter than what it still holds. explicit_bzero is never
// optimised away, unlike memset on memory that is about to be freed.
void wipe(std::string& s) noexcept {
    s.resize(s.capacity());
    explicit_bzero(s.data(), s.size());
}

}  // namespace

token::token(std::string_view access_token, std::optional<duration> life) : life_(life) {
    header_.reserve(scheme.size() + access_token.size());
    header_.append(scheme).append(access_token);
}

token::~token() { wipe(header_); }

token& token::operator=(token other) noexcept {
    wipe(header_);
    header_.swap(other.header_);
    life_ = other.life_;
    return *this;
}

std::string_view token::access_token() const noexcept {
    return std::string_view(header_).substr(header_.empty() ? 0 : scheme.size());
}

}  // namespace dbxapps
