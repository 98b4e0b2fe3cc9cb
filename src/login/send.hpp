// From what is to go out, as src/oauth has it, to the transport, and back.
#pragma once

#include <oauth/http_request.hpp>

#include <dbxapps/transport.hpp>

#include <optional>

namespace dbxapps::login {

// `repeatable`: its use spends nothing, so it may be sent again when a kept connection fails before any answer.
transport_request outgoing(oauth::http_request, bool repeatable);
std::optional<duration> retry_after_of(const response&);
void wipe(std::string&) noexcept;

}  // namespace dbxapps::login
