// The chain of ways in, with sources that play a script.
#include <login/first_that_works.hpp>
#include <support/scripted_transport.hpp>

#include <map>

namespace dbxapps::test {
namespace {

using config::attribute;
using config::config_error;
using login::first_that_works;

// What the source of each way in says, in their order; the last word is repeated. Nothing: the way is not made.
struct script {
    std::map<std::string, std::deque<result<token>>> words;
    std::vector<std::string> asked;
    std::vector<duration> had;  // the time that each had
    std::map<std::string, int> closed;
};
script* playing = nullptr;

class scripted_source final : public token_source {
public:
    explicit scripted_source(std::string name) : name_(std::move(name)) {}
    awaitable<result<token>> fetch(transport&, time_point deadline) override {
        playing->asked.push_back(name_);
        playing->had.push_back(deadline - clock::now());
        auto& words = playing->words.at(name_);
        result<token> out = words.front();
        if (words.size() > 1) words.pop_front();
        co_return out;
    }
    void close() noexcept override { ++playing->closed[name_]; }
    duration needs() const noexcept override { return name_ == "databricks-cli" ? duration(60s) : duration(); }
    bool may_repeat() const noexcept override { return name_ != "databricks-cli"; }
    bool renewable() const noexcept override { return name_ != "pat"; }
    std::string host() const override { return "https://found.by.source"; }

private:
    std::string name_;
};

result<std::unique_ptr<token_source>> make_scripted(const config::way_in& way, const config::settings&,
                                                    const config::surroundings&) {
    const std::string name(way.auth_type);
    if (playing->words.count(name) == 0) return failure(errc::bad_config, "cannot be made");
    return std::unique_ptr<token_source>(std::make_unique<scripted_source>(name));
}

struct chain_test : testing::Test {
    chain_test() { playing = &plays; }
    ~chain_test() override { playing = nullptr; }

    first_that_works make(std::vector<std::pair<attribute, std::string>> all) {
        config::resolved r;
        for (const auto& [a, value] : all)
            r.values.set(a, value);
        config::surroundings around;
        around.variable = [this](const std::string& name) { return variables[name]; };
        around.file = [](const std::string&) -> result<std::optional<std::string>> { return std::nullopt; };
        around.no_program = [this](const std::string&) {
            return programs ? std::nullopt : std::optional(config_error::cli_not_found);
        };
        return {std::move(r), std::move(around), make_scripted};
    }
    result<token> fetch(first_that_works& from) {
        result<token> out = failure(errc::closed, "never ended");
        asio::co_spawn(
            io, [&]() -> awaitable<void> { out = co_await from.fetch(wire, clock::now() + from.needs() + 10s); },
            asio::detached);
        run_out(io);
        return out;
    }

