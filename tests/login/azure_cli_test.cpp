// An az that is a shell script, and writes down what it was asked.
#include <config/config_error.hpp>
#include <login/program_ways.hpp>
#include <support/scripted_transport.hpp>
#include <support/scripts.hpp>

namespace dbxapps::test {
namespace {

using config::config_error;
using words = std::vector<std::string>;

constexpr std::int64_t start = 1893456000;  // 2030-01-01T00:00:00Z
const std::string host = "https://adb-123.4.azuredatabricks.net";
const std::string login_app = "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d";
const std::string management = "https://management.core.windows.net/";
const std::string resource_id = "/subscriptions/123/resourceGroups/abc/providers/Microsoft.Databricks/workspaces/w";

struct AzureCli : testing::Test {
    temporary_directory home;
    asio::io_context io;
    scripted_transport wire;
    azure_options options = [] {
        azure_options o;
        o.host = host;
        return o;
    }();
    login::machine machine;
    std::unique_ptr<token_source> source;
    std::string user = R"({"user":{"name":"me@example.com","type":"user"}})";
    const std::string asked = home.path() + "/asked", pids = home.path() + "/pids";

    AzureCli() {
        machine.path_variable = home.path();
        machine.environment = {{"PATH=/usr/bin:/bin"}};
        machine.now = [] { return std::chrono::system_clock::time_point(std::chrono::seconds(start)); };
    }
    ~AzureCli() override { EXPECT_TRUE(has_no_children()); }

