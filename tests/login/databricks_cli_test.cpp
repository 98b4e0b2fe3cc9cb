// A databricks CLI that is a shell script, and writes down what it was asked.
#include <config/config_error.hpp>
#include <login/program_ways.hpp>
#include <support/scripted_transport.hpp>
#include <support/scripts.hpp>
#include <text/encoding.hpp>

#include <csignal>

namespace dbxapps::test {
namespace {

using config::config_error;

constexpr std::size_t megabyte = 1'048'576;
constexpr std::int64_t start = 1893456000;  // 2030-01-01T00:00:00Z
const std::string host = "https://w.cloud.databricks.com";
const std::string answer = R"({"access_token":"acc3ss-1","token_type":"Bearer","expiry":"2030-01-01T02:00:00+01:00"})";

struct DatabricksCli : testing::Test {
    temporary_directory home;
    std::optional<asio::io_context> io{std::in_place};
    scripted_transport wire;
    std::int64_t wall = start;
    databricks_cli_options options = [] {
        databricks_cli_options o;
        o.host = "W.cloud.databricks.com/";
        return o;
    }();
    login::machine machine;
    std::unique_ptr<token_source> source;
    const std::string asked = home.path() + "/asked", pids = home.path() + "/pids";

    DatabricksCli() {
        machine.path_variable = "/nowhere:" + home.path();
        machine.environment = {{"PATH=/usr/bin:/bin"}};
        machine.now = [this] { return std::chrono::system_clock::time_point(std::chrono::seconds(wall)); };
    }
    ~DatabricksCli() override { EXPECT_TRUE(has_no_children()); }

