// Apps by their names: looked up, called, listed, started and stopped, against the emulated workspace.
#include <support/plain_server.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <array>
#include <thread>

namespace dbxapps::test {
namespace {

using compute = app_compute_state;
using application = application_state;

template <class T>
T outcome(asio::io_context& io, awaitable<T> of) {
    std::optional<T> out;
    asio::co_spawn(
        io, [&]() -> awaitable<void> { out.emplace(co_await std::move(of)); }, asio::detached);
    run_out(io);
    EXPECT_TRUE(out.has_value()) << "the test's call never ended";
    return std::move(out.value());
}

std::string words(const auto& r) { return r ? "it went well" : r.error().detail; }

emulator_fault answered(int status, std::string body, std::string headers = {}) {
    emulator_fault f;
    f.what = emulator_fault::kind::answer;
    f.status = status;
    f.content_type = "application/json";
    f.body = std::move(body);
    f.headers = std::move(headers);
    f.times = 1000;
    return f;
}

emulator_app stopped_app(std::uint64_t looks_between = 0) {
    emulator_app out;
    out.compute_state = compute::stopped;
    out.app_state = application::unavailable;
    out.looks_between = looks_between;
    return out;
}

emulator_app moved_to(std::string url) {
    emulator_app out;
    out.url = std::move(url);
    return out;
}

struct AppDirectory : testing::Test {
    AppDirectory() {
        w.emulated.set_app("orders");
        make({});
    }
    void make(app_directory_options options) {
        client_options o = w.options();
        o.retry.max_retries = 0;
        o.allow_hosts = {"gone-1.invalid"};  // RFC 6761 section 6.4: a name that never exists
        c = client(io.get_executor(), w.cache(io.get_executor()), o);
        apps.emplace(c, w.emulated.workspace_url(), options);
    }
    template <class T>
    T run(awaitable<T> a) {
        return outcome(io, std::move(a));
    }
    result<response> hello(std::string name = "orders") { return run(apps->try_send(name, get("/api/hello"))); }
    std::uint64_t asked() const { return w.emulated.count().apps_api_requests; }
    void start_hellos(int n, tally& t) {
        for (int i = 0; i < n; ++i) {
            asio::co_spawn(
                io,
                [&]() -> awaitable<void> {
                    auto r = co_await apps->try_send("orders", get("/api/hello"));
                    t.add(r);
                },
                asio::detached);
        }
    }
    // The progress of something that waits: "STARTING UNAVAILABLE, ACTIVE RUNNING, ".
    app_directory::progress note() {
        return [this](const app_info& a) { told += a.compute_word + " " + a.app_word + ", "; };
    }