    script plays;
    std::map<std::string, std::string> variables;
    bool programs = true;
    scripted_transport wire;
    asio::io_context io;
};

const failure no(errc::token_refused, "the endpoint said no");
failure outage() {
    failure out(errc::token_unavailable, "it is down");
    out.status = 503;
    return out;
}

TEST_F(chain_test, TakesTheFirstThatGivesATokenAndStaysWithIt) {
    plays.words = {{"oauth-m2m", {no}}, {"databricks-cli", {token("from-cli")}}};
    auto chain = make({{attribute::host, "https://x"}, {attribute::client_id, "i"}, {attribute::client_secret, "s"}});
    EXPECT_EQ(chain.chosen(), "");
    ASSERT_TRUE(fetch(chain));
    EXPECT_EQ(fetch(chain)->access_token(), "from-cli");
    EXPECT_EQ(plays.asked, (std::vector<std::string>{"oauth-m2m", "databricks-cli", "databricks-cli"}));
    EXPECT_EQ(chain.chosen(), "databricks-cli");
    EXPECT_EQ(chain.host(), "https://x");
    bool refused = false;
    for (const auto& one : chain.tried()) {
        EXPECT_NE(one.way->auth_type, "databricks-cli");
        if (one.way->auth_type == "oauth-m2m") refused = one.why_not->detail == no.detail;
    }
    EXPECT_TRUE(refused);
}

TEST_F(chain_test, AnOutageDoesNotChangeWhoIsLoggedIn) {
    plays.words = {{"oauth-m2m", {outage(), token("from-m2m")}}, {"databricks-cli", {token("from-cli")}}};
    auto chain = make({{attribute::host, "https://x"}, {attribute::client_id, "i"}, {attribute::client_secret, "s"}});
    const auto first = fetch(chain);
    ASSERT_FALSE(first);
    EXPECT_TRUE(first.error().is(errc::token_unavailable));
    EXPECT_EQ(first.error().status, 503);
    EXPECT_EQ(first.error().detail, "oauth-m2m auth: it is down");
    EXPECT_EQ(chain.chosen(), "");
    EXPECT_EQ(fetch(chain)->access_token(), "from-m2m");
    EXPECT_EQ(plays.asked, (std::vector<std::string>{"oauth-m2m", "oauth-m2m"}));
}

TEST_F(chain_test, NeitherDoesAnAnswerThatIsNoneOrABrokenNetwork) {
    failure garbage(errc::token_unavailable, "the answer is a page");
    garbage.status = 200;
    failure discovery(errc::token_unavailable, "no document", make_error_code(errc::tls_failed));
    for (const failure& why : {garbage, discovery, failure(errc::tls_failed, "a certificate of somebody else")}) {
        plays.words = {{"oauth-m2m", {why}}, {"databricks-cli", {token("from-cli")}}};
        plays.asked.clear();
        auto chain =
            make({{attribute::host, "https://x"}, {attribute::client_id, "i"}, {attribute::client_secret, "s"}});
        const auto r = fetch(chain);
        ASSERT_FALSE(r) << why.detail;
        EXPECT_EQ(r.error().code, why.code);
        EXPECT_EQ(plays.asked.size(), 1u) << why.detail;
        ASSERT_FALSE(chain.tried().empty());
    }
}

TEST_F(chain_test, AProgramThatFailsMakesRoomForTheNextWay) {
    plays.words = {{"databricks-cli", {failure(errc::token_unavailable, "it ended with exit status 1")}},
                   {"env-oidc", {token("from-variable")}}};
    variables["DATABRICKS_OIDC_TOKEN"] = "t";
    auto chain = make({{attribute::host, "https://x"}});
    EXPECT_EQ(fetch(chain)->access_token(), "from-variable");
}

TEST_F(chain_test, KeepsTheCodeOfWhatWasAsked) {
    const failure unavailable(errc::token_unavailable, "exit status 1");
    failure login(errc::login_required, "log in");
    login.retry_after = 5s;
    const struct {
        failure first, second;
        errc code;
        bool again = false;
    } rows[] = {{no, unavailable, errc::token_unavailable},
                {no, login, errc::login_required},
                {login, unavailable, errc::login_required, true},
                {unavailable, login, errc::login_required, true},
                {no, no, errc::token_refused}};
    for (const auto& row : rows) {
        plays.words = {{"oauth-m2m", {row.first}}, {"databricks-cli", {row.second}}};
        auto chain =
            make({{attribute::host, "https://x"}, {attribute::client_id, "i"}, {attribute::client_secret, "s"}});
        const auto r = fetch(chain);
        ASSERT_FALSE(r);
        EXPECT_TRUE(r.error().is(row.code)) << r.error().code.message();
        EXPECT_EQ(r.error().cause, config_error::no_credentials);
        EXPECT_EQ(r.error().retry_after.has_value(), row.again) << "whoever said no would be asked again, too";
    }
}

TEST_F(chain_test, MayRepeatWhatItHasRun) {
    plays.words = {{"oauth-m2m", {outage(), no}}, {"databricks-cli", {failure(errc::token_unavailable, "no")}}};
    auto chain = make({{attribute::host, "https://x"}, {attribute::client_id, "i"}, {attribute::client_secret, "s"}});
    EXPECT_TRUE(chain.may_repeat());
    EXPECT_FALSE(fetch(chain));
    EXPECT_TRUE(chain.may_repeat()) << "only oauth-m2m was asked";
    EXPECT_FALSE(fetch(chain));
    EXPECT_FALSE(chain.may_repeat()) << "the program was run";
}

TEST_F(chain_test, GivesEachItsOwnTime) {
    plays.words = {{"oauth-m2m", {no}}, {"databricks-cli", {no}}, {"env-oidc", {no}}};
    variables["DATABRICKS_OIDC_TOKEN"] = "t";
    auto chain = make({{attribute::host, "https://w.cloud.databricks.com"},
                       {attribute::client_id, "i"},
                       {attribute::client_secret, "s"}});
    EXPECT_EQ(chain.needs(), 90s);
    EXPECT_FALSE(fetch(chain));
    ASSERT_EQ(plays.had.size(), 3u);
    EXPECT_LE(plays.had[0], 15s);
    EXPECT_LE(plays.had[1], 60s);
    EXPECT_GT(plays.had[1], 50s);
    EXPECT_GT(plays.had[2], 60s) << "the last one has all that is left";
}

struct throwing_source final : token_source {
    awaitable<result<token>> fetch(transport&, time_point) override { throw std::runtime_error("out of luck"); }
};

TEST_F(chain_test, WhatASourceThrowsIsItsOwnFailure) {
    plays.words = {{"databricks-cli", {token("from-cli")}}};
    config::resolved r;
    r.values.set(attribute::host, "https://x");
    r.values.set(attribute::token, "t");
    config::surroundings around;
    around.variable = [](const std::string&) { return std::string(); };
    around.no_program = [](const std::string&) { return std::optional<config_error>(); };
    first_that_works chain(r, around, [](const config::way_in& way, const auto& s, const auto& a) {
        if (way.auth_type != "pat") return make_scripted(way, s, a);
        return result<std::unique_ptr<token_source>>(std::make_unique<throwing_source>());
    });
    EXPECT_EQ(fetch(chain)->access_token(), "from-cli");
}

TEST_F(chain_test, NamesEveryWayAndItsReasonWhenNoneGivesAToken) {
    plays.words = {{"oauth-m2m", {no}}};
    programs = false;
    auto chain = make({{attribute::host, "https://x"}, {attribute::client_id, "i"}, {attribute::client_secret, "s"}});
    for (int i = 0; i < 2; ++i) {
        const auto r = fetch(chain);
        ASSERT_FALSE(r);
        EXPECT_EQ(r.error().cause, config_error::no_credentials);
        EXPECT_TRUE(r.error().is(errc::token_refused));
        EXPECT_NE(r.error().detail.find("cannot configure default credentials"), std::string::npos);
        EXPECT_NE(r.error().detail.find("\n  oauth-m2m: the endpoint said no\n"), std::string::npos);
        EXPECT_NE(r.error().detail.find("\n  pat: needs token"), std::string::npos);
        EXPECT_EQ(r.error().detail.find("client_secret=s"), std::string::npos);
    }
    EXPECT_EQ(plays.asked.size(), 2u) << "it is judged anew each time";
    EXPECT_EQ(chain.tried().size(), config::ways_in().size());
}

TEST_F(chain_test, AnAuthTypeLeavesOneWayWithItsOwnFailure) {
    plays.words = {{"oauth-m2m", {no}}, {"databricks-cli", {token("from-cli")}}};
    auto chain = make({{attribute::host, "https://x"},
                       {attribute::client_id, "i"},
                       {attribute::client_secret, "s"},
                       {attribute::auth_type, "oauth-m2m"}});
    const auto r = fetch(chain);
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::token_refused));
    EXPECT_EQ(config::kind_of(r.error()), config_error::credential_source);
    EXPECT_TRUE(r.error().detail.starts_with("oauth-m2m auth: the endpoint said no")) << r.error().detail;
    EXPECT_EQ(plays.asked.size(), 1u);
}

