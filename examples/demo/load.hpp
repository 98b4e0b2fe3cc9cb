// The calls of the demo: a fixed number of coroutines, each taking the next call from a shared counter until none is
// left and as many refreshes were crossed as wanted.
//
// Counting is safe from any thread. Has to outlive the io_context's run().
#pragma once

#include <dbxapps/client.hpp>
#include <dbxapps/latency_histogram.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace demo {

class load {
public:
    static constexpr std::chrono::seconds most_waiting{30};  // of going on for refreshes

    load(dbxapps::client, std::vector<std::string> urls, std::uint64_t calls, std::uint64_t refreshes_wanted);

    void start(const boost::asio::any_io_executor&, unsigned in_flight);
    bool wait(std::chrono::milliseconds);  // for the end; has it come?

    // While it runs, too.
    std::uint64_t calls() const noexcept { return calls_; }  // asked for; more are done when refreshes are wanted
    std::uint64_t refreshes_wanted() const noexcept { return refreshes_wanted_; }
    std::uint64_t done() const noexcept { return done_.load(std::memory_order_relaxed); }
    std::uint64_t failures() const noexcept { return failures_.load(std::memory_order_relaxed); }
    std::uint64_t refreshes() const noexcept;  // tokens that came since the start
    dbxapps::duration elapsed() const;         // to now, or to the end

    // After the end. Each call is in one of the three.
    const dbxapps::latency_histogram& cold_start() const noexcept {
        return cold_;
    }  // begun before its caller's first answer
    const dbxapps::latency_histogram& during_refresh() const noexcept { return during_; }
    const dbxapps::latency_histogram& otherwise() const noexcept { return otherwise_; }
    std::string first_failure() const;  // empty when none

private:
    static boost::asio::awaitable<void> caller(load&);
    bool goes_on(std::uint64_t number);
    std::uint64_t tokens_so_far() const noexcept;
    void failed(const std::string& words);
    void caller_ended(std::exception_ptr);

    const dbxapps::client client_;
    const std::vector<std::string> urls_;
    const std::uint64_t calls_, refreshes_wanted_;
    std::atomic<std::uint64_t> next_{0}, done_{0}, failures_{0};
    dbxapps::latency_histogram cold_, during_, otherwise_;

    mutable std::mutex mutex_;
    std::condition_variable ended_signal_;
    unsigned callers_ = 0;
    bool ended_ = false;
    dbxapps::time_point began_at_, ended_at_;
    std::optional<dbxapps::time_point> waits_since_;  // for refreshes
    std::uint64_t tokens_before_ = 0, tokens_after_ = 0;
    std::string first_failure_;
};

}  // namespace demo