    workspace w;
    asio::io_context io;
    client c;
    std::optional<app_directory> apps;
    std::string told;
};

TEST_F(AppDirectory, FindsAnAppWithItsUrlAndStates) {
    const auto a = run(apps->find("orders"));
    ASSERT_TRUE(a) << words(a);
    EXPECT_EQ(a->name, "orders");
    EXPECT_EQ(a->url, w.emulated.app_url("orders"));
    EXPECT_TRUE(a->serving());
}

TEST_F(AppDirectory, SendsToAnAppByItsNameAndLooksItUpOnce) {
    const auto r = run(apps->try_send("orders", post("/api/echo?x=1", "sent")));
    ASSERT_TRUE(r) << words(r);
    EXPECT_EQ(r->body(), "sent");
    EXPECT_TRUE(hello());
    EXPECT_EQ(run(apps->send("orders", get("/api/hello"))).status(), 200);
    EXPECT_EQ(asked(), 1U);
}

TEST_F(AppDirectory, AHundredCallsAtOnceMakeOneLookUp) {
    tally t;
    start_hellos(100, t);
    run_out(io);
    EXPECT_EQ(t.ok, 100) << t.first();
    EXPECT_EQ(asked(), 1U);
    EXPECT_EQ(w.emulated.count().calls, 100U);
}

TEST_F(AppDirectory, CallsFromAnotherContextShareTheLookUpToo) {
    asio::io_context away;
    tally t;
    for (auto* on : {&io, &away}) {
        for (int i = 0; i < 20; ++i) {
            asio::co_spawn(
                *on,
                [&]() -> awaitable<void> {
                    auto r = co_await apps->try_send("orders", get("/api/hello"));
                    t.add(r);
                },
                asio::detached);
        }
    }
    ASSERT_TRUE(eventually({&io, &away}, [&] { return t.ok + t.bad == 40; }));
    EXPECT_EQ(t.ok, 40) << t.first();
    EXPECT_EQ(asked(), 1U);
}

TEST_F(AppDirectory, ALookUpOutlivesTheCallThatBeganIt) {
    emulator_fault slow;
    slow.what = emulator_fault::kind::delay;
    slow.delay = 50ms;
    w.emulated.inject(emulator_place::apps_api, slow);
    asio::cancellation_signal signal;
    std::optional<result<response>> first;
    asio::co_spawn(
        io, [&]() -> awaitable<void> { first.emplace(co_await apps->try_send("orders", get("/api/hello"))); },
        asio::bind_cancellation_slot(signal.slot(), asio::detached));
    ASSERT_TRUE(eventually(io, [&] { return asked() == 1; }));
    tally t;
    start_hellos(3, t);
    settle(io);
    signal.emit(asio::cancellation_type::terminal);
    ASSERT_TRUE(eventually(io, [&] { return first.has_value(); }));
    EXPECT_TRUE(!*first && first->error().is(errc::cancelled)) << words(*first);
    run_out(io);
    EXPECT_EQ(t.ok, 3) << t.first();
    EXPECT_EQ(asked(), 1U);
}

TEST_F(AppDirectory, WhatFindAndListHaveSeenNeedsNoLookUp) {
    w.emulated.set_app("billing");
    ASSERT_TRUE(run(apps->find("orders")));
    EXPECT_TRUE(hello());
    EXPECT_EQ(asked(), 1U);
    ASSERT_TRUE(run(apps->list()));
    EXPECT_TRUE(hello("billing"));
    EXPECT_EQ(asked(), 2U);
}

TEST_F(AppDirectory, AUrlThatIsBelievedForNoTimeIsAskedForEachTime) {
    make({.urls_live = 0s});
    EXPECT_TRUE(hello());
    EXPECT_TRUE(hello());
    EXPECT_EQ(asked(), 2U);
}

TEST_F(AppDirectory, AnOldUrlWillDoWhileTheWorkspaceCannotAnswer) {
    make({.urls_live = 0s});
    ASSERT_TRUE(hello());
    w.emulated.inject(emulator_place::apps_api, answered(503, ""));
    const auto r = hello();
    EXPECT_TRUE(r) << words(r);
    EXPECT_EQ(asked(), 2U);
    w.emulated.clear_faults();
    w.emulated.remove_app("orders");
    EXPECT_TRUE(hello().error().is(errc::app_not_found)) << "but not when it says no";
}

TEST_F(AppDirectory, AnUnknownAppIsSaidToBeUnknownToThisWorkspace) {
    for (const auto& why :
         {run(apps->find("nobody")).error(), hello("nobody").error(), run(apps->start("nobody", 60s)).error(),
          run(apps->wait_until_serving("nobody", 60s)).error()}) {
        EXPECT_TRUE(why.is(errc::app_not_found)) << why.detail;
        EXPECT_EQ(why.status, 404);
        EXPECT_FALSE(why.request_id.empty());
        for (const std::string& word : {w.emulated.workspace_url() + "/api/2.0/apps/nobody", std::string("'nobody'"),
                                        std::string("apps.App not found"), std::string("list()")})
            EXPECT_NE(why.detail.find(word), std::string::npos) << word << " in: " << why.detail;
    }
    std::string thrown;
    asio::co_spawn(io, apps->send("nobody", get("/")), [&](std::exception_ptr e, const response&) {
        try {
            if (e) std::rethrow_exception(e);
        } catch (const error& why) {
            thrown = why.what();
        }
    });
    run_out(io);
    EXPECT_TRUE(thrown.starts_with("app_not_found: ")) << thrown;
}

TEST_F(AppDirectory, WhatCannotBeAskedIsNotAsked) {
    for (const std::string& name : {std::string(), std::string("Orders"), std::string("../jobs"), std::string("a b"),
                                    std::string("orders\r\nX: y"), std::string(64, 'a')}) {
        for (const auto& why : {run(apps->find(name)).error(), hello(name).error(), run(apps->start(name, 1s)).error()})
            EXPECT_TRUE(why.is(errc::bad_request)) << why.detail;
    }
    for (const char* url : {"", "api/hello", "https://orders-1.aws.databricksapps.com/api/hello"}) {
        const auto r = run(apps->try_send("orders", get(url)));
        EXPECT_TRUE(!r && r.error().is(errc::bad_request)) << url;
    }
    EXPECT_TRUE(run(apps->try_send("orders", get("/").with("a b", ""))).error().is(errc::bad_request));
    EXPECT_TRUE(run(apps->stop("orders", 0s)).error().is(errc::bad_request));
    EXPECT_EQ(asked(), 0U);
    EXPECT_EQ(w.emulated.count().token_requests, 0U);
}

TEST_F(AppDirectory, AnAppWithoutAnAddressIsLookedUpAgainAndCalledWhereItIsNow) {
    w.emulated.set_app("orders", moved_to("https://gone-1.invalid"));
    ASSERT_TRUE(run(apps->find("orders")));
    w.emulated.set_app("orders");
    const auto r = run(apps->try_send("orders", post("/api/echo", "sent")));
    ASSERT_TRUE(r) << words(r);
    EXPECT_EQ(r->body(), "sent");
    EXPECT_EQ(asked(), 2U);
}

TEST_F(AppDirectory, AHundredCallsToAnAppThatHasMovedMakeOneMoreLookUp) {
    w.emulated.set_app("orders", moved_to("https://gone-1.invalid"));
    ASSERT_TRUE(run(apps->find("orders")));
    w.emulated.set_app("orders");
    tally t;
    start_hellos(100, t);
    run_out(io);
    EXPECT_EQ(t.ok, 100) << t.first();
    EXPECT_EQ(asked(), 2U);
}

TEST_F(AppDirectory, AnAppThatStaysWithoutAnAddressIsLookedUpAgainOnce) {
    w.emulated.set_app("orders", moved_to("https://gone-1.invalid"));
    const auto r = hello();
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::resolve_failed)) << words(r);
    EXPECT_NE(words(r).find("gone-1.invalid"), std::string::npos) << words(r);
    EXPECT_EQ(asked(), 2U);
    w.emulated.remove_app("orders");
    EXPECT_TRUE(hello().error().is(errc::app_not_found));
}