    static std::string print(const std::string& text) { return "cat <<'END'\n" + text + "\nEND\n"; }
    void make(const std::string& version, const std::string& lines, std::size_t size = megabyte) {
        make_script(home.path() + "/databricks",
                    "echo \"$@\" >>" + asked + "\nif [ \"$1\" = version ]; then\n" + version + "\nexit\nfi\n" + lines,
                    size);
    }
    std::vector<std::string> questions() const {
        std::ifstream in(asked);
        std::vector<std::string> out;
        for (std::string line; std::getline(in, line);)
            out.push_back(line);
        return out;
    }
    result<token> fetch(duration within = 60s) {
        if (!source) source = login::databricks_cli(options, machine);
        result<token> out = failure(errc::closed, "never ended");
        asio::co_spawn(
            *io, [&]() -> awaitable<void> { out = co_await source->fetch(wire, clock::now() + within); },
            asio::detached);
        run_out(*io);
        EXPECT_TRUE(wire.asked.empty());
        if (!out) {
            EXPECT_EQ(out.error().detail.find("acc3ss"), std::string::npos) << out.error().detail;
        }
        return out;
    }
    failure refused(duration within = 60s) {
        const auto r = fetch(within);
        if (r) ADD_FAILURE() << "it gave a token";
        return r ? failure() : r.error();
    }
    void expect_token(const result<token>& r) {
        ASSERT_TRUE(r) << r.error().detail;
        EXPECT_EQ(r->authorization(), "Bearer acc3ss-1");
        EXPECT_EQ(r->life(), 1h);
        EXPECT_TRUE(r->unfit_for_apps().empty());
    }
};

const std::string v0_296 = "echo 'Databricks CLI v0.296.0'";

TEST_F(DatabricksCli, GivesTheTokenOfItsHostForAsLongAsItLives) {
    make(v0_296, print(answer));
    expect_token(fetch());
    EXPECT_EQ(questions(), (std::vector<std::string>{"version", "auth token --host " + host + " --force-refresh"}));
    EXPECT_EQ(source->host(), host);
    EXPECT_EQ(source->needs(), 60s);
    EXPECT_FALSE(source->may_repeat());
}

TEST_F(DatabricksCli, TakesTheProfileWhereTheVersionKnowsIt) {
    options.profile = "my profile";
    make(R"(echo '{"Major":0,"Minor":207,"Patch":1}')", print(answer));
    expect_token(fetch());
    EXPECT_EQ(questions().back(), "auth token --profile my profile");
}

TEST_F(DatabricksCli, AsksAnAccountsConsoleForItsAccount) {
    options.host = "accounts.cloud.databricks.com";
    options.account_id = "abc-123";
    make(v0_296, print(answer));
    expect_token(fetch());
    EXPECT_EQ(questions().back(),
              "auth token --host https://accounts.cloud.databricks.com --account-id abc-123 --force-refresh");
}

TEST_F(DatabricksCli, AVersionThatIsNotToldIsTakenForTheOldest) {
    options.profile = "p";
    for (const auto& version : {print(answer), std::string("exit 1"), std::string("echo 'v0.296.0'"),
                                "exec >&-; " + v0_296, v0_296 + "; exit 1"}) {
        make(version, print(answer));
        expect_token(fetch());
        EXPECT_EQ(questions().back(), "auth token --host " + host);
    }
}

TEST_F(DatabricksCli, AsksForTheVersionOncePerFile) {
    make(v0_296, print(answer));
    expect_token(fetch());
    expect_token(fetch());
    EXPECT_EQ(questions().size(), 3u);
    make("echo 'Databricks CLI v0.200.0'", print(answer));
    expect_token(fetch());
    EXPECT_EQ(questions().size(), 5u);
    EXPECT_EQ(questions().back(), "auth token --host " + host);
}

TEST_F(DatabricksCli, AProfileOfTheEnvironmentIsNotObeyed) {
    machine.environment->push_back("DATABRICKS_CONFIG_PROFILE=another");
    machine.environment->push_back("DATABRICKS_CONFIG_FILE=kept");
    const std::string told = "echo \"$DATABRICKS_CONFIG_PROFILE,$DATABRICKS_CONFIG_FILE\" >>" + asked + "\n";
    make(v0_296, told + print(answer));
    expect_token(fetch());
    EXPECT_EQ(questions().back(), ",kept");
}

TEST_F(DatabricksCli, AProfileOfAnotherFileIsLookedForThere) {
    machine.environment->push_back("DATABRICKS_CONFIG_FILE=/the/environment's");
    options.profile = "mine";
    options.config_file = "/another/file";
    make(v0_296, "echo \"$DATABRICKS_CONFIG_FILE\" >>" + asked + "\n" + print(answer));
    expect_token(fetch());
    EXPECT_EQ(questions().back(), "/another/file");
}

TEST_F(DatabricksCli, ARefreshThatMetAnotherIsTriedOnceMoreWithoutForce) {
    for (const auto* words : {"Error: cache update: x", "Error: forced token refresh: x"}) {
        make(v0_296,
             "case \"$*\" in *--force*) echo '" + std::string(words) + "' >&2; exit 45;; esac\n" + print(answer));
        source.reset();
        expect_token(fetch());
        EXPECT_EQ(questions().back(), "auth token --host " + host);
    }
    std::filesystem::remove(asked);
    make(v0_296, "echo 'Error: cache update: x' >&2; exit 45");
    const auto why = refused();
    EXPECT_TRUE(why.is(errc::token_unavailable));
    EXPECT_EQ(why.detail, "cannot get access token: Error: cache update: x");
    EXPECT_EQ(questions().size(), 3u);
}

TEST_F(DatabricksCli, ItsOwnWordsTellWhyThereIsNoTokenButNoSecret) {
    make(v0_296, "echo 'Error: cache: databricks OAuth is not configured for this host.' >&2; exit 1");
    auto why = refused();
    EXPECT_EQ(why.cause, config_error::login_required);
    EXPECT_EQ(why.retry_after, duration(5s)) << "somebody may log in meanwhile";
    EXPECT_EQ(why.detail,
              "cannot get access token: Error: cache: databricks OAuth is not configured for this host.; run: "
              "databricks auth login --host " +
                  host);
    make(v0_296, "echo '{\"refresh_token\":\"acc3ss-2\"} dapi0123acc3ss456' >&2; echo acc3ss-3; exit 1");
    why = refused();
    EXPECT_TRUE(why.is(errc::token_unavailable));
    EXPECT_EQ(why.detail, R"(cannot get access token: {"refresh_token":"***"} ***)");
    EXPECT_EQ(questions().size(), 4u) << "it was tried again";
}

TEST_F(DatabricksCli, WhatIsNoAnswerIsRefused) {
    make(v0_296, "echo acc3ss");
    EXPECT_EQ(refused().cause, config_error::parse);
    make(v0_296, "exec yes acc3ss");
    EXPECT_NE(refused().detail.find("too long"), std::string::npos);
    wall += 7200;
    make(v0_296, print(answer));
    EXPECT_TRUE(refused().is(errc::token_unavailable));
}

TEST_F(DatabricksCli, ChecksTheScopesThatAreAskedFor) {
    const auto with_scopes = [](const std::string& scopes) {
        return print(R"({"access_token":"e30.)" + text::base64url(R"({"scope":")" + scopes + R"("})") +
                     R"(.acc3ss","expiry":"2030-01-01T01:00:00Z"})");
    };
    options.scopes = {"sql", "clusters"};
    make(v0_296, with_scopes("clusters offline_access sql"));
    EXPECT_TRUE(fetch());
    make(v0_296, with_scopes("all-apis offline_access"));
    const auto why = refused();
    EXPECT_EQ(why.cause, config_error::scope_mismatch);
    EXPECT_NE(why.detail.find("databricks auth login --host " + host), std::string::npos) << why.detail;
}

