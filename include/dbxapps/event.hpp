// One event of a stream, and how large it may be (HTML Living Standard, section 9.2).
#pragma once

#include <cstddef>
#include <string>

namespace dbxapps {

struct event {
    std::string type;  // "message" unless the stream names another
    std::string data;  // its lines, joined by LF
    std::string id;    // the last event id: of this event, or of one before it
    bool operator==(const event&) const = default;
};

struct event_limits {             // in bytes; beyond one of them the stream fails
    std::size_t line = 1 << 20;   // without its ending, whatever stands in it
    std::size_t event = 1 << 20;  // type, data and id together
};

}  // namespace dbxapps
