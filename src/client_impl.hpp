// One call from its entry to its outcome: token, request head, exchange, who answered, again or not.
#pragma once

#include <apps/edge_answer.hpp>
#include <apps/host_guard.hpp>
#include <body_reader.hpp>
#include <core/retry_policy.hpp>
#include <dbxapps/client.hpp>
#include <in_flight.hpp>
#include <net/engine.hpp>
#include <origin_health.hpp>
#include <text/ascii.hpp>
#include <token_cache_impl.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace dbxapps {

// What was tried: "GET https://host/path".
std::string call_words(const request&, const text::url&);

class client::impl final : public std::enable_shared_from_this<impl> {
public:
    static std::shared_ptr<impl> make(asio::any_io_executor, std::shared_ptr<token_cache>, client_options);
    impl(net::loop, std::shared_ptr<token_cache>, client_options, std::shared_ptr<net::engine>);
    ~impl() { engine_->close(); }  // no handle, call or stream is left: dials that are still going are for nobody

    // From a coroutine of any context. `Out` is result<response>, or response, and then failures are thrown. `entered`:
    // made for a caller elsewhere, whose call began then and is counted there. `streamed`: reads the body later, and
    // outlives the coroutine; only on the client's own context. One small frame for all that a usual call does above
    // the exchange, see net::engine::exchange.
    template <class Out>
    static asio::awaitable<Out> call(std::shared_ptr<impl>, request, time_point entered = {},
                                     body_reader* streamed = nullptr);
    static asio::awaitable<result<response_stream>> open(std::shared_ptr<impl>, request);
    std::atomic<std::uint64_t>& calls_in_flight() noexcept { return in_flight_; }

    const std::shared_ptr<token_cache>& tokens() const noexcept { return tokens_; }
    client_counters counters() const noexcept;
    std::vector<origin_metrics> metrics() const;
    // For what is built upon a client.
    const net::loop& where() const noexcept { return loop_; }
    const std::shared_ptr<net::stops>& waits() const noexcept { return waits_; }  // rung by close()
    duration within() const noexcept { return options_.within; }
    static std::uint64_t random();
    void retire() { engine_->retire(); }
    void close() noexcept {
        engine_->close();
        waits_->stop();
    }

private:
    // Where calls of one origin go, as users write it, and what is the same for all of them.
    struct destination {
        std::string written;
        text::url origin;
        std::string fixed;          // see net::wire_request
        std::size_t plain_fixed{};  // so much of it does not ask for a coding
        std::shared_ptr<net::connection_pool> pool;
        std::shared_ptr<origin_health> health;
        bool app = false;  // behind the front door of Databricks Apps
    };
    using known_origin = std::pair<std::shared_ptr<origin_health>, std::shared_ptr<net::connection_pool>>;
    // What went before the attempt at hand, and how long that has to wait.
    struct repeats {
        bool replayed = false;
        bool may_have_arrived = false;
        int retries = 0;
        int attempts = 0;
        duration wait{};
    };
    // What few calls have.
    struct rarely {
        net::wire_extra extra;
        bool watched = false;         // somebody looks
        trace_context call, attempt;  // the trace of the call, and of its attempt at hand
    };
    // A request that has passed every check. It points into the request and the client.
    struct prepared {
        std::shared_ptr<const destination> to;
        origin_counters::call counted;
        std::unique_ptr<rarely> few;
        token_cache::impl* tokens;
        net::wire_request wire;
        int attempt = 0;
        bool unpack;
        time_point deadline;