TEST_F(AppDirectory, AnAppWithoutAnAddressStaysSoWhileTheWorkspaceCannotAnswer) {
    w.emulated.set_app("orders", moved_to("https://gone-1.invalid"));
    ASSERT_TRUE(run(apps->find("orders")));
    w.emulated.inject(emulator_place::apps_api, answered(503, ""));
    const auto r = hello();
    EXPECT_TRUE(!r && r.error().is(errc::resolve_failed)) << words(r);
    EXPECT_EQ(c.counters().calls, 3U) << "found, called, looked up again; not called again";
}

TEST_F(AppDirectory, ATokenGoesToNoHostThatIsNoAppsWhateverTheWorkspaceSays) {
    w.emulated.set_app("orders", moved_to("https://stranger.example"));
    const auto r = hello();
    EXPECT_TRUE(!r && r.error().is(errc::host_not_allowed)) << words(r);
}

TEST_F(AppDirectory, ATokenThatTheWorkspaceNoLongerKnowsIsRenewed) {
    ASSERT_TRUE(run(apps->find("orders")));
    w.emulated.revoke_tokens();
    const auto a = run(apps->find("orders"));
    EXPECT_TRUE(a) << words(a);
    EXPECT_EQ(w.emulated.count().token_requests, 2U);
}

