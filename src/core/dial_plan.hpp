// Happy eyeballs (RFC 8305 section 5) as a pure machine: which address is tried when, and who wins.
//
// Addresses alternate between families, the family of the first one first (section 4). The next attempt starts when the
// newest one fails, or `attempt_delay` after it started. Laws: each address is tried at most once; there is at most one
// winner; whoever still runs when somebody wins is abandoned; it fails only when all have failed. An event about an
// attempt that does not run is ignored, and so is every event once the plan is over.
#pragma once

#include <dbxapps/time.hpp>

#include <cstddef>
#include <iosfwd>
#include <optional>
#include <vector>

namespace dbxapps::core {

enum class address_family { v4, v6 };

struct dial_action {
    enum class kind {
        connect,  // start connecting to address `index`
        wake,     // call tick() at `at`; replaces an earlier wake
        abandon,  // stop the attempt at `index`
        succeed,  // `index` is the connection to use; the plan is over
        fail,     // nothing left to try; the plan is over
    };
    kind what;
    std::size_t index = 0;  // into the list given to the constructor
    time_point at{};
    bool operator==(const dial_action&) const = default;
};
std::ostream& operator<<(std::ostream&, dial_action::kind);
std::ostream& operator<<(std::ostream&, const dial_action&);
using dial_actions = std::vector<dial_action>;

class dial_plan {
public:
    static constexpr duration default_attempt_delay = std::chrono::milliseconds(250);

    explicit dial_plan(const std::vector<address_family>&, duration attempt_delay = default_attempt_delay);
    void start(time_point now, dial_actions&);
    void connected(std::size_t index, time_point now, dial_actions&);
    void failed(std::size_t index, time_point now, dial_actions&);
    void tick(time_point now, dial_actions&);
    bool over() const noexcept { return over_; }
    std::size_t running() const noexcept { return running_; }

private:
    enum class attempt { untried, running, ended };
    void settle(bool next_is_due, time_point now, dial_actions&);  // every event but success ends here
    bool runs(std::size_t index) const noexcept;

    std::vector<std::size_t> order_;  // indexes in the order they are tried
    std::vector<attempt> state_;      // by index
    std::size_t next_ = 0;            // into order_
    std::size_t running_ = 0;
    std::optional<time_point> wake_;  // when the next attempt is due
    duration delay_;
    bool over_ = false;
};

}  // namespace dbxapps::core
