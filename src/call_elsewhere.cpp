#include <call_elsewhere.hpp>

namespace dbxapps {

failure no_outcome(net::wake why) {
    failure out(errc::timed_out, "the deadline passed; check that the client's io_context is being run");
    if (why == net::wake::cancelled) out = {errc::cancelled, "the call was cancelled"};
    if (why == net::wake::rung) out = {errc::closed, "the client was closed"};
    out.may_have_arrived = true;  // for all that is known here
    return out;
}

}  // namespace dbxapps