TEST_F(chain_test, AnUnknownAuthTypeOrAWayThatCannotBeMadeIsSaid) {
    auto unknown = make({{attribute::host, "https://x"}, {attribute::auth_type, "magic"}});
    EXPECT_EQ(fetch(unknown).error().cause, config_error::unknown_auth_type);
    auto unmade = make({{attribute::host, "https://x"}, {attribute::token, "t"}, {attribute::auth_type, "pat"}});
    EXPECT_NE(fetch(unmade).error().detail.find("cannot be made"), std::string::npos);
}

TEST_F(chain_test, AClosedCacheEndsIt) {
    plays.words = {{"oauth-m2m", {failure(errc::closed, "closed")}}, {"databricks-cli", {token("from-cli")}}};
    auto chain = make({{attribute::host, "https://x"}, {attribute::client_id, "i"}, {attribute::client_secret, "s"}});
    EXPECT_TRUE(fetch(chain).error().is(errc::closed));
    EXPECT_EQ(plays.asked.size(), 1u);
}

TEST_F(chain_test, PassesOnThatItIsClosed) {
    plays.words = {{"databricks-cli", {token("from-cli")}}};
    auto chain = make({{attribute::host, "https://x"}});
    chain.close();
    EXPECT_TRUE(plays.closed.empty());
    ASSERT_TRUE(fetch(chain));
    EXPECT_GT(plays.closed["databricks-cli"], 0) << "it was closed before that source was asked";
    const int before = plays.closed["databricks-cli"];
    chain.close();
    EXPECT_GT(plays.closed["databricks-cli"], before) << "it stays the active one";
}

