#include <fetch_failure.hpp>

#include <utility>

namespace dbxapps {
namespace {

bool is_busy(int status) noexcept { return status == 429 || (status >= 502 && status <= 504); }

}  // namespace

bool proxy_may_recover(const failure& f) noexcept { return f.cause || is_busy(f.status); }

bool broke_off(const failure& f) noexcept { return f.is(errc::tls_failed) && f.cause; }

core::fetch_fault fault_of(const failure& f) {
    // A person may log in at any time: the source says when to look again, unless it asked that person itself.
    if (f.is(errc::login_required)) return f.retry_after ? core::fetch_fault::failed : core::fetch_fault::refused;
    if (f.is(errc::token_refused) || f.is(errc::bad_config)) return core::fetch_fault::refused;
    if (f.is(errc::proxy_failed))
        return proxy_may_recover(f) ? core::fetch_fault::transient : core::fetch_fault::failed;
    if (is_busy(f.status) || broke_off(f)) return core::fetch_fault::transient;
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
