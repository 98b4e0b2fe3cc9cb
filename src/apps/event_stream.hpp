// Server-Sent Events, parsed from bytes as they come (HTML Living Standard, section 9.2.6). Pure.
//
// Holds one unfinished line and one unfinished event, both within limits; an event that the stream's end cuts off is
// never given out. Bytes that are no UTF-8 are passed on as they are. Errors: problem(), and then nothing more comes.
// Distinct objects: safe. Shared objects: unsafe.
#pragma once

#include <dbxapps/event.hpp>
#include <dbxapps/time.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace dbxapps::apps {

class event_stream {
public:
    explicit event_stream(event_limits limits = {}) : limits_(limits) {}

    // The next event that ends within `piece`, whose bytes up to there are taken away. Nothing: the whole piece is
    // used up, or failed(). A blank line that ends in CR ends the event at once: a LF in the next piece belongs to it.
    std::optional<event> next(std::string_view& piece);

    bool failed() const noexcept { return !problem_.empty(); }
    const std::string& problem() const noexcept { return problem_; }  // in words; empty unless failed()
    // Something of an event is held that no blank line has ended: what the end of the stream would lose.
    bool mid_event() const noexcept;
    // How long to wait before connecting again, if the stream said so; more than a day is a day.
    std::optional<duration> retry() const noexcept { return retry_; }
    // What to connect again with, as Last-Event-ID. That of an unfinished event does not count yet.
    const std::string& last_event_id() const noexcept { return last_id_; }

private:
    bool take_line(std::string_view);  // true: it ended an event, which has data
    void take_field(std::string_view name, std::string_view value);
    event give_out();

    event_limits limits_;
    std::string problem_;
    std::string line_;  // as much of it as came
    bool first_line_ = true;
    bool after_cr_ = false;  // a LF here is the second half of a line ending
    bool begun_ = false;     // a field of an event came since the last blank line
    bool has_data_ = false;  // then data_ is a line at least, which may be empty
    std::string type_, data_, id_;
    std::string last_id_;
    std::optional<duration> retry_;
};

}  // namespace dbxapps::apps
