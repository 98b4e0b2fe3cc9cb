// Unified authentication: the ways in that settings allow, tried in their order until one gives a token, which then
// stays (facts: Databricks authentication, 2.0). auth_type leaves one of them, and its failures are the caller's.
//
// A way in that says no for good makes room for the next one. An outage does not: who is logged in must not depend on
// it, so the fetch fails and is tried again.
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
    std::vector<config::way_in_verdict> tried() const;  // what was not taken, in the fetch that last chose
    config::settings values() const;                    // with what the host's metadata says, if that was asked

private:
    struct candidate {
        const config::way_in* way;
        std::unique_ptr<token_source> source;
    };
    std::vector<candidate> judge();
    boost::asio::awaitable<result<token>> choose(transport&, time_point deadline);
    // Nothing: none of them gave a token.
    boost::asio::awaitable<std::optional<result<token>>> try_all(std::vector<candidate>&, transport&,
                                                                 time_point deadline);
    std::optional<result<token>> landed(candidate&, result<token>);
    void set_active(token_source*) noexcept;
    boost::asio::awaitable<bool> learned_cloud(transport&, time_point deadline);

    mutable std::mutex mutex_;
    config::resolved resolved_;
    const config::surroundings around_;
    const maker make_;
    std::vector<candidate> first_;  // those of the first fetch
    duration needs_{};
    bool may_repeat_ = true;
    candidate winner_{};
    token_source* active_ = nullptr;  // whose fetch runs, or the winner
    bool closed_ = false;
    std::vector<config::way_in_verdict> verdicts_;
    std::optional<failure> refused_;  // auth_type names no way in
};

}  // namespace dbxapps::login