TEST_F(DatabricksCli, SaysWhereItIsMissingOrTooOld) {
    auto why = refused();
    EXPECT_EQ(why.cause, config_error::cli_not_found);
    EXPECT_EQ(why.detail, "databricks CLI not found");
    make(v0_296, print(answer), megabyte - 1);
    why = refused();
    EXPECT_EQ(why.cause, config_error::legacy_cli);
    EXPECT_TRUE(questions().empty());
}

TEST_F(DatabricksCli, TakesAPathAsItIs) {
    make(v0_296, print(answer));
    options.path = home.path() + "/databricks";
    machine.path_variable.clear();
    expect_token(fetch());
}

TEST_F(DatabricksCli, EndsOneThatHangsTogetherWithItsChild) {
    options.within = 2s;
    make(v0_296, "echo 'waiting for dapi0123acc3ss456' >&2\n" + hang_and_tell(pids));
    source = login::databricks_cli(options, machine);
    std::optional<result<token>> out;
    asio::co_spawn(
        *io, [&]() -> awaitable<void> { out.emplace(co_await source->fetch(wire, clock::now() + 60s)); },
        asio::detached);
    ASSERT_TRUE(eventually(*io, [&] { return has_told(pids); }));
    const processes all(pids);
    ASSERT_TRUE(all.run(2));
    run_out(*io);
    ASSERT_TRUE(out && !*out);
    EXPECT_TRUE(out->error().is(errc::timed_out));
    EXPECT_EQ(out->error().detail,
              "databricks auth token was not done in time, and was ended; it said: waiting for ***");
    EXPECT_TRUE(all.have_ended());
}

TEST_F(DatabricksCli, TheDeadlineOfTheFetchEndsItToo) {
    make(v0_296, "exec sleep 1000");
    EXPECT_TRUE(refused(1s).is(errc::timed_out));
}

TEST_F(DatabricksCli, AVersionThatHangsTakesNoMoreThanItsShare) {
    options.within = 30s;
    make("exec sleep 1000", print(answer));
    const auto began = clock::now();
    expect_token(fetch());
    EXPECT_GE(clock::now() - began, 5s);
    EXPECT_LT(clock::now() - began, 25s);
    EXPECT_EQ(questions().back(), "auth token --host " + host);
}

