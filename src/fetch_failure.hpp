// A failed fetch of a token, as the token machine has to know it and as callers are told. Pure.
#pragma once

#include <core/token_state.hpp>
#include <dbxapps/error.hpp>

namespace dbxapps {

// What another try may change, and what not (RFC 6749 section 5.2; the vendor's SDKs retry 429, 502, 503 and 504).
core::fetch_fault fault_of(const failure&);

// Callers get one code for "not now", whatever it was below; the words and the cause tell the rest.
failure for_callers(failure);

}  // namespace dbxapps