TEST_F(AppDirectory, AHungLookUpEndsWithTheTimeOfTheCallAndOfTheLookUp) {
    w.emulated.inject(emulator_place::apps_api, stall(2));
    make({.look_up_within = 100ms});
    const auto r = run(apps->try_send("orders", get("/api/hello").within(50ms)));
    EXPECT_TRUE(!r && r.error().is(errc::timed_out)) << words(r);
    EXPECT_NE(words(r).find("looking up the app orders"), std::string::npos) << words(r);
    const auto s = hello();
    EXPECT_TRUE(!s && s.error().is(errc::timed_out)) << words(s);
}

TEST_F(AppDirectory, WhatTheWorkspaceSaysInsteadIsToldWithItsWords) {
    const std::tuple<int, const char*, errc, const char*> rows[] = {
        {403, R"({"message":"no access"})", errc::no_permission, "no access"},
        {503, "", errc::app_unavailable, "status 503"},
        {429, "", errc::rate_limited, "less often"},
        {200, "<html>", errc::bad_response, "no JSON"},
        {200, R"({"name":"other"})", errc::bad_response, "about the app other"},
    };
    for (const auto& [status, body, code, word] : rows) {
        w.emulated.inject(emulator_place::apps_api, answered(status, body, "x-request-id: 0af7\r\n"));
        for (const auto& why : {run(apps->find("orders")).error(), hello().error()}) {
            EXPECT_TRUE(why.is(code)) << status << ": " << why.detail;
            EXPECT_EQ(why.status, status);
            EXPECT_EQ(why.request_id, "0af7");
            EXPECT_NE(why.detail.find(word), std::string::npos) << why.detail;
        }
        w.emulated.clear_faults();
    }
}

TEST_F(AppDirectory, AnAppThatHasNoUrlYetIsUnavailable) {
    w.emulated.inject(emulator_place::apps_api, answered(200, R"({"name":"orders"})"));
    const auto r = hello();
    EXPECT_TRUE(!r && r.error().is(errc::app_unavailable)) << words(r);
    EXPECT_NE(words(r).find("no URL yet"), std::string::npos) << words(r);
}

TEST_F(AppDirectory, ListsAllAppsPageByPage) {
    for (int i = 100; i < 349; ++i)
        w.emulated.set_app("app-" + std::to_string(i));
    const auto all = run(apps->list());
    ASSERT_TRUE(all) << words(all);
    ASSERT_EQ(all->size(), 250U);
    EXPECT_EQ(all->front().name, "app-100");
    EXPECT_EQ(all->back().name, "orders");
    EXPECT_EQ(asked(), 3U);
}

TEST_F(AppDirectory, ListsAreToldApartFromOtherAnswers) {
    w.emulated.inject(emulator_place::apps_api, answered(200, "[]"));
    EXPECT_TRUE(run(apps->list()).error().is(errc::bad_response));
    w.emulated.clear_faults();
    w.emulated.remove_app("orders");
    const auto none = run(apps->list());
    EXPECT_TRUE(none && none->empty()) << words(none);
}

// A plain server as the workspace, with pages whose tokens are as given.
result<std::vector<app_info>> list_of_pages(const std::vector<std::string>& tokens) {
    asio::io_context io;
    std::vector<exchange_script> pages;
    for (const std::string& token : tokens)
        pages.push_back(ok(R"({"apps":[{"name":"orders"}],"next_page_token":")" + token + "\"}"));
    plain_server server(io, {pages});
    plain_client c(io);
    app_directory apps(c.handle, server.url(""));
    std::optional<result<std::vector<app_info>>> out;
    asio::co_spawn(
        io,
        [&]() -> awaitable<void> {
            out.emplace(co_await apps.list());
            server.stop();
            c.handle.close();
        },
        asio::detached);
    run_out(io);
    return std::move(out.value());
}

TEST(AppDirectoryList, EndsWithAnErrorWhenATokenRepeatsOrTokensNeverEnd) {
    EXPECT_EQ(list_of_pages({"a", "b", ""}).value().size(), 3U);
    std::vector<std::string> endless;
    for (int i = 0; i < 1100; ++i)
        endless.push_back(std::to_string(i));
    for (const auto& tokens :
         {std::vector<std::string>{"a", "a", ""}, std::vector<std::string>{"a", "b", "a"}, endless}) {
        const auto all = list_of_pages(tokens);
        ASSERT_FALSE(all);
        EXPECT_TRUE(all.error().is(errc::bad_response)) << words(all);
        EXPECT_NE(words(all).find("no end"), std::string::npos) << words(all);
    }
}

