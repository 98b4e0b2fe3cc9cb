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
    std::map<std::string, int> closed;
    bool hangs = false;
};
script* playing = nullptr;

class scripted_source final : public token_source {
public:
    explicit scripted_source(std::string name) : name_(std::move(name)) {}
    awaitable<result<token>> fetch(transport&, time_point) override {
        playing->asked.push_back(name_);
        auto& words = playing->words.at(name_);
        result<token> out = words.front();
        if (words.size() > 1) words.pop_front();
        co_return out;
    }
    void close() noexcept override { ++playing->closed[name_]; }
    duration needs() const noexcept override { return name_ == "databricks-cli" ? duration(60s) : duration(); }
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
            io, [&]() -> awaitable<void> { out = co_await from.fetch(wire, clock::now() + 10s); }, asio::detached);
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

TEST_F(chain_test, NamesEveryWayAndItsReasonWhenNoneGivesAToken) {
    plays.words = {{"oauth-m2m", {no}}};
    programs = false;
    auto chain = make({{attribute::host, "https://x"}, {attribute::client_id, "i"}, {attribute::client_secret, "s"}});
    for (int i = 0; i < 2; ++i) {
        const auto r = fetch(chain);
        ASSERT_FALSE(r);
        EXPECT_EQ(r.error().cause, config_error::no_credentials);
        EXPECT_TRUE(r.error().is(errc::bad_config));
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
    EXPECT_EQ(both.needs(), 75s);
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
