// Unified authentication: the ways in that settings allow, tried in their order until one gives a token, which then
// stays (facts: Databricks authentication, 2.0). auth_type leaves one of them, and its failures are the caller's.
//
// A way in that says no for good makes room for the next one. An outage does not: who is logged in must not depend on
// it, so the fetch fails and is tried again. A host is asked on which cloud it is when the turn comes to a way in that
// hangs on that.
#pragma once

#include <login/make_source.hpp>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace dbxapps::login {

// The members but fetch() may be called from any thread.
class first_that_works final : public token_source {
public:
    using maker = decltype(&make_source);
    first_that_works(config::resolved, config::surroundings, maker = make_source);

    boost::asio::awaitable<result<token>> fetch(transport&, time_point deadline) override;
    bool may_repeat() const noexcept override;
    duration needs() const noexcept override;
    void close() noexcept override;
    bool renewable() const noexcept override;
    std::string host() const override;

    std::string chosen() const;                         // its auth_type; empty as long as none gave a token
    std::vector<config::way_in_verdict> tried() const;  // what was not taken before that, in the order
    config::settings values() const;                    // with what the host's metadata says, if that was asked

private:
    struct candidate {
        const config::way_in* way;
        std::unique_ptr<token_source> source;  // null: it hangs on the cloud
    };
    std::vector<candidate> judge();
    result<std::unique_ptr<token_source>> make(config::way_in_verdict&) const;
    boost::asio::awaitable<result<token>> choose(transport&, time_point deadline);
    // Nothing: on to the next one.
    boost::asio::awaitable<std::optional<result<token>>> take_turn(candidate&, transport&, time_point deadline);
    boost::asio::awaitable<std::optional<failure>> learn_cloud(candidate&, transport&, time_point deadline);
    static boost::asio::awaitable<result<token>> fetch_from(token_source&, transport&, time_point deadline);
    std::optional<result<token>> landed(candidate&, result<token>);
    void set_verdict(const config::way_in*, std::optional<failure> why_not);
    failure none_worked() const;
    void set_active(token_source*) noexcept;

    mutable std::mutex mutex_;
    config::resolved resolved_;
    const config::surroundings around_;
    const maker make_;
    std::vector<candidate> first_;  // those of the first fetch
    duration needs_{};
    bool may_repeat_ = true;  // after what the last fetch has run
    candidate winner_{};
    token_source* active_ = nullptr;  // whose fetch runs, or the winner
    bool closed_ = false;
    std::vector<config::way_in_verdict> verdicts_;
    std::vector<failure> heard_;      // of those that were really asked, in this fetch
    std::optional<failure> refused_;  // auth_type names no way in
};

}  // namespace dbxapps::login
