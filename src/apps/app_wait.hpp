// What to do next while somebody waits for an app to serve, or to stop. Pure: (event, now) -> action.
//
// A command that the workspace refuses for the app's state is no failure yet: the state decides. What may pass is
// ridden out once the workspace has answered at all. Not thread-safe.
#pragma once

#include <dbxapps/app_info.hpp>
#include <dbxapps/error.hpp>

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>

namespace dbxapps::apps {

enum class app_goal {
    served,   // wait until it serves
    started,  // start it, then the same
    stopped,  // stop it, then wait until it has
};

struct app_action {
    enum class kind {
        command,  // tell the workspace to start or to stop it; then took() or failed()
        ask,      // ask for its state; then saw() or failed()
        wait,     // for `delay`; then woke()
        done,     // it is as wanted
        fail,     // `why`
    };
    kind what;
    duration delay{};
    failure why;
};
std::ostream& operator<<(std::ostream&, app_action::kind);

// Asking again may bring something else: the network or the workspace was not up to it.
bool may_pass(const failure&) noexcept;

class app_wait {
public:
    // `who`: the app, for error texts: "the app orders of https://host".
    app_wait(app_goal, std::string who, time_point began, duration within);

    app_action begin() const;
    app_action took() noexcept;
    // `random`: uniform over all 64 bits, here and below.
    app_action saw(const app_info&, time_point now, std::uint64_t random);
    app_action failed(failure, time_point now, std::uint64_t random);
    app_action woke(time_point now) const;

    // How long the next request may take; more than nothing.
    duration request_within(time_point now) const noexcept;
    // What was seen last is another state than what was seen before.
    bool news() const noexcept { return news_; }

private:
    bool reached(const app_info&) const noexcept;
    bool on_its_way(const app_info&) const noexcept;
    app_action later(time_point now, duration at_least, std::uint64_t random);
    app_action out_of_time() const;
    std::string last_words() const;

    const app_goal goal_;
    const std::string who_;
    const time_point deadline_;
    const duration within_;
    bool commanding_;
    bool answered_ = false;  // the workspace, whatever it said
    int waits_ = 0;
    bool news_ = false;
    std::optional<app_info> last_;
    std::optional<failure> refused_;  // the command
    std::optional<failure> trouble_;  // since the last state was seen
};

}  // namespace dbxapps::apps
