#include <apps/app_wait.hpp>

#include <gtest/gtest.h>

#include <sstream>

namespace dbxapps::apps {
namespace {

using namespace std::chrono_literals;
using kind = app_action::kind;
using compute = app_compute_state;
using application = application_state;

constexpr time_point began{1000s};
constexpr std::uint64_t lowest = 0, highest = ~std::uint64_t{0};

app_info seen(compute c, application a, std::string message = {}) {
    app_info out;
    out.name = "orders";
    out.compute_state = c;
    out.compute_word = to_string(c);
    out.compute_message = message;
    out.app_state = a;
    out.app_word = to_string(a);
    return out;
}
const app_info serving = seen(compute::active, application::running);
const app_info starting = seen(compute::starting, application::unavailable);
const app_info stopped = seen(compute::stopped, application::unavailable);

failure said(int status, errc code, std::optional<duration> retry_after = {}) {
    failure f(code, "GET https://ws/x: words");
    f.status = status;
    f.retry_after = retry_after;
    return f;
}
app_wait wait_for(app_goal goal, duration within = 60s) {
    return {goal, "the app orders of https://ws", began, within};
}

void expect_failure(const app_action& a, errc code, std::initializer_list<const char*> words) {
    ASSERT_EQ(a.what, kind::fail);
    EXPECT_TRUE(a.why.is(code)) << a.why.detail;
    for (const char* word : words)
        EXPECT_NE(a.why.detail.find(word), std::string::npos) << word << " in: " << a.why.detail;
}

TEST(app_wait, asks_until_the_app_serves) {
    auto w = wait_for(app_goal::served);
    EXPECT_EQ(w.begin().what, kind::ask);
    EXPECT_EQ(w.saw(starting, began, lowest).what, kind::wait);
    EXPECT_EQ(w.woke(began + 1s).what, kind::ask);
    EXPECT_EQ(w.saw(serving, began + 1s, lowest).what, kind::done);
}

TEST(app_wait, commands_first_and_asks_at_once_then) {
    for (const auto goal : {app_goal::started, app_goal::stopped}) {
        auto w = wait_for(goal);
        EXPECT_EQ(w.begin().what, kind::command);
        EXPECT_EQ(w.took().what, kind::ask);
        const auto& there = goal == app_goal::started ? serving : stopped;
        const auto& not_yet = goal == app_goal::started ? stopped : serving;
        EXPECT_EQ(w.saw(not_yet, began, lowest).what, kind::wait) << "the workspace takes its time";
        EXPECT_EQ(w.saw(there, began, lowest).what, kind::done);
    }
}

TEST(app_wait, waits_from_one_second_to_ten_a_quarter_of_it_by_chance) {
    auto w = wait_for(app_goal::served, 1h);
    for (const duration most : {duration(1s), duration(2s), duration(4s), duration(8s), duration(10s), duration(10s)})
        EXPECT_EQ(w.saw(starting, began, highest).delay, most);
    EXPECT_EQ(w.saw(starting, began, lowest).delay, 7500ms);
    EXPECT_EQ(wait_for(app_goal::served).saw(starting, began, lowest).delay, 750ms);
}

TEST(app_wait, keeps_to_retry_after_and_never_waits_beyond_its_time) {
    auto w = wait_for(app_goal::served, 60s);
    EXPECT_EQ(w.failed(said(429, errc::rate_limited, 20s), began, highest).delay, 20s);
    EXPECT_EQ(w.failed(said(503, errc::app_unavailable, 1s), began, highest).delay, 2s) << "a lower bound only";
    EXPECT_EQ(w.failed(said(429, errc::rate_limited, 24h), began + 50s, highest).delay, 10s);
    EXPECT_EQ(w.saw(starting, began + 59s, highest).delay, 1s);
}

TEST(app_wait, news_are_changes_of_a_state_and_the_first) {
    auto w = wait_for(app_goal::served, 1h);
    const auto is_news = [&](const app_info& a) {
        w.saw(a, began, lowest);
        return w.news();
    };
    EXPECT_TRUE(is_news(starting));
    EXPECT_FALSE(is_news(starting));
    EXPECT_FALSE(is_news(seen(compute::starting, application::unavailable, "other words")));
    EXPECT_TRUE(is_news(seen(compute::active, application::unavailable)));
    EXPECT_TRUE(is_news(seen(compute::active, application::deploying)));
    w.failed(said(503, errc::app_unavailable), began, lowest);
    EXPECT_FALSE(w.news());
    EXPECT_FALSE(is_news(seen(compute::active, application::deploying)));
    EXPECT_TRUE(is_news(serving));
}

TEST(app_wait, a_state_that_nothing_leads_out_of_ends_it_with_the_words_of_the_workspace) {
    for (const auto goal : {app_goal::served, app_goal::started}) {
        expect_failure(wait_for(goal).saw(seen(compute::error, application::unavailable, "no capacity"), began, lowest),
                       errc::app_unavailable, {"the app orders of https://ws", "compute ERROR ('no capacity')"});
        expect_failure(wait_for(goal).saw(seen(compute::active, application::crashed), began, lowest),
                       errc::app_unavailable, {"app CRASHED", "/logz"});
        expect_failure(wait_for(goal).saw(seen(compute::deleting, application::running), began, lowest),
                       errc::app_unavailable, {"DELETING", "create it again"});
    }
    expect_failure(wait_for(app_goal::stopped).saw(seen(compute::error, application::crashed), began, lowest),
                   errc::app_unavailable, {"to stop", "ERROR"});
}

TEST(app_wait, a_crash_before_its_machine_went_down_is_history) {
    EXPECT_EQ(wait_for(app_goal::started).saw(seen(compute::starting, application::crashed), began, lowest).what,
              kind::wait);
    EXPECT_EQ(wait_for(app_goal::stopped).saw(seen(compute::active, application::crashed), began, lowest).what,
              kind::wait);
    EXPECT_EQ(wait_for(app_goal::stopped).saw(seen(compute::stopped, application::crashed), began, lowest).what,
              kind::done);
}

TEST(app_wait, words_of_the_workspace_are_printable_and_bounded) {
    const auto a = wait_for(app_goal::served)
                       .saw(seen(compute::error, application::unavailable, "a\nb" + std::string(5000, 'x')), began, 0);
    expect_failure(a, errc::app_unavailable, {"('a.bx"});
    EXPECT_LT(a.why.detail.size(), 600U);
}

TEST(app_wait, a_refused_command_is_forgiven_when_the_app_is_there_or_on_its_way) {
    const auto refused = [](app_goal goal, const app_info& then) {
        auto w = wait_for(goal);
        EXPECT_EQ(w.failed(said(400, errc::app_unavailable), began, lowest).what, kind::ask);
        return w.saw(then, began, lowest);
    };
    EXPECT_EQ(refused(app_goal::started, serving).what, kind::done);
    EXPECT_EQ(refused(app_goal::started, starting).what, kind::wait);
    EXPECT_EQ(refused(app_goal::started, seen(compute::active, application::deploying)).what, kind::wait);
    EXPECT_EQ(refused(app_goal::stopped, stopped).what, kind::done);
    EXPECT_EQ(refused(app_goal::stopped, seen(compute::stopping, application::running)).what, kind::wait);
    expect_failure(refused(app_goal::started, stopped), errc::app_unavailable, {"words"});
    expect_failure(refused(app_goal::stopped, serving), errc::app_unavailable, {"words"});
    expect_failure(refused(app_goal::started, seen(compute::stopping, application::running)), errc::app_unavailable,
                   {"words"});
}

TEST(app_wait, any_other_failure_of_the_command_is_the_outcome) {
    for (const auto& why :
         {said(404, errc::app_not_found), said(403, errc::no_permission), said(503, errc::app_unavailable),
          said(0, errc::connect_failed), said(0, errc::cancelled), said(0, errc::timed_out)}) {
        auto w = wait_for(app_goal::started);
        const auto a = w.failed(why, began, lowest);
        ASSERT_EQ(a.what, kind::fail);
        EXPECT_EQ(a.why.code, why.code);
    }
}

TEST(app_wait, what_may_pass_is_ridden_out_once_the_workspace_has_answered) {
    for (const auto code : {errc::timed_out, errc::resolve_failed, errc::connect_failed, errc::connection_lost,
                            errc::token_unavailable, errc::circuit_open}) {
        auto known = wait_for(app_goal::served);
        known.saw(starting, began, lowest);
        EXPECT_EQ(known.failed(said(0, code), began, lowest).what, kind::wait);
        auto unknown = wait_for(app_goal::served);
        EXPECT_EQ(unknown.failed(said(0, code), began, lowest).what, kind::fail) << "it may be misspelt";
    }
    for (const int status : {429, 500, 503}) {
        auto w = wait_for(app_goal::served);
        EXPECT_EQ(w.failed(said(status, status == 429 ? errc::rate_limited : errc::app_unavailable), began, 0).what,
                  kind::wait)
            << status;
    }
}

TEST(app_wait, what_does_not_pass_ends_it) {
    for (const auto& why :
         {said(404, errc::app_not_found), said(403, errc::no_permission), said(401, errc::not_signed_in),
          said(0, errc::closed), said(0, errc::cancelled), said(200, errc::bad_response),
          said(400, errc::app_unavailable), said(0, errc::host_not_allowed)}) {
        auto w = wait_for(app_goal::served);
        w.saw(starting, began, lowest);
        const auto a = w.failed(why, began, lowest);
        ASSERT_EQ(a.what, kind::fail) << why.status;
        EXPECT_EQ(a.why.code, why.code);
    }
}

TEST(app_wait, out_of_time_it_says_the_last_state_and_what_to_do) {
    auto w = wait_for(app_goal::served);
    w.saw(stopped, began, lowest);
    expect_failure(w.woke(began + 60s), errc::timed_out, {"compute STOPPED, app UNAVAILABLE", "60 s", "start()"});
    w.failed(said(503, errc::app_unavailable), began, lowest);
    expect_failure(w.woke(began + 61s), errc::timed_out, {"STOPPED", "the last question to the workspace: GET "});
    auto late = wait_for(app_goal::stopped, 1500ms);
    expect_failure(late.saw(serving, began + 1500ms, lowest), errc::timed_out, {"to stop", "ACTIVE", "1500 ms"});
    expect_failure(wait_for(app_goal::served).failed(said(0, errc::timed_out), began + 60s, lowest), errc::timed_out,
                   {"never seen"});
    EXPECT_EQ(wait_for(app_goal::served).woke(began + 60s - 1ns).what, kind::ask);
}

TEST(app_wait, the_wanted_state_counts_however_late_it_is_seen) {
    EXPECT_EQ(wait_for(app_goal::served).saw(serving, began + 1h, lowest).what, kind::done);
}

TEST(app_wait, a_request_has_what_is_left_half_a_minute_at_most) {
    const auto w = wait_for(app_goal::served);
    EXPECT_EQ(w.request_within(began), 30s);
    EXPECT_EQ(w.request_within(began + 55s), 5s);
    EXPECT_GT(w.request_within(began + 70s), 0s);
}

TEST(app_wait, actions_print_as_words) {
    std::ostringstream out;
    out << kind::command << ", " << kind::ask << ", " << kind::wait << ", " << kind::done << ", " << kind::fail;
    EXPECT_EQ(out.str(), "command, ask, wait, done, fail");
}

}  // namespace
}  // namespace dbxapps::apps
