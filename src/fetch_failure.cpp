#include <fetch_failure.hpp>

#include <utility>

namespace dbxapps {

core::fetch_fault fault_of(const failure& f) {
    if (f.is(errc::token_refused) || f.is(errc::login_required) || f.is(errc::bad_config))
        return core::fetch_fault::refused;
    if (f.is(errc::proxy_failed) && f.cause) return core::fetch_fault::transient;  // it was not there
    if (f.status == 429 || f.status == 502 || f.status == 503 || f.status == 504) return core::fetch_fault::transient;
    for (const errc e : {errc::timed_out, errc::resolve_failed, errc::connect_failed, errc::connection_lost}) {
        if (f.is(e) || f.cause == make_error_code(e)) return core::fetch_fault::transient;
    }
    return core::fetch_fault::failed;
}

failure for_callers(failure f) {
    for (const errc e : {errc::token_refused, errc::login_required, errc::bad_config, errc::not_signed_in, errc::closed,
                         errc::token_unavailable}) {
        if (f.is(e)) return f;
    }
    f.cause = f.cause ? f.cause : f.code;
    f.code = make_error_code(errc::token_unavailable);
    f.detail = "no token could be fetched: " + f.detail;
    return f;
}

}  // namespace dbxapps
