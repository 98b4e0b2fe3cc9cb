// The cases of how a token ages and who fetches the next one: the token machine by literal times, and a token cache
// with ten callers at once.
#include <conformance/case_checks.hpp>

#include <core/token_state.hpp>
#include <support/workspace.hpp>

#include <gtest/gtest.h>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <utility>

namespace dbxapps::conformance {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using namespace std::chrono_literals;
using core::token_state;
using std::chrono::seconds;

constexpr time_point start{};
constexpr std::uint64_t no_jitter = std::uint64_t{1} << 63;  // the middle of give or take 10 %
constexpr time_point far = time_point::max();

const json::object& input_of(const auth_case& c) { return c.whole.at("input").as_object(); }
seconds seconds_in(const json::object& from, std::string_view key) {
    return seconds(from.at(key).to_number<std::int64_t>());
}

// A machine that fetched a token of this life at `start`.
token_state fetched(duration life) {
    token_state out;
    core::token_actions actions;
    out.want(1, far, start, actions);
    out.fetched(1, life, false, start, no_jitter, actions);
    return out;
}

void expect_background_refresh(const auth_case& c) {
    const token_state machine = fetched(seconds_in(input_of(c), "ttl_s"));
    const time_point from = start + seconds_in(c.expect, "background_from_s");
    EXPECT_FALSE(machine.refresh_due(from - 1ns));
    EXPECT_TRUE(machine.refresh_due(from));
    EXPECT_NE(machine.usable(from), 0u) << "and it is not in the background";
}

void expect_expired(const auth_case& c) {
    const token_state machine = fetched(1h);
    const seconds left = seconds_in(input_of(c).at("token").as_object(), "expiry_s");
    EXPECT_EQ(machine.usable(start + 1h - left) == 0, c.expect.at("expired").as_bool());
}

// How often the source is asked, by somebody who comes some time after a background refresh failed.
void expect_pause(const auth_case& c) {
    token_state machine = fetched(1h);
    core::token_actions actions;
    const time_point due = start + 40min - seconds_in(input_of(c), "failed_at_s");
    machine.refresh(due, actions);
    machine.fetch_failed(2, core::fetch_fault::failed, {}, due, no_jitter, actions);
    const auto fetches = [&](time_point at) {
        actions.clear();
        machine.want(2, far, at, actions);
        return std::count_if(actions.begin(), actions.end(),
                             [](const auto& a) { return a.what == core::token_action::kind::fetch; });
    };
    EXPECT_EQ(fetches(due + seconds_in(input_of(c), "asked_at_s")), c.expect.at("source_calls").as_int64());
    EXPECT_EQ(fetches(due + 60s), 1);
}

// Gives out tokens of the lives listed; then it fails.
class listed_source final : public token_source {
public:
    explicit listed_source(std::function<time_point()> now) : now_(std::move(now)) {}
    asio::awaitable<result<token>> fetch(transport&, time_point) override {
        co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);  // so that all callers meet it
        ++calls;
        if (lives.empty()) co_return failure(errc::bad_response, "there are no more");
        const std::string text = "token-" + std::to_string(expires.size());
        const duration life = std::exchange(lives, {}).front();
        expires[text] = now_() + life;
        co_return token(text, life);
    }
    std::vector<duration> lives;
    std::size_t calls = 0;
    std::map<std::string, time_point, std::less<>> expires;

private:
    std::function<time_point()> now_;
};

struct ten_callers {
    explicit ten_callers(bool in_background) {
        auto owned = std::make_unique<listed_source>(time.function());
        source = owned.get();
        token_options options;
        options.clock = time.function();
        if (!in_background) options.lead = 0s;  // refreshes only when callers have to wait
        cache = make_token_cache(io.get_executor(), std::move(owned), options);
    }
    // There is a token with so much life left.
    void keep(seconds left) {
        source->lives = {1h};
        EXPECT_EQ(ask(1), 1);
        time.advance(1h - left);
        source->calls = 0;
    }
    // How many get a token.
    int ask(int callers) {
        int served = 0;
        for (int i = 0; i < callers; ++i)
            asio::co_spawn(io, one(cache, served), asio::detached);
        test::run_out(io);
        return served;
    }
    static asio::awaitable<void> one(std::shared_ptr<token_cache> cache, int& served) {
        const auto got = co_await cache->get(clock::now() + 1min);
        if (got) ++served;
    }
    // Of the token that the next caller gets.
    seconds life_left() {
        const token_ptr current = cache->try_get(cache->now());
        if (!current) return 0s;
        const auto at = source->expires.find(current->access_token());
        return std::chrono::duration_cast<seconds>(at->second - cache->now());
    }

    asio::io_context io;
    test::hand_clock time;
    listed_source* source;
    std::shared_ptr<token_cache> cache;
};

void expect_of_ten_callers(const auth_case& c) {
    const json::object& input = input_of(c);
    ten_callers all(input.at("async").as_bool());
    if (!input.at("cached_ttl_s").is_null()) all.keep(seconds_in(input, "cached_ttl_s"));
    if (const auto& next = input.at("source_returns"); !next.is_null()) {
        all.source->lives = {seconds_in(next.as_object(), "ttl_s")};
    }
    EXPECT_EQ(all.ask(10), 10);
    EXPECT_EQ(all.source->calls, c.expect.at("source_calls").to_number<std::size_t>());
    EXPECT_EQ(all.life_left(), seconds_in(c.expect, "cached_ttl_s"));
}

class refresh : public testing::TestWithParam<auth_case> {};

TEST_P(refresh, is_timed_as_in_the_sdks) {
    const auth_case& c = GetParam();
    if (const auto* d = find_departure(c.name)) GTEST_SKIP() << d->reason;
    const json::object& input = input_of(c);
    if (input.contains("callers")) return expect_of_ten_callers(c);
    if (input.contains("ttl_s")) return expect_background_refresh(c);
    if (input.contains("token")) return expect_expired(c);
    ASSERT_TRUE(input.contains("failed_at_s"));
    expect_pause(c);
}

INSTANTIATE_TEST_SUITE_P(cases, refresh,
                         testing::ValuesIn(cases_where([](const auth_case& c) { return c.kind == "refresh"; })),
                         [](const auto& row) { return row.param.test_name(); });

// What is so instead where a case is departed from.

TEST(departures, an_expired_token_of_the_source_is_one_failed_fetch_for_all_ten_callers) {
    ten_callers all(false);
    all.keep(-60s);
    all.source->lives = {-3600s};
    EXPECT_EQ(all.ask(10), 0);
    EXPECT_EQ(all.source->calls, 1u);
}

TEST(departures, a_token_is_not_handed_out_any_more_well_before_its_end) {
    const token_state machine = fetched(1h);
    EXPECT_NE(machine.usable(start + 1h - 30s - 1ns), 0u);
    EXPECT_EQ(machine.usable(start + 1h - 30s), 0u);
    EXPECT_EQ(machine.usable(start + 1h), 0u);
}

}  // namespace
}  // namespace dbxapps::conformance