        rarely& rare() {
            if (!few) few = std::make_unique<rarely>();
            wire.extra = &few->extra;
            return *few;
        }
        bool watched() const noexcept { return few && few->watched; }
        bool source_failed() const noexcept { return few && few->extra.source_failed; }
    };
    // What is passed by reference belongs to the coroutine that awaits them.
    static token_ptr ready(const prepared&, const repeats&, time_point now);
    static asio::awaitable<void> get_ready(impl&, const prepared&, const repeats&, token_ptr&,
                                           std::optional<result<response>>& out);
    static asio::awaitable<void> wait_for_token(impl&, const prepared&, token_ptr&,
                                                std::optional<result<response>>& refused);
    static asio::awaitable<void> call_from_elsewhere(impl&, const request&, time_point entered,
                                                     std::optional<result<response>>& out);
    static asio::awaitable<result<response_stream>> open_here(std::shared_ptr<impl>, request, time_point entered);
    static asio::awaitable<void> exchange(impl&, prepared&, const request&, const token_ptr& presented,
                                          body_reader* streamed, time_point now, std::optional<result<response>>& out);
    struct race;
    static asio::awaitable<void> exchange_hedged(impl&, const prepared&, const request&, token_ptr presented,
                                                 duration first_has, std::optional<result<response>>& out);
    // An exchange whose answer's body is read later, but for what shows who answered.
    static asio::awaitable<void> exchange_head(impl&, prepared&, const request&, body_reader&, time_point now,
                                               std::optional<result<response>>& out);
    static asio::awaitable<void> read_first_bytes(const prepared&, const request&, body_reader&,
                                                  std::optional<result<response>>& out);
    // Sets one of the two.
    void check(const request&, time_point entered, std::optional<prepared>& checked,
               std::optional<result<response>>& refused);
    result<void> prepare(const request&, time_point entered, prepared& out);
    result<void> prepare_source(const std::shared_ptr<body_source>&, prepared& out);
    result<std::shared_ptr<const destination>> find(std::string_view url, std::string_view origin,
                                                    std::string_view workspace);
    void judge(std::optional<result<response>>& out, const request&, const prepared&, const token&, time_point began,
               repeats&);
    void unpack(result<response>&) const;
    std::shared_ptr<origin_health> health_of(const text::url&, const std::shared_ptr<net::connection_pool>&);
    failure diagnosed(const response&, apps::edge_verdict, const request&, const token&, bool replayed) const;
    // Sets `out` when nothing is to be sent, as apps refuse such a token or the circuit is open: true.
    static bool stopped(const prepared&, const token&, time_point now, std::optional<result<response>>& out);
    static void add_workspace_fields(prepared&, const token&);
    static void add_up(result<response>& out, const repeats&);
    // What is counted and told of a call and its attempts. `code`: none for an answer of the app's.
    void watch(const request&, prepared&) const;
    void attempt_begins(prepared&, const request&) const;
    void attempt_ended(const prepared&, const request&, int status, std::optional<errc> code, time_point began) const;
    void will_repeat(const prepared&, const request&, repeat_reason, duration wait) const;
    void call_ended(const prepared*, const request&, const result<response>&, duration took) const;
    // Both set `out` when the call is over.
    static asio::awaitable<void> wait_for_turn(impl&, const prepared&, std::optional<result<response>>& out);
    static asio::awaitable<void> back_off(impl&, duration, std::optional<result<response>>& out);
    void count(result<response>&, const request&) noexcept;
    static failure explained(failure, const request&);

    const net::loop loop_;
    const std::shared_ptr<token_cache> tokens_;
    const client_options options_;
    const std::shared_ptr<net::engine> engine_;
    const std::shared_ptr<net::stops> waits_ = std::make_shared<net::stops>();
    const apps::host_guard guard_;
    const std::string user_agent_;
    mutable std::mutex mutex_;
    std::unordered_map<std::string, std::shared_ptr<const destination>, text::hash, std::equal_to<>> destinations_;
    // By origin, however it is written.
    std::unordered_map<std::string, known_origin> health_;
    std::shared_ptr<const destination> last_;  // most services call one app
    std::atomic<std::uint64_t> calls_{0}, failures_{0}, in_flight_{0}, replays_{0}, retries_{0}, hedges_{0};
};

// The last copy of a client lets go of this, while calls in flight keep the core.
struct client::handle {
    explicit handle(std::shared_ptr<client::impl> c) : impl(std::move(c)) {}
    handle(const handle&) = delete;
    handle& operator=(const handle&) = delete;
    ~handle() { impl->retire(); }
    const std::shared_ptr<client::impl> impl;
};

}  // namespace dbxapps
