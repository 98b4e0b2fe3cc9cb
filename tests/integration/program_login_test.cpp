// The program dbxapps at a real OAuth server: what a person or a script does with it, from its arguments to the token.
#include <integration/environment.hpp>
#include <integration/oidc_server.hpp>
#include <net/subprocess.hpp>
#include <support/scripts.hpp>

#include <boost/json.hpp>

#include <cstdlib>
#include <memory>

namespace dbxapps::integration {
namespace {

constexpr auto within = 60s;

std::string quoted(const std::vector<std::string>& words) {
    std::string out;
    for (const auto& word : words)
        out += "'" + word + "' ";
    return out;
}

class ProgramLogin : public testing::Test {
public:
    static void TearDownTestSuite() { server.reset(); }
    void SetUp() override {
        try {
            if (!server) server = std::make_unique<oidc_server>("localhost");
        } catch (const std::exception& e) {
            FAIL() << e.what();
        }
    }

protected:
    struct outcome {
        int status = -1;
        std::string out, err;
    };
    outcome run(std::vector<std::string> arguments, std::vector<std::string> variables = {}) {
        for (const auto& last :
             {std::string("--host"), server->url(), std::string("--ca-file"), server->ca_file().string()})
            arguments.push_back(last);
        return run_in_world({DBXAPPS_PROGRAM, std::move(arguments), std::move(variables)});
    }
    outcome run_in_world(net::program p) {
        p.environment->push_back("HOME=" + home_.path().string());
        p.environment->push_back("PATH=" + home_.path().string() + ":" + std::getenv("PATH"));
        outcome out;
        asio::io_context io;
        asio::co_spawn(
            io,
            [&]() -> awaitable<void> {
                auto end = co_await net::run_program(std::move(p), clock::now() + within, nullptr);
                if (end) {
                    out = {end->how == net::ending::exited ? end->status : -2, end->out, end->err};
                } else {
                    out.err = end.error().detail;
                }
            },
            asio::detached);
        run_out(io, 2 * within);
        EXPECT_EQ((out.out + out.err).find("emulator-secret"), std::string::npos);
        return out;
    }
    // Who the workspace says has the token that `dbxapps auth token` prints.
    std::string me(std::vector<std::string> options, std::vector<std::string> variables = {}) {
        std::vector<std::string> all = {"auth", "token", "--output", "text"};
        all.insert(all.end(), options.begin(), options.end());
        auto printed = run(std::move(all), std::move(variables));
        if (printed.status != 0) return printed.err;
        printed.out.pop_back();
        asio::io_context io;
        client_options one;
        one.network = server->network();
        one.allow_hosts = {"localhost"};
        const client c(io.get_executor(), make_token_cache(io.get_executor(), fixed_token(printed.out)), one);
        const auto answer = call(io, c, get(server->url() + "/api/me"));
        return answer ? answer->body() : answer.error().detail;
    }
    // A program in place of a browser.
    void make_browser(person who) const {
        const auto p = server->user_agent(who, "", home_);
        auto arguments = p.arguments;
        arguments.pop_back();
        make_script((home_.path() / "xdg-open").string(),
                    p.name + " " + quoted(arguments) + "\"$1\" >" + (home_.path() / "browser.log").string() + " 2>&1");
    }

    static inline std::unique_ptr<oidc_server> server;
    const folder home_;
};

const std::vector<std::string> service_principal = {
    "DATABRICKS_CLIENT_ID=" + oidc_server::client_id(),
    "DATABRICKS_CLIENT_SECRET=" + oidc_server::client_secret(),
};
const std::string someone = R"({"client":"databricks-cli","account":"someone@example.com","scope":)";

TEST_F(ProgramLogin, OfAServicePrincipalGivesATokenForItsScopes) {
    EXPECT_EQ(me({}, service_principal), R"({"client":"service-principal","account":"","scope":"all-apis"})");
    EXPECT_EQ(me({"--scopes", "sql,clusters"}, service_principal),
              R"({"client":"service-principal","account":"","scope":"clusters sql"})");
    const auto d = run({"auth", "describe", "--output", "json"}, service_principal);
    EXPECT_EQ(d.status, 0) << d.out << d.err;
    EXPECT_EQ(boost::json::parse(d.out).at("auth_type"), "oauth-m2m");
}

TEST_F(ProgramLogin, WithAWrongSecretSaysSo) {
    const auto words = me({"--auth-type", "oauth-m2m"}, {"DATABRICKS_CLIENT_ID=" + oidc_server::client_id(),
                                                         "DATABRICKS_CLIENT_SECRET=emulator-secret-of-another"});
    EXPECT_NE(words.find("invalid_client"), std::string::npos) << words;
}

TEST_F(ProgramLogin, OfAPersonInABrowserIsKeptUntilItIsForgotten) {
    make_browser(person::logs_in);
    const auto before = me({});
    EXPECT_NE(before.find("external-browser: nobody has logged in with: dbxapps auth login"), std::string::npos)
        << before;
    const auto login = run({"auth", "login"});
    ASSERT_EQ(login.status, 0) << login.err << test::text_of_file((home_.path() / "browser.log").string());
    EXPECT_EQ(login.out, "logged in to " + server->url() + "\n");
    EXPECT_EQ(me({}), someone + R"("all-apis"})");
    const auto d = run({"auth", "describe", "--offline", "--output", "json"});
    EXPECT_EQ(boost::json::parse(d.out).at("auth_type"), "external-browser") << d.out;
    EXPECT_EQ(run({"auth", "logout"}).out, "logged out of " + server->url() + "\n");
    EXPECT_EQ(me({}), before);
}

TEST_F(ProgramLogin, OfAPersonWhoSaysNoIsAnError) {
    make_browser(person::says_no);
    const auto login = run({"auth", "login"});
    EXPECT_EQ(login.status, 1);
    EXPECT_NE(login.err.find("access_denied"), std::string::npos) << login.err;
}

// A person without a browser on this machine copies the address from another one.
TEST_F(ProgramLogin, OfAPersonElsewhereTakesTheAddressThatWasCopied) {
    make_browser(person::copies_the_address);
    const std::string lines =
        "cd '" + home_.path().string() + "' && mkfifo in && " +
        quoted({DBXAPPS_PROGRAM, "auth", "login", "--no-browser", "--scopes", "sql", "--host", server->url(),
                "--ca-file", server->ca_file().string()}) +
        "<in >said 2>asked & program=$!\n"
        "while [ ! -p in ]; do sleep 0.05; done; exec 3>in\n"
        "while ! grep -q '^ *https:.*$' asked; do sleep 0.05; kill -0 $program || break; done\n"
        "./xdg-open \"$(sed -n 's/^ *\\(https:[^ ]*\\)$/\\1/p' asked)\"; sed -n 's/^at last: //p' browser.log >&3\n"
        "wait $program; status=$?; cat said; cat asked >&2; exit $status";
    const std::string script =
        test::make_script((home_.path() / "person").string(), "cd '" + home_.path().string() + "'\n" + lines);
    const auto login = run_in_world({script, {}, std::vector<std::string>()});
    ASSERT_EQ(login.status, 0) << login.err << test::text_of_file((home_.path() / "browser.log").string());
    EXPECT_EQ(login.out, "logged in to " + server->url() + "\n");
    EXPECT_EQ(me({"--scopes", "sql"}), someone + R"("sql"})");
}

}  // namespace
}  // namespace dbxapps::integration
