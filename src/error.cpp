#include <dbxapps/error.hpp>

#include <array>
#include <utility>

namespace dbxapps {
namespace {

struct entry {
    std::string_view name;
    std::string_view words;
};

// In the order of the enumerators, from 1.
constexpr std::array<entry, 28> entries{{
    {"timed_out", "the deadline passed"},
    {"cancelled", "the call was cancelled"},
    {"closed", "the client or token cache is closed"},
    {"overloaded", "too many calls are waiting"},
    {"bad_request", "the request cannot be sent as written"},
    {"resolve_failed", "the host name has no address"},
    {"connect_failed", "the host cannot be reached"},
    {"tls_failed", "the TLS handshake failed"},
    {"proxy_failed", "the proxy failed"},
    {"connection_lost", "the connection was lost"},
    {"bad_response", "the answer is not proper HTTP"},
    {"response_too_large", "the answer is over its limit"},
    {"truncated_stream", "the stream ended early"},
    {"token_refused", "the token endpoint refused for good"},
    {"token_unavailable", "no token could be fetched"},
    {"login_required", "a person has to log in"},
    {"bad_config", "a setting is missing or wrong"},
    {"not_signed_in", "the front door does not accept the token"},
    {"no_permission", "the caller may not use the app"},
    {"ip_blocked", "the caller's address is blocked"},
    {"private_link", "the workspace is reachable by private link only"},
    {"app_not_found", "there is no such app"},
    {"app_stopped", "the app is stopped"},
    {"app_unavailable", "the app is not serving"},
    {"front_door_timeout", "the front door gave up waiting for the app"},
    {"rate_limited", "too many requests"},
    {"circuit_open", "the app failed too often"},
    {"host_not_allowed", "the token may not go to this host"},
}};
static_assert(entries.size() == static_cast<std::size_t>(errc::host_not_allowed));

const entry* find(int value) noexcept {
    if (value < 1 || value > static_cast<int>(entries.size())) return nullptr;
    return &entries[static_cast<std::size_t>(value - 1)];
}

class category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "dbxapps"; }
    std::string message(int value) const override {
        const entry* e = find(value);
        return e ? std::string(e->words) : "unknown dbxapps error " + std::to_string(value);
    }
};

std::string what_of(const failure& f) {
    const entry* e = f.code.category() == error_category() ? find(f.code.value()) : nullptr;
    std::string text(e ? std::string(e->name) : f.code.message());
    if (!f.detail.empty()) text += ": " + f.detail;
    return text;
}

}  // namespace

const boost::system::error_category& error_category() noexcept {
    static const category instance;
    return instance;
}

error_code make_error_code(errc e) noexcept { return {static_cast<int>(e), error_category()}; }

std::string_view to_string(errc e) noexcept {
    const entry* found = find(static_cast<int>(e));
    return found ? found->name : "unknown";
}

failure::failure(errc c, std::string words, error_code why)
    : code(make_error_code(c)), cause(why), detail(std::move(words)) {}

error::error(failure f) : system_error(f.code), why_(std::move(f)), text_(what_of(why_)) {}

void throw_exception_from_error(const failure& f, const boost::source_location&) { throw error(f); }

}  // namespace dbxapps
