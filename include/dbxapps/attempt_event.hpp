// What happens during a call, one event at a time, for logs and traces of your own.
//
// A hook is called from whatever thread runs the call, maybe from several at once, and the call waits for it: it must
// not block. What it throws is swallowed. No event has room for a header value, a query, a body or a token; the path is
// shown as it was asked for, so keep it out of what you write (without_path) if yours hold something private.
#pragma once

#include <dbxapps/error.hpp>
#include <dbxapps/time.hpp>
#include <dbxapps/trace_context.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace dbxapps {

enum class attempt_step {
    started,      // an attempt begins: it looks for a connection, and sends; should a kept one have died, on a new one
    answered,     // an answer came: status, and code if it is the front door's own
    failed,       // none came: code
    will_repeat,  // there will be another attempt: reason and wait
    finished,     // the call is over: status or code, and took counts from its entry
};

enum class repeat_reason {
    none,
    retry,   // the answer or the network says that later may help
    replay,  // the front door refused the token; there is a newer one
};

std::string_view to_string(attempt_step) noexcept;   // "will_repeat"
std::string_view to_string(repeat_reason) noexcept;  // "retry"

class attempt_event {
public:
    // `target`: path and query, of which the path is kept. The texts have to outlive the event.
    attempt_event(attempt_step step, std::string_view method, std::string_view origin,
                  std::string_view target) noexcept;

    // These views live as long as the hook's own call.
    std::string_view method() const noexcept { return method_; }
    std::string_view origin() const noexcept { return origin_; }  // https://host:port, as the request has it
    std::string_view path() const noexcept { return path_; }
    attempt_event without_path() const noexcept;

    attempt_step step;
    int attempt = 0;                             // 1: the first
    int status = 0;                              // 0: none came
    std::optional<errc> code{};                  // how it failed
    repeat_reason reason = repeat_reason::none;  // of will_repeat
    duration wait{};                             // before the next attempt
    duration took{};                             // so far, since the attempt began
    trace_context trace{};                       // of the attempt, as its traceparent has it; invalid: it has none

private:
    std::string_view method_, origin_, path_;
};

using attempt_hook = std::function<void(const attempt_event&)>;

// One line in the style of logfmt, without an end of line: "event=answered method=GET origin=https://a.example path=/
// attempt=1 status=200 ms=12.3". Nothing in it can forge another field or line; what is not printable is shown as \xNN.
std::string log_line(const attempt_event&);
constexpr std::size_t longest_log_line = 4096;

}  // namespace dbxapps