TEST(AppDirectoryUrls, ALoopbackAppKeepsHttpAndItsPort) {
    asio::io_context io;
    plain_server app(io, {{ok("hi")}});
    plain_server server(io, {{ok(R"({"name":"orders","url":")" + app.url("/") + "\"}")}});
    plain_client c(io);
    app_directory apps(c.handle, server.url("/"));
    std::optional<result<response>> out;
    asio::co_spawn(
        io,
        [&]() -> awaitable<void> {
            out.emplace(co_await apps.try_send("orders", get("/api/hello").with("X-A", "1")));
            app.stop();
            server.stop();
            c.handle.close();
        },
        asio::detached);
    run_out(io);
    ASSERT_TRUE(out && *out) << words(*out);
    EXPECT_EQ((*out)->body(), "hi");
    ASSERT_EQ(server.requests.size(), 1U);
    EXPECT_TRUE(server.requests[0].starts_with("GET /api/2.0/apps/orders HTTP/1.1\r\n")) << server.requests[0];
    EXPECT_NE(server.requests[0].find("Authorization: Bearer a-fixed-token\r\n"), std::string::npos);
    ASSERT_EQ(app.requests.size(), 1U);
    EXPECT_TRUE(app.requests[0].starts_with("GET /api/hello HTTP/1.1\r\n")) << app.requests[0];
    EXPECT_NE(app.requests[0].find("X-A: 1\r\n"), std::string::npos);
}

TEST_F(AppDirectory, StartsAnAppAndTellsEachChangeOfState) {
    w.emulated.set_app("orders", stopped_app(1));
    const auto a = run(apps->start("orders", 60s, note()));
    ASSERT_TRUE(a) << words(a);
    EXPECT_TRUE(a->serving());
    EXPECT_EQ(told, "STARTING UNAVAILABLE, ACTIVE RUNNING, ");
    EXPECT_EQ(asked(), 3U);
}

TEST_F(AppDirectory, StopsAnApp) {
    emulator_app quick;
    quick.looks_between = 0;
    w.emulated.set_app("orders", quick);
    const auto a = run(apps->stop("orders", 60s, note()));
    ASSERT_TRUE(a) << words(a);
    EXPECT_EQ(told, "STOPPED UNAVAILABLE, ");
}

TEST_F(AppDirectory, WhatIsDoneAlreadyIsDone) {
    ASSERT_TRUE(run(apps->start("orders", 60s, note())));
    ASSERT_TRUE(run(apps->wait_until_serving("orders", 60s)));
    w.emulated.set_app("orders", stopped_app());
    ASSERT_TRUE(run(apps->stop("orders", 60s, note())));
    EXPECT_EQ(told, "ACTIVE RUNNING, STOPPED UNAVAILABLE, ");
    EXPECT_EQ(asked(), 5U);
}

TEST_F(AppDirectory, AnAppThatCrashesOnItsWayUpEndsTheWaitWithTheWordsOfTheWorkspace) {
    emulator_app app = stopped_app();
    app.start_app = application::crashed;
    app.message = "exit code 7";
    w.emulated.set_app("orders", app);
    const auto a = run(apps->start("orders", 60s, note()));
    ASSERT_FALSE(a);
    EXPECT_TRUE(a.error().is(errc::app_unavailable)) << words(a);
    EXPECT_NE(words(a).find("app CRASHED ('exit code 7')"), std::string::npos) << words(a);
    EXPECT_EQ(told, "ACTIVE CRASHED, ");
}

