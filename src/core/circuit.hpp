// Is an app so surely down that calls had better fail at once? A pure machine; see circuit_options.
//
// Closed, it lets everybody through. Open, it lets one call through when its time has passed, and the others have to
// wait for its report; should it never report, another goes after most_open.
#pragma once

#include <dbxapps/circuit_options.hpp>
#include <dbxapps/time.hpp>

namespace dbxapps::core {

class circuit {
public:
    explicit circuit(const circuit_options& rules) noexcept : rules_(rules) {}

    bool let_through(time_point now) noexcept;
    void went_well() noexcept;
    void went_badly(time_point began, time_point now) noexcept;
    void said_nothing(time_point began, time_point now) noexcept;  // of the app: if it was the look, the next may go

    bool open() const noexcept { return open_; }
    bool looks(time_point now) const noexcept { return open_ && (looking_ || now >= until_); }  // one may, or does
    bool calm() const noexcept { return failures_ == 0; }  // nothing is held against the app
    int failures() const noexcept { return failures_; }    // in a row
    duration wait(time_point now) const noexcept { return until_ > now ? until_ - now : duration::zero(); }

private:
    circuit_options rules_;
    bool open_ = false;
    bool looking_ = false;  // somebody is
    int failures_ = 0;
    time_point first_{};   // of those failures
    time_point opened_{};  // what began before knows nothing new
    time_point until_{};   // while open: nobody before that
    duration open_for_{};
};

}  // namespace dbxapps::core