TEST_F(chain_test, NeedsAsLongAsAllThatItMayTry) {
    plays.words = {{"oauth-m2m", {no}}, {"databricks-cli", {token("from-cli")}}, {"pat", {token("pat")}}};
    auto both = make({{attribute::host, "https://x"}, {attribute::client_id, "i"}, {attribute::client_secret, "s"}});
    EXPECT_EQ(both.needs(), 90s) << "15 s for the one that says nothing of it, and to ask the host where it is";
    ASSERT_TRUE(fetch(both));
    EXPECT_EQ(both.needs(), 60s);
    auto one = make({{attribute::host, "https://x"}, {attribute::token, "t"}, {attribute::auth_type, "pat"}});
    EXPECT_EQ(one.needs(), 0s);
    EXPECT_TRUE(one.renewable());
    ASSERT_TRUE(fetch(one));
    EXPECT_FALSE(one.renewable());
}

TEST_F(chain_test, AsksAHostOfNoKnownNameWhereItIsWhenNothingElseWorks) {
    plays.words = {{"azure-client-secret", {token("from-azure")}}};
    programs = false;
    wire.answers = {scripted_transport::json(200, R"({"cloud":"AZURE"})")};
    auto chain = make({{attribute::host, "https://data.example.com"},
                       {attribute::azure_client_id, "i"},
                       {attribute::azure_client_secret, "s"},
                       {attribute::azure_tenant_id, "t"}});
    const auto r = fetch(chain);
    ASSERT_TRUE(r) << r.error().detail;
    EXPECT_EQ(r->access_token(), "from-azure");
    EXPECT_EQ(wire.asked, (std::vector<std::string>{"GET https://data.example.com/.well-known/databricks-config"}));
    EXPECT_EQ(chain.values().text(attribute::cloud), "Azure");
}

TEST_F(chain_test, DoesNotAskWhenAnEarlierWayWorks) {
    plays.words = {{"databricks-cli", {token("from-cli")}}, {"azure-cli", {token("from-azure")}}};
    auto chain = make({{attribute::host, "https://data.example.com"}});
    EXPECT_EQ(fetch(chain)->access_token(), "from-cli");
    EXPECT_TRUE(wire.asked.empty());
}

TEST_F(chain_test, AsksBeforeItGoesOnToALaterWay) {
    plays.words = {{"databricks-cli", {no}}, {"azure-cli", {token("from-azure")}}, {"external-browser", {token("p")}}};
    wire.answers = {scripted_transport::json(200, R"({"cloud":"azure"})")};
    auto chain = make({{attribute::host, "https://data.example.com"}});
    EXPECT_EQ(fetch(chain)->access_token(), "from-azure");
    EXPECT_EQ(plays.asked, (std::vector<std::string>{"databricks-cli", "azure-cli"})) << "and nothing twice";
}

TEST_F(chain_test, AHostThatCannotBeAskedIsAnOutageUnlessAnotherHasSpoken) {
    plays.words = {{"databricks-cli", {no}}};
    auto spoken = make({{attribute::host, "https://data.example.com"}});
    const auto said = fetch(spoken);
    ASSERT_FALSE(said);
    EXPECT_TRUE(said.error().is(errc::token_refused));
    EXPECT_NE(said.error().detail.find("\n  azure-cli: on which cloud is the host?"), std::string::npos);
    plays.words = {};
    auto chain = make({{attribute::host, "https://data.example.com"}});
    const auto r = fetch(chain);
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::connect_failed));
    EXPECT_NE(r.error().detail.find("on which cloud is the host?"), std::string::npos) << r.error().detail;
    wire.answers = {scripted_transport::json(404, "")};
    const auto again = fetch(chain);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().cause, config_error::no_credentials) << "it says nothing, so its name counts";
    EXPECT_NE(again.error().detail.find("azure-cli: works for Azure only"), std::string::npos);
}

TEST_F(chain_test, DoesNotAskAHostWhoseNameTells) {
    programs = false;
    auto chain = make({{attribute::host, "https://w.cloud.databricks.com"}, {attribute::azure_client_id, "i"}});
    EXPECT_FALSE(fetch(chain));
    EXPECT_TRUE(wire.asked.empty());
}

TEST_F(chain_test, TakesTheHostThatItsSourceFound) {
    plays.words = {{"azure-cli", {token("from-azure")}}};
    auto chain = make({{attribute::azure_workspace_resource_id, "/subscriptions/1"}});
    EXPECT_EQ(chain.host(), "");
    ASSERT_TRUE(fetch(chain));
    EXPECT_EQ(chain.host(), "https://found.by.source");
}

}  // namespace
}  // namespace dbxapps::test
