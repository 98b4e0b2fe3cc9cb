#include <config/config_error.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <utility>

namespace dbxapps::config {
namespace {

struct entry {
    std::string_view name;
    errc code = errc::bad_config;
};

// In the order of the enumerators, from 1.
constexpr std::array<entry, 15> entries{{
    {"no_credentials"},
    {"conflict"},
    {"profile_missing"},
    {"reserved_profile"},
    {"unknown_auth_type"},
    {"no_host"},
    {"bad_value"},
    {"credential_source", errc::token_refused},
    {"cli_command"},
    {"cli_not_found"},
    {"legacy_cli"},
    {"login_required", errc::login_required},
    {"scopes_unsupported"},
    {"scope_mismatch", errc::login_required},
    {"parse"},
}};
static_assert(entries.size() == static_cast<std::size_t>(config_error::parse));

constexpr entry unknown{"unknown"};

const entry& entry_of(int value) noexcept {
    if (value < 1 || value > static_cast<int>(entries.size())) return unknown;
    return entries[static_cast<std::size_t>(value - 1)];
}

class category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "dbxapps.config"; }
    std::string message(int value) const override { return std::string(entry_of(value).name); }
};

}  // namespace

std::string_view to_string(config_error e) noexcept { return entry_of(static_cast<int>(e)).name; }

errc code_of(config_error e) noexcept { return entry_of(static_cast<int>(e)).code; }

errc code_of_system(const error_code& why) noexcept {
    constexpr std::array passing{EMFILE, ENFILE, ENOMEM, EINTR, EAGAIN, EIO, ENOSPC, EDQUOT, ESTALE, EBUSY};
    const bool may_pass = std::find(passing.begin(), passing.end(), why.value()) != passing.end();
    return may_pass ? errc::token_unavailable : errc::bad_config;
}

boost::system::error_code make_error_code(config_error e) noexcept {
    static const category instance;
    return {static_cast<int>(e), instance};
}

config_error kind_of(const failure& f) noexcept {
    if (f.cause.category() == make_error_code(config_error::parse).category()) {
        return static_cast<config_error>(f.cause.value());
    }
    if (f.is(errc::login_required)) return config_error::login_required;
    return f.is(errc::bad_config) ? config_error::bad_value : config_error::credential_source;
}

failure failed(config_error e, std::string detail) { return {code_of(e), std::move(detail), e}; }

}  // namespace dbxapps::config
