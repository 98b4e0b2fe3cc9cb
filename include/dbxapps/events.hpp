// Server-Sent Events of an app (HTML Living Standard, section 9.2), from a stream that says when it is complete.
//
// The front door cuts a stream after 300 s with a clean end, so an end proves nothing: a stream has to end with a
// marker of its app's, named here, or else it ends as errc::truncated_stream. Yours alone; one wait at a time; see
// response_stream, whose errors and cancellation these are.
#pragma once

#include <dbxapps/client.hpp>
#include <dbxapps/event.hpp>
#include <dbxapps/response_stream.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dbxapps {

// Is this event the stream's last?
using end_marker = std::function<bool(const event&)>;
end_marker ends_with_data(std::string data);                 // "[DONE]" of the agent servers of MLflow and OpenAI
end_marker ends_with_types(std::vector<std::string> types);  // {"complete", "error"} of Gradio
end_marker ends_anywhere();  // the stream has no marker: its end counts, and a cut cannot be told from it

class event_reader {
public:
    event_reader() noexcept;  // empty: ends as errc::closed
    event_reader(response_stream, end_marker, event_limits = event_limits());
    event_reader(event_reader&&) noexcept;
    event_reader& operator=(event_reader&&) noexcept;
    ~event_reader();

    // The next event, the marker among them; nothing after the marker. errc::truncated_stream: the stream ended without
    // one, or broke off; errc::response_too_large: a line or an event is over its limit.
    boost::asio::awaitable<result<std::optional<event>>> next();

    const response& head() const noexcept;
    // For going on where this one ended: send it as Last-Event-ID (empty: nothing to send), after a pause of retry().
    const std::string& last_event_id() const noexcept;
    std::optional<duration> retry() const noexcept;  // what the stream asked for, a day at most

private:
    class impl;
    std::shared_ptr<impl> impl_;
};

// Opens the request as a stream of events: asks for text/event-stream, and takes nothing else for one. An answer with
// another status than 200 or another type is errc::bad_response, with its status.
boost::asio::awaitable<result<event_reader>> open_events(client, request, end_marker, event_limits = event_limits());

}  // namespace dbxapps
