#include <call_elsewhere.hpp>

namespace dbxapps {

failure no_outcome(net::wake why) {
    if (why == net::wake::cancelled) return {errc::cancelled, "the call was cancelled"};
    if (why == net::wake::rung) return {errc::closed, "the client was closed"};
    return {errc::timed_out, "the deadline passed; check that the client's io_context is being run"};
}

}  // namespace dbxapps
