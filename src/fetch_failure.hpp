// A failed fetch of a token, as the token machine has to know it and as callers are told; and what is the same for a
// call that failed. Pure.
#pragma once

#include <core/token_state.hpp>
#include <dbxapps/error.hpp>

namespace dbxapps {

// What another try may change, and what not (RFC 6749 section 5.2; the vendor's SDKs retry 429, 502, 503 and 504).
core::fetch_fault fault_of(const failure&);

// Of errc::proxy_failed, for fetches and calls alike: it was not there (then there is a cause), or is busy; else it
// says no for good.
bool proxy_may_recover(const failure&) noexcept;

// A handshake that ended with its connection, not for a reason of TLS: there is a cause.
bool broke_off(const failure&) noexcept;

// Callers get one code for "not now", whatever it was below; the words and the cause tell the rest.
failure for_callers(failure);

}  // namespace dbxapps