TEST_F(AppDirectory, TimeThatIsNotEnoughIsSaidWithTheLastState) {
    w.emulated.set_app("orders", stopped_app());
    ASSERT_TRUE(run(apps->find("orders")));  // logged in, so that there is time for a first look
    const auto a = run(apps->wait_until_serving("orders", 300ms, note()));
    ASSERT_FALSE(a);
    EXPECT_TRUE(a.error().is(errc::timed_out)) << words(a);
    EXPECT_NE(words(a).find("compute STOPPED"), std::string::npos) << words(a);
    EXPECT_EQ(told, "STOPPED UNAVAILABLE, ");
    w.emulated.set_app("orders", stopped_app(1000));
    EXPECT_NE(words(run(apps->start("orders", 300ms))).find("compute STARTING"), std::string::npos);
}

TEST_F(AppDirectory, AWaitEndsAtOnceWhenItIsCancelledOrTheClientIsClosed) {
    w.emulated.inject(emulator_place::apps_api, answered(429, "", "retry-after: 3600\r\n"));  // a long wait
    for (const errc wanted : {errc::cancelled, errc::closed}) {
        asio::cancellation_signal signal;
        std::optional<result<app_info>> out;
        const auto before = c.counters().calls;
        asio::co_spawn(
            io, [&]() -> awaitable<void> { out.emplace(co_await apps->wait_until_serving("orders", 1h)); },
            asio::bind_cancellation_slot(signal.slot(), asio::detached));
        ASSERT_TRUE(eventually(io, [&] { return c.counters().calls > before; }));
        settle(io);
        wanted == errc::closed ? c.close() : signal.emit(asio::cancellation_type::terminal);
        run_out(io, 30s);
        ASSERT_TRUE(out.has_value());
        EXPECT_TRUE(!*out && out->error().is(wanted)) << words(*out);
    }
    EXPECT_TRUE(hello().error().is(errc::closed));
    EXPECT_TRUE(run(apps->list()).error().is(errc::closed));
}

TEST_F(AppDirectory, WhatProgressThrowsEndsTheWait) {
    const app_directory::progress thrower = [](const app_info&) { throw std::runtime_error("enough"); };
    std::string caught;
    asio::co_spawn(io, apps->wait_until_serving("orders", 60s, thrower), [&](std::exception_ptr e, const auto&) {
        try {
            if (e) std::rethrow_exception(e);
        } catch (const std::runtime_error& r) {
            caught = r.what();
        }
    });
    run_out(io);
    EXPECT_EQ(caught, "enough");
}

TEST_F(AppDirectory, ThatWasMovedFromIsClosed) {
    const app_directory taken = std::move(*apps);
    std::optional<result<response>> out;
    std::optional<result<std::vector<app_info>>> listed;
    auto ask = [&]() -> awaitable<void> {
        out = co_await apps->try_send("orders", get("/api/hello"));
        listed = co_await apps->list();
    };
    asio::co_spawn(io, ask, asio::detached);
    run_out(io);
    ASSERT_TRUE(out && listed);
    EXPECT_TRUE(out->error().is(errc::closed));
    EXPECT_TRUE(listed->error().is(errc::closed));
}

TEST_F(AppDirectory, MayGoBeforeItsCallsDo) {
    tally t;
    start_hellos(1, t);
    asio::co_spawn(io, app_directory(*apps).find("orders"),
                   [&](std::exception_ptr, const result<app_info>& a) { t.add(failure(errc::closed, words(a))); });
    settle(io);
    apps.reset();
    c = client();
    run_out(io);
    EXPECT_EQ(t.ok, 1);
    EXPECT_EQ(t.first(), "it went well");
}

TEST(AppDirectoryLife, CallersOfAnotherContextAreAnsweredWhenTheClientsContextGoes) {
    workspace w;
    w.emulated.inject(emulator_place::apps_api, stall(10));
    asio::io_context away;
    tally t;
    const auto call = [&](app_directory apps) -> awaitable<void> {
        auto r = co_await apps.try_send("orders", get("/api/hello"));
        t.add(r);
    };
    for (const bool flying : {true, false}) {
        auto home = std::make_unique<asio::io_context>();
        client c(home->get_executor(), w.cache(home->get_executor()), w.options());
        const app_directory apps(c, w.emulated.workspace_url());
        for (int i = 0; i < 3; ++i)
            asio::co_spawn(away, call(apps), asio::detached);
        settle(away);
        const auto before = w.emulated.count().apps_api_requests;
        if (flying) {
            ASSERT_TRUE(eventually({home.get(), &away}, [&] { return w.emulated.count().apps_api_requests > before; }));
        }
        home.reset();
        run_out(away);
    }
    EXPECT_EQ(t.bad, 6);
    EXPECT_NE(t.first().find("io_context is gone"), std::string::npos) << t.first();
}

