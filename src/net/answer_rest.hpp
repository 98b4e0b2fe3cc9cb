// The rest of an answer whose head was handed out: its body, read piece by piece from the connection, which goes back
// to the pool once it is read.
//
// Destroyed before that: what has arrived already is read away if that is the end of it; else the connection is
// dropped. One read at a time; a lease is exclusive, so no lock.
#pragma once

#include <core/reuse_rule.hpp>
#include <net/lease.hpp>

#include <optional>
#include <string>

namespace dbxapps::net {

class answer_rest {
public:
    answer_rest(lease from, const loop& where, const core::reuse_limits& reuse)
        : line_(std::move(from)), loop_(where), reuse_(reuse) {}
    ~answer_rest();
    answer_rest(const answer_rest&) = delete;
    answer_rest& operator=(const answer_rest&) = delete;

    // The next bytes, in exchange for memory; none: that was all. Or `why` not. What is passed by reference, and the
    // object itself, outlive the coroutine. After a failure it is not to be read again.
    static asio::awaitable<void> read(answer_rest&, time_point deadline, std::string& piece,
                                      std::optional<failure>& why);
    bool over() const noexcept { return !line_; }

private:
    bool take(std::string& piece, std::optional<failure>& why);
    static asio::awaitable<void> wait_for_news(answer_rest&, time_point deadline);
    void drain() noexcept;

    lease line_;
    const loop loop_;
    const core::reuse_limits reuse_;
};

}  // namespace dbxapps::net
