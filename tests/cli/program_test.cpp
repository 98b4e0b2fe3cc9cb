// The program as a user runs it: its own process, an environment of its own, and a workspace on loopback.
#include <login/token_store.hpp>
#include <net/subprocess.hpp>
#include <support/plain_server.hpp>
#include <support/scripted_transport.hpp>
#include <support/scripts.hpp>

#include <boost/json/parse.hpp>

#include <signal.h>

namespace dbxapps::test {
namespace {

namespace json = boost::json;

struct outcome {
    int status = -1;
    std::string out, err;
    json::object parsed() const { return json::parse(out).as_object(); }
};

struct program_test : testing::Test {
    asio::io_context io;
    temporary_directory home;
    std::vector<std::string> variables = {"HOME=" + home.path(), "PATH=" + home.path()};

    outcome run(std::vector<std::string> arguments, plain_server* server = nullptr) {
        outcome out;
        asio::co_spawn(
            io,
            [&]() -> awaitable<void> {
                net::program p{DBXAPPS_PROGRAM, arguments, variables};
                auto end = co_await net::run_program(std::move(p), clock::now() + 60s, nullptr);
                if (end) {
                    out = {end->status, end->out, end->err};
                } else {
                    out.err = end.error().detail;
                }
                if (server) server->stop();
            },
            asio::detached);
        run_out(io);
        expect_no_secret(out);
        return out;
    }
    void profile_file(const std::string& text) { make_file(home.path() + "/.databrickscfg", text); }
    static void expect_no_secret(const outcome& o) {
        for (const auto* text : {&o.out, &o.err})
            EXPECT_EQ(text->find("secret-part"), std::string::npos) << *text;
    }
    static exchange_script answer(int status, std::string_view body) {
        return {scripted_transport::json(status, body), exchange_script::after::keep};
    }
};

const std::string login_answer = R"({"access_token":"the-token","token_type":"Bearer","expires_in":3600})";

TEST_F(program_test, PrintsATokenAsTheOfficialCliDoes) {
    plain_server server(io, {{answer(404, ""), answer(404, "")}, {}, {}});
    plain_server workspace(
        io, {{answer(200, R"({"oidc_endpoint":"unused"})"), answer(503, ""), answer(200, login_answer)}});
    const std::string host = workspace.url("");
    variables.push_back("DATABRICKS_HOST=" + host);
    variables.push_back("DATABRICKS_CLIENT_ID=me");
    variables.push_back("DATABRICKS_CLIENT_SECRET=secret-part");
    server.stop();
    const auto o = run({"auth", "token"}, &workspace);
    ASSERT_EQ(o.status, 0) << o.err;
    const auto printed = o.parsed();
    EXPECT_EQ(printed.at("access_token"), "the-token");
    EXPECT_EQ(printed.at("token_type"), "Bearer");
    EXPECT_TRUE(printed.at("expiry").as_string().ends_with("Z"));
    EXPECT_EQ(printed.size(), 3u);
    EXPECT_TRUE(workspace.requests.back().starts_with("POST /oidc/v1/token ")) << workspace.requests.back();
}

TEST_F(program_test, PrintsABareTokenOfAProfile) {
    profile_file("[mine]\nhost = https://w.cloud.databricks.com\ntoken = dapi-of-the-test\n");
    const auto o = run({"auth", "token", "--profile", "mine", "--output", "text"});
    EXPECT_EQ(o.status, 0) << o.err;
    EXPECT_EQ(o.out, "dapi-of-the-test\n");
}

TEST_F(program_test, ATokenThatIsNotToBeHadIsAnErrorWithItsReason) {
    variables.push_back("DATABRICKS_HOST=https://w.cloud.databricks.com");
    const auto o = run({"auth", "token", "--set", "client_id=me"});
    EXPECT_EQ(o.status, 1);
    EXPECT_EQ(o.out, "");
    EXPECT_NE(o.err.find("oauth-m2m: needs client_secret (DATABRICKS_CLIENT_SECRET)"), std::string::npos) << o.err;
    const auto basic = run({"auth", "token", "--set", "username=me", "--set", "password=secret-part"});
    EXPECT_EQ(basic.status, 1);
    EXPECT_NE(basic.err.find("there is no token"), std::string::npos) << basic.err;
}

TEST_F(program_test, DescribesOfflineWithoutARequestOrAProgram) {
    make_script(home.path() + "/databricks", "touch " + home.path() + "/was-run", 1 << 20);
    profile_file("[DEFAULT]\nhost = http://127.0.0.1:1\nscopes = b,a\nclient_id = me\nclient_secret = secret-part\n");
    const auto o = run({"auth", "describe", "--offline", "--output", "json"});
    ASSERT_EQ(o.status, 0) << o.out << o.err;
    const auto d = o.parsed();
    EXPECT_EQ(d.at("auth_type"), "oauth-m2m");
    EXPECT_EQ(d.at("host"), "http://127.0.0.1:1");
    EXPECT_EQ(d.at("profile"), "DEFAULT");
    EXPECT_EQ(d.at("scopes"), (json::array{"a", "b"}));
    EXPECT_EQ(d.at("attributes").at("client_secret").at("value"), "***");
    EXPECT_EQ(d.at("attributes").at("client_id").at("value"), "me");
    EXPECT_EQ(d.at("attributes").at("client_id").at("source"),
              json::value(home.path() + "/.databrickscfg config file, profile DEFAULT"));
    EXPECT_FALSE(d.contains("error"));
    EXPECT_FALSE(d.contains("discovery_url"));
    ASSERT_EQ(d.at("tried").as_array().size(), 2u) << "those before the one that was taken";
    EXPECT_EQ(d.at("tried").at(0).at("auth_type"), "pat");
    const auto by_cli = run({"auth", "describe", "--offline", "--auth-type", "databricks-cli", "--output", "json"});
    EXPECT_EQ(by_cli.parsed().at("auth_type"), "databricks-cli");
    EXPECT_FALSE(std::filesystem::exists(home.path() + "/was-run"));
}

TEST_F(program_test, DescribesWhatTheHostSaysAndWhetherTheLoginWorks) {
    plain_server workspace(io, {{answer(200, R"({"account_id":"acc","workspace_id":"5","cloud":"GCP"})")}});
    const auto o =
        run({"auth", "describe", "--host", workspace.url(""), "--set", "token=secret-part", "--output", "json"},
            &workspace);
    ASSERT_EQ(o.status, 0) << o.out << o.err;
    const auto d = o.parsed();
    EXPECT_EQ(d.at("auth_type"), "pat");
    EXPECT_EQ(d.at("account_id"), "acc");
    EXPECT_EQ(d.at("workspace_id"), "5");
    EXPECT_EQ(d.at("cloud"), "GCP");
    EXPECT_EQ(d.at("attributes").at("account_id").at("source"), "host metadata");
    EXPECT_TRUE(workspace.requests[0].starts_with("GET /.well-known/databricks-config "));
}

TEST_F(program_test, DescribesWhatIsWrongByItsKind) {
    variables.push_back("DATABRICKS_HOST=https://x");
    variables.push_back("DATABRICKS_TOKEN=secret-part");
    variables.push_back("DATABRICKS_USERNAME=me");
    const auto o = run({"auth", "describe", "--offline", "--output", "json"});
    EXPECT_EQ(o.status, 1);
    EXPECT_EQ(o.parsed().at("error").at("kind"), "conflict");
    const auto text = run({"auth", "describe", "--offline"});
    EXPECT_EQ(text.status, 1);
    EXPECT_NE(text.out.find("error (conflict)"), std::string::npos) << text.out;
    const auto unknown = run({"auth", "describe", "--offline", "--auth-type", "magic", "--output", "json"});
    EXPECT_EQ(unknown.parsed().at("error").at("kind"), "unknown_auth_type");
    const auto bad_key = run({"auth", "describe", "--set", "hots=x", "--output", "json"});
    EXPECT_EQ(bad_key.parsed().at("error").at("kind"), "bad_value");
    EXPECT_NE(bad_key.out.find("hots"), std::string::npos);
}

TEST_F(program_test, DescribesTheSettingsThatContradictEachOther) {
    variables.push_back("DATABRICKS_TOKEN=secret-part");
    const auto o = run({"auth", "describe", "--host", "https://x", "--set", "username=me", "--output", "json"});
    EXPECT_EQ(o.status, 1);
    const auto d = o.parsed();
    EXPECT_EQ(d.at("error").at("kind"), "conflict");
    EXPECT_EQ(d.at("attributes").at("token").at("source"), "DATABRICKS_TOKEN environment variable");
    EXPECT_EQ(d.at("attributes").at("username").at("source"), "argument");
}

TEST_F(program_test, ControlCharactersOfAProfileForgeNoLine) {
    const auto o = run({"auth", "describe", "--profile", "p\x1b[31m\nerror (none): fake", "--host", "https://x"});
    EXPECT_EQ(o.out.find('\x1b'), std::string::npos);
    EXPECT_EQ(o.out.find("\nerror (none)"), std::string::npos) << o.out;
}

TEST_F(program_test, AnInterruptEndsWhatItHasStarted) {
    const std::string told = home.path() + "/told";
    make_script(home.path() + "/databricks", "export PATH=/usr/bin:/bin\n" + hang_and_tell(told), 1 << 20);
    net::program p{"/bin/sh",
                   {"-c", "echo $$ >" + home.path() + "/id; exec " DBXAPPS_PROGRAM " auth token --host https://x"},
                   variables};
    std::pair<net::ending, int> ended{net::ending::untold, 0};
    asio::co_spawn(
        io,
        [&]() -> awaitable<void> {
            const auto end = co_await net::run_program(std::move(p), clock::now() + 60s, nullptr);
            if (end) ended = {end->how, end->status};
        },
        asio::detached);
    ASSERT_TRUE(eventually(io, [&] { return has_told(told); }));
    const processes started(told);
    ASSERT_TRUE(started.run(2));
    ::kill(std::stoi(text_of_file(home.path() + "/id")), SIGTERM);
    run_out(io);
    EXPECT_TRUE(started.have_ended());
    EXPECT_EQ(ended, std::pair(net::ending::killed, SIGTERM));
}

TEST_F(program_test, WarnsOfALoginThatOthersCouldRead) {
    const std::string store = home.path() + "/.config/dbxapps/tokens";
    std::filesystem::create_directories(store);
    std::filesystem::permissions(store, std::filesystem::perms::owner_all);
    const std::string host = "https://w.cloud.databricks.com";
    const oauth::login_key key{host, "databricks-cli", "offline_access all-apis", ""};
    oauth::stored_login login;
    login.access_token = "the-token";
    const std::string file = login::token_store(store, key).file();
    make_file(file, oauth::write_login(key, login), 0644);
    const auto offline = run({"auth", "describe", "--host", host, "--offline", "--output", "json"});
    EXPECT_EQ(offline.parsed().at("auth_type"), "external-browser");
    EXPECT_EQ(mode_of(file), 0644u) << "to look for it changes nothing";
    const auto o = run({"auth", "token", "--host", host, "--output", "text"});
    EXPECT_EQ(o.out, "the-token\n") << o.err;
    EXPECT_NE(o.err.find(file), std::string::npos) << o.err;
    make_file(file, "damaged");
    EXPECT_EQ(run({"auth", "token", "--host", host}).status, 1);
    EXPECT_EQ(run({"auth", "logout", "--host", host}).out, "logged out of " + host + "\n");
    EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(program_test, ALoginByTheHostServesTheDefaultProfile) {
    profile_file("[DEFAULT]\nhost = https://w.cloud.databricks.com\n");
    const auto o = run({"auth", "token", "--auth-type", "external-browser"});
    EXPECT_NE(o.err.find("run: dbxapps auth login --host https://w.cloud.databricks.com. "), std::string::npos)
        << o.err;
}

TEST_F(program_test, ListsProfilesButNotTheSettingsSection) {
    profile_file(
        "[__settings__]\ndefault_profile = a\n[a]\nhost = https://a\ntoken = "
        "secret-part\n[b.c]\nhost=https://b\n[empty]\n");
    const auto o = run({"auth", "profiles", "--output", "json"});
    ASSERT_EQ(o.status, 0) << o.err;
    EXPECT_EQ(o.parsed().at("profiles"),
              json::parse(R"([{"name":"a","host":"https://a"},{"name":"b.c","host":"https://b"}])"));
    EXPECT_EQ(run({"auth", "profiles"}).out, "a  https://a\nb.c  https://b\n");
    const auto none = run({"auth", "profiles", "--config-file", "/no/such/file"});
    EXPECT_EQ(none.status, 1);
    EXPECT_NE(none.err.find("/no/such/file"), std::string::npos);
}

TEST_F(program_test, WrongOptionsAreTheirOwnStatus) {
    EXPECT_EQ(run({"auth", "tokn"}).status, 2);
    EXPECT_EQ(run({"--help"}).status, 0);
    EXPECT_EQ(run({"--version"}).out, "dbxapps " DBXAPPS_VERSION "\n");
}

TEST_F(program_test, OutputThatNobodyTakesIsAFailure) {
    for (const std::string to : {">&-", ">/dev/full"})
        EXPECT_NE(std::system((DBXAPPS_PROGRAM " --help 2>/dev/null " + to).c_str()), 0) << to;
}

TEST_F(program_test, AFurtherRootThatCannotBeReadIsNamed) {
    variables.push_back("DBXAPPS_CA_FILE=/no/such/roots.pem");
    const auto o = run({"auth", "token", "--host", "https://x", "--set", "token=t"});
    EXPECT_EQ(o.status, 1);
    EXPECT_NE(o.err.find("/no/such/roots.pem"), std::string::npos) << o.err;
}

TEST_F(program_test, ForgetsALogin) {
    const auto o = run({"auth", "logout", "--host", "https://w.cloud.databricks.com"});
    EXPECT_EQ(o.status, 0) << o.err;
    EXPECT_EQ(o.out, "nobody was logged in to https://w.cloud.databricks.com\n");
    EXPECT_EQ(run({"auth", "logout"}).status, 1);
}

}  // namespace
}  // namespace dbxapps::test