    // `instead`: lines that come before the token is given out. The token is named after the resource's first letter.
    void make(const std::string& instead = "") {
        make_script(home.path() + "/az",
                    "echo \"$@\" >>" + asked + "\nif [ \"$2\" = show ]; then echo '" + user + "'; exit; fi\n" +
                        instead +
                        "\ncase \"$4\" in https*) token=acc3ss-m; left=1800;; *) token=acc3ss-w; left=3600;; "
                        "esac\necho \"{\\\"accessToken\\\":\\\"$token\\\",\\\"tokenType\\\":\\\"Bearer\\\","
                        "\\\"expires_on\\\":$((1893456000 + left))}\"");
    }
    words questions() const {
        std::ifstream in(asked);
        words out;
        for (std::string line; std::getline(in, line);)
            out.push_back(line);
        return out;
    }
    void answer_tenant() {
        wire.answers.push_back(scripted_transport::json(
            307, "", "Location: https://login.microsoftonline.com/the-tenant/oauth2/authorize\r\n"));
    }
    result<token> fetch(duration within = 60s) {
        if (!source) source = login::azure_cli(options, machine);
        result<token> out = failure(errc::closed, "never ended");
        asio::co_spawn(
            io, [&]() -> awaitable<void> { out = co_await source->fetch(wire, clock::now() + within); },
            asio::detached);
        run_out(io);
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
    void expect_token() {
        const auto r = fetch();
        ASSERT_TRUE(r) << r.error().detail;
        EXPECT_EQ(r->access_token(), "acc3ss-w");
    }
};

const std::string show = "account show --output json";
std::string ask(const std::string& resource, const std::string& more = "") {
    return "account get-access-token --resource " + resource + " --output json" + more;
}

TEST_F(AzureCli, GivesATokenForTheWorkspaceAndOneForTheManagement) {
    options.workspace_resource_id = resource_id;
    make();
    answer_tenant();
    const auto r = fetch();
    ASSERT_TRUE(r) << r.error().detail;
    EXPECT_EQ(r->authorization(), "Bearer acc3ss-w");
    EXPECT_EQ(r->life(), 30min - 40s);
    EXPECT_EQ(r->unfit_for_apps(), "a Microsoft Entra ID token");
    EXPECT_EQ(r->workspace_fields(),
              "X-Databricks-Azure-SP-Management-Token: acc3ss-m\r\n"
              "X-Databricks-Azure-Workspace-Resource-Id: " +
                  resource_id + "\r\n");
    EXPECT_EQ(wire.asked, words{"GET " + host + "/aad/auth"});
    EXPECT_EQ(questions(),
              (words{show, ask(login_app, " --tenant the-tenant"), ask(management, " --tenant the-tenant")}));
    EXPECT_EQ(source->host(), host);
    EXPECT_EQ(source->needs(), 60s);

    expect_token();
    EXPECT_EQ(wire.asked.size(), 1u) << "the tenant stays";
}

TEST_F(AzureCli, GoesWithoutATokenForTheManagement) {
    options.tenant_id = "mine";
    make("case \"$4\" in https*) echo 'ERROR: no' >&2; exit 1;; esac");
    const auto r = fetch();
    ASSERT_TRUE(r) << r.error().detail;
    EXPECT_EQ(r->workspace_fields(), "");
    EXPECT_EQ(r->life(), 1h - 40s);
    EXPECT_TRUE(wire.asked.empty());
    EXPECT_EQ(questions(), (words{show, ask(login_app, " --tenant mine"), ask(management, " --tenant mine")}));
}

TEST_F(AzureCli, AManagedIdentityIsNeverToldItsTenant) {
    options.tenant_id = "mine";
    user = R"({"user":{"name":"userAssignedIdentity","type":"servicePrincipal"}})";
    make("case \"$*\" in *--tenant*) exit 1;; esac");
    expect_token();
    EXPECT_EQ(questions(), (words{show, ask(login_app), ask(management)}));
    options.tenant_id.clear();
    source.reset();
    expect_token();
    EXPECT_TRUE(wire.asked.empty());
}

TEST_F(AzureCli, AnApplicationIsAskedAgainWithoutTheTenant) {
    options.tenant_id = "mine";
    user = R"({"user":{"name":"1-2-3","type":"servicePrincipal"}})";
    make("case \"$*\" in *--tenant*) exit 1;; esac");
    expect_token();
    EXPECT_EQ(questions(), (words{show, ask(login_app, " --tenant mine"), ask(login_app),
                                  ask(management, " --tenant mine"), ask(management)}));
}

TEST_F(AzureCli, APersonIsNot) {
    options.tenant_id = "mine";
    make("case \"$*\" in *--tenant*) echo 'ERROR: another tenant' >&2; exit 1;; esac");
    const auto why = refused();
    EXPECT_TRUE(why.is(errc::token_unavailable));
    EXPECT_EQ(why.detail, "a token for the workspace: cannot get access token: ERROR: another tenant");
    EXPECT_EQ(questions().size(), 2u);
}

TEST_F(AzureCli, TheSubscriptionStandsInForATenantAndTheHostIsAskedFor) {
    options.host.clear();
    options.workspace_resource_id = resource_id;
    make("case \"$*\" in *--subscription*) exit 1;; esac");
    wire.answers.push_back(
        scripted_transport::json(200, R"({"properties":{"workspaceUrl":"adb-123.4.azuredatabricks.net"}})"));
    expect_token();
    const std::string manager = "https://management.azure.com/", in = " --subscription 123";
    EXPECT_EQ(questions(), (words{show, ask(manager, in), ask(manager), ask(login_app, in), ask(login_app),
                                  ask(management, in), ask(management)}));
    EXPECT_EQ(source->host(), host);
}

TEST_F(AzureCli, SaysWhoHasToDoWhat) {
    auto why = refused();
    EXPECT_EQ(why.cause, config_error::cli_not_found);
    EXPECT_NE(why.detail.find("(az) is not found"), std::string::npos);

    options.tenant_id = "mine";
    source.reset();
    make("echo \"No subscription found. Run 'az account set' to select a subscription.\" >&2; exit 1");
    EXPECT_EQ(refused().cause, config_error::no_credentials);
    make("echo '{acc3ss'");
    EXPECT_EQ(refused().cause, config_error::parse);
    make("echo 'AADSTS700082: eyJhcc3ss.acc3ss To re-authenticate, please run: az login' >&2; exit 1");
    why = refused();
    EXPECT_EQ(why.cause, config_error::login_required);
    EXPECT_EQ(why.detail,
              "a token for the workspace: cannot get access token: AADSTS700082: *** To re-authenticate, please run: "
              "az login");
}

TEST_F(AzureCli, AsksForNoTokenWhereNobodyIsLoggedIn) {
    options.tenant_id = "mine";
    make_script(home.path() + "/az",
                "echo \"$@\" >>" + asked + "\necho \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1");
    const failure why = refused();
    EXPECT_EQ(why.cause, config_error::login_required);
    EXPECT_EQ(why.retry_after, duration(5s)) << "somebody may log in meanwhile";
    EXPECT_EQ(questions(), words{show});
}

TEST_F(AzureCli, WhatIsNotDoneInTimeIsTheLastThatIsRun) {
    make_script(home.path() + "/az", "echo \"$@\" >>" + asked + "\necho slow >&2\nexec sleep 1000");
    auto why = refused(1s);
    EXPECT_TRUE(why.is(errc::timed_out));
    EXPECT_EQ(why.detail, "az account show was not done in time, and was ended; it said: slow");
    EXPECT_TRUE(wire.asked.empty()) << "the tenant was asked for";

    options.tenant_id = "mine";
    source.reset();
    user = R"({"user":{"name":"1-2-3","type":"servicePrincipal"}})";
    make("exec sleep 1000");
    why = refused(1s);
    EXPECT_TRUE(why.is(errc::timed_out));
    EXPECT_EQ(why.detail, "a token for the workspace: az account get-access-token was not done in time, and was ended");
    EXPECT_EQ(questions(), (words{show, show, ask(login_app, " --tenant mine")}));
}

TEST_F(AzureCli, AnAccountThatIsNotToldCountsAsAPersons) {
    options.tenant_id = "mine";
    user = "no JSON";
    make();
    expect_token();
    EXPECT_EQ(questions()[1], ask(login_app, " --tenant mine"));
}

TEST_F(AzureCli, ATenantThatNobodyTellsIsAFailure) {
    make();
    EXPECT_TRUE(refused().is(errc::connect_failed));
    wire.answers.push_back(scripted_transport::json(404, ""));
    const auto why = refused();
    EXPECT_EQ(why.cause, config_error::no_credentials);
    EXPECT_NE(why.detail.find("ARM_TENANT_ID"), std::string::npos) << why.detail;
}

TEST_F(AzureCli, ClosedWhileItAsksForTheManagementItGivesNoToken) {
    options.tenant_id = "mine";
    make("case \"$4\" in https*) " + hang_and_tell(pids) + ";; esac");
    source = login::azure_cli(options, machine);
    std::optional<result<token>> out;
    asio::co_spawn(
        io, [&]() -> awaitable<void> { out.emplace(co_await source->fetch(wire, clock::now() + 60s)); },
        asio::detached);
    ASSERT_TRUE(eventually(io, [&] { return has_told(pids); }));
    source->close();
    run_out(io);
    ASSERT_TRUE(out && !*out);
    EXPECT_TRUE(out->error().is(errc::closed));
}

TEST_F(AzureCli, AClosedCacheEndsItAndItsChild) {
    options.tenant_id = "mine";
    make("case \"$4\" in https*) " + hang_and_tell(pids) + ";; esac");
    auto cache = make_token_cache(io.get_executor(), login::azure_cli(options, machine));
    std::optional<result<token_ptr>> out;
    asio::co_spawn(
        io, [&]() -> awaitable<void> { out.emplace(co_await cache->get(clock::now() + 60s)); }, asio::detached);
    ASSERT_TRUE(eventually(io, [&] { return has_told(pids); }));
    const processes all(pids);
    ASSERT_TRUE(all.run(2));
    cache->close();
    run_out(io);
    ASSERT_TRUE(out && !*out);
    EXPECT_TRUE(out->error().is(errc::closed));
    EXPECT_TRUE(all.have_ended());
}

}  // namespace
}  // namespace dbxapps::test
