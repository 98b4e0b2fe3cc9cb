#include <dbxapps/token.hpp>

#include <dbxapps/error.hpp>
#include <text/ascii.hpp>

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

token token::of_authorization(std::string_view value) {
    token out;
    out.header_ = value;
    return out;
}

token::~token() {
    wipe(header_);
    wipe(fields_);
}

token& token::operator=(token other) noexcept {
    wipe(header_);  // before it: short strings are copied, and leave behind what is longer
    wipe(fields_);
    header_.swap(other.header_);
    fields_.swap(other.fields_);
    unfit_ = other.unfit_;
    life_ = other.life_;
    return *this;
}

// A scheme holds no space (RFC 9110 section 11.1).
std::string_view token::access_token() const noexcept {
    return std::string_view(header_).substr(header_.find(' ') + 1);
}

token& token::unfit_for_apps(std::string_view what) noexcept {
    unfit_ = what;
    return *this;
}

token& token::workspace_field(std::string_view name, std::string_view value) {
    if (!text::is_token(name) || !text::is_field_value(value)) {
        throw error(failure(errc::token_unavailable, "the header field '" + text::printable(name, 80) +
                                                         "' that goes with the token cannot be sent"));
    }
    std::string longer;  // not by appending: what a string leaves behind when it grows is not wiped
    longer.reserve(fields_.size() + name.size() + value.size() + 4);
    longer.append(fields_).append(name).append(": ").append(value).append("\r\n");
    wipe(fields_);
    fields_.swap(longer);
    return *this;
}

}  // namespace dbxapps