TEST(AppDirectoryLife, AContextWithLookUpsAndWaitsInFlightIsDestroyed) {
    workspace w;
    w.emulated.set_app("orders", stopped_app());
    w.emulated.set_app("billing");
    w.emulated.inject(emulator_place::apps_api, stall(1));
    asio::io_context io;
    client c(io.get_executor(), w.cache(io.get_executor()), w.options());
    const app_directory apps(c, w.emulated.workspace_url());
    std::string told;
    app_directory::progress note = [&](const app_info& a) { told += a.compute_word; };
    const auto ignore = [](std::exception_ptr, const auto&) {};
    asio::co_spawn(io, apps.try_send("billing", get("/")), ignore);
    ASSERT_TRUE(eventually(io, [&] { return w.emulated.count().apps_api_requests == 1; }));
    asio::co_spawn(io, apps.wait_until_serving("orders", 1h, note), ignore);
    ASSERT_TRUE(eventually(io, [&] { return !told.empty(); }));
}

TEST(AppDirectoryThreads, TwoThreadsCallAndListAndMoveApps) {
    workspace w;
    const std::array<std::string, 3> names = {"orders", "billing", "search"};
    for (const auto& name : names)
        w.emulated.set_app(name);
    asio::io_context io;
    client c(io.get_executor(), w.cache(io.get_executor()), w.options());
    const app_directory apps(c, w.emulated.workspace_url(), {.urls_live = 1ms});
    std::atomic<int> ok{0}, ended{0};
    for (std::size_t i = 0; i < 16; ++i) {
        asio::co_spawn(
            io,
            [&, i]() -> awaitable<void> {
                for (int n = 0; n < 20; ++n) {
                    const auto r = co_await apps.try_send(names[i % 3], get("/api/hello"));
                    ok += r && r->status() == 200 ? 1 : 0;
                    if (n % 8 == 0) ok += (co_await apps.list()) ? 0 : -1000;
                    ++ended;
                }
            },
            asio::detached);
    }
    std::thread other([&] { io.run_for(60s); });
    io.run_for(60s);
    other.join();
    EXPECT_EQ(ended, 320);
    EXPECT_EQ(ok, 320);
}

void expect_bad_config(const client& c, const std::string& host, app_directory_options options, const char* word) {
    try {
        const app_directory made(c, host, options);
        ADD_FAILURE() << "made: " << word;
    } catch (const error& e) {
        EXPECT_TRUE(e.why().is(errc::bad_config)) << e.what();
        EXPECT_NE(e.why().detail.find(word), std::string::npos) << e.what();
    }
}

TEST(AppDirectoryConfig, IsCheckedWhenItIsMade) {
    asio::io_context io;
    const client c = plain_client(io).handle;
    EXPECT_NO_THROW(app_directory(c, "ws.example", {.urls_live = 0s, .look_up_within = 100ms}));
    EXPECT_NO_THROW(app_directory(c, "https://ws.example/", {.urls_live = 24h, .look_up_within = 10min}));
    expect_bad_config(client(), "ws.example", {}, "client");
    expect_bad_config(c, "", {}, "host");
    expect_bad_config(c, "http://ws.example", {}, "https");
    expect_bad_config(c, "ws.example", {.urls_live = -1ns}, "urls_live");
    expect_bad_config(c, "ws.example", {.urls_live = 24h + 1ns}, "urls_live");
    expect_bad_config(c, "ws.example", {.look_up_within = 99ms}, "look_up_within");
    expect_bad_config(c, "ws.example", {.look_up_within = 10min + 1ns}, "look_up_within");
}

}  // namespace
}  // namespace dbxapps::test