TEST_F(DatabricksCli, AVersionThatTakesAllTheTimeEndsTheFetch) {
    make("exec sleep 1000", print(answer));
    const auto why = refused(1s);
    EXPECT_TRUE(why.is(errc::timed_out));
    EXPECT_EQ(why.detail, "databricks version was not done in time, and was ended");
    EXPECT_EQ(questions(), std::vector<std::string>{"version"});
}

TEST_F(DatabricksCli, ARefreshThatMetAnotherAndHangsIsTheLast) {
    make(v0_296, "echo 'Error: cache update: x' >&2; exec sleep 1000");
    EXPECT_EQ(refused(1s).detail,
              "databricks auth token was not done in time, and was ended; it said: Error: cache update: x");
    EXPECT_EQ(questions().size(), 2u);
}

TEST_F(DatabricksCli, TheReasonComesAfterAllTheNoise) {
    make(v0_296, "head -c 70000 /dev/zero | tr '\\0' x >&2; echo ' Error: refresh token is invalid' >&2; exit 1");
    const auto why = refused();
    EXPECT_EQ(why.cause, config_error::login_required);
    EXPECT_TRUE(why.detail.ends_with("Error: refresh token is invalid; run: databricks auth login --host " + host))
        << why.detail;
}

TEST_F(DatabricksCli, AClosedCacheEndsIt) {
    make(v0_296, hang_and_tell(pids));
    auto cache = make_token_cache(io->get_executor(), login::databricks_cli(options, machine));
    std::optional<result<token_ptr>> out;
    asio::co_spawn(
        *io, [&]() -> awaitable<void> { out.emplace(co_await cache->get(clock::now() + 60s)); }, asio::detached);
    ASSERT_TRUE(eventually(*io, [&] { return has_told(pids); }));
    const processes all(pids);
    ASSERT_TRUE(all.run(2));
    cache->close();
    run_out(*io);
    ASSERT_TRUE(out && !*out);
    EXPECT_TRUE(out->error().is(errc::closed));
    EXPECT_TRUE(all.have_ended());
}

TEST_F(DatabricksCli, GoesWithTheContextOfItsCache) {
    make(v0_296, hang_and_tell(pids));
    auto cache = make_token_cache(io->get_executor(), login::databricks_cli(options, machine));
    asio::co_spawn(
        *io, [&]() -> awaitable<void> { (void)co_await cache->get(clock::now() + 60s); }, asio::detached);
    ASSERT_TRUE(eventually(*io, [&] { return has_told(pids); }));
    const processes all(pids);
    ASSERT_TRUE(all.run(2));
    io.reset();
    EXPECT_TRUE(has_no_children());
    EXPECT_TRUE(all.have_ended());
}

TEST_F(DatabricksCli, WhereSigchldIsIgnoredWhatItSaysDecides) {
    std::signal(SIGCHLD, SIG_IGN);
    make(v0_296, print(answer));
    expect_token(fetch());
    EXPECT_EQ(questions().back(), "auth token --host " + host + " --force-refresh");
    make(v0_296, "echo 'refresh token is invalid' >&2; exit 1");
    EXPECT_EQ(refused().cause, config_error::login_required);
    std::signal(SIGCHLD, SIG_DFL);
}

TEST_F(DatabricksCli, RefusesWhatCannotBe) {
    const auto why = [this](const databricks_cli_options& o) {
        try {
            (void)databricks_cli(o);
        } catch (const error& e) {
            return e.why().detail;
        }
        return std::string("accepted");
    };
    EXPECT_EQ(why(options), "accepted");
    auto other = options;
    other.host.clear();
    EXPECT_NE(why(other), "accepted");
    for (const duration within : {duration(99ms), duration(10min + 1ms)}) {
        other = options;
        other.within = within;
        EXPECT_NE(why(other).find("between 100 ms and 10 min"), std::string::npos);
    }
}

}  // namespace
}  // namespace dbxapps::test
