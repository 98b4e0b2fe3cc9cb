#include <config/ways_in.hpp>

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace dbxapps::config {
namespace {

using a = attribute;
using values = std::vector<std::pair<a, std::string>>;
using variables = std::map<std::string, std::string>;

constexpr auto azure = "https://adb-1.2.azuredatabricks.net", gcp = "https://1.2.gcp.databricks.com";

surroundings around(variables env, std::set<std::string> programs = {}, bool legacy = false) {
    surroundings out;
    out.variable = [env = std::move(env)](const std::string& name) {
        const auto at = env.find(name);
        return at == env.end() ? std::string() : at->second;
    };
    out.no_program = [programs = std::move(programs), legacy](const std::string& name) -> std::optional<config_error> {
        if (programs.count(name)) return std::nullopt;
        return legacy ? config_error::legacy_cli : config_error::cli_not_found;
    };
    return out;
}

resolved with(const values& given) {
    resolved out;
    for (const auto& [which, value] : given)
        EXPECT_TRUE(out.values.set(which, value));
    return out;
}

// The auth_type of the way in, or why there is none.
std::string chosen(const values& given, const surroundings& s = around({})) {
    const auto way = choose_way_in(with(given), s);
    return way ? std::string((*way)->auth_type) : way.error().detail;
}

const variables devops = {{"SYSTEM_ACCESSTOKEN", "t"},   {"SYSTEM_TEAMFOUNDATIONCOLLECTIONURI", "u"},
                          {"SYSTEM_PLANID", "p"},        {"SYSTEM_JOBID", "j"},
                          {"SYSTEM_TEAMPROJECTID", "q"}, {"SYSTEM_HOSTTYPE", "build"}};

TEST(ways_in, stand_in_the_order_of_the_go_sdk_and_need_settings_that_exist) {
    std::string order;
    for (const way_in& way : ways_in()) {
        order += std::string(way.auth_type) + (way.apps_accept ? "* " : " ");
        for (const auto& key : items_of(way.needs))
            EXPECT_NE(find_attribute(key), nullptr) << key;
    }
    EXPECT_EQ(order,
              "pat basic oauth-m2m* databricks-cli* metadata-service* github-oidc* azure-devops-oidc* env-oidc* "
              "file-oidc* github-oidc-azure azure-msi azure-client-secret azure-cli google-credentials google-id "
              "external-browser* ");
}

TEST(ways_in, apply_when_all_that_they_need_is_there) {
    const surroundings none = around({});
    EXPECT_EQ(chosen({{a::host, "https://x"}, {a::token, "t"}}), "pat");
    EXPECT_EQ(chosen({{a::host, "https://x"}, {a::username, "u"}, {a::password, "p"}}), "basic");
    EXPECT_EQ(chosen({{a::host, "https://x"}, {a::client_id, "i"}, {a::client_secret, "s"}}), "oauth-m2m");
    EXPECT_EQ(chosen({{a::host, "https://x"}}, around({}, {"databricks"})), "databricks-cli");
    EXPECT_EQ(chosen({{a::host, "https://x"}, {a::databricks_cli_path, "/c"}}, around({}, {"/c"})), "databricks-cli");
    EXPECT_EQ(chosen({{a::host, "https://x"}, {a::metadata_service_url, "http://127.0.0.1:1/t"}}), "metadata-service");
    EXPECT_EQ(
        chosen(
            {{a::host, "https://x"}, {a::actions_id_token_request_url, "u"}, {a::actions_id_token_request_token, "t"}}),
        "github-oidc");
    EXPECT_EQ(chosen({{a::host, "https://x"}}, around(devops)), "azure-devops-oidc");
    EXPECT_EQ(chosen({{a::host, "https://x"}}, around({{"DATABRICKS_OIDC_TOKEN", "t"}})), "env-oidc");
    EXPECT_EQ(chosen({{a::host, "https://x"}, {a::oidc_token_env, "MINE"}}, around({{"MINE", "t"}})), "env-oidc");
    EXPECT_EQ(chosen({{a::host, "https://x"}, {a::oidc_token_filepath, "/t"}}), "file-oidc");
    EXPECT_EQ(chosen({{a::host, azure}, {a::azure_use_msi, "1"}}), "azure-msi");
    EXPECT_EQ(
        chosen({{a::host, azure}, {a::azure_client_id, "i"}, {a::azure_client_secret, "s"}, {a::azure_tenant_id, "t"}}),
        "azure-client-secret");
    EXPECT_EQ(chosen({{a::azure_workspace_resource_id, "/a"}}, around({}, {"az"})), "azure-cli");
    EXPECT_EQ(chosen({{a::host, gcp}, {a::google_credentials, "{}"}}), "google-credentials");
    EXPECT_EQ(chosen({{a::host, gcp}, {a::google_service_account, "me"}}), "google-id");
}

TEST(ways_in, that_are_named_say_what_they_lack) {
    struct row {
        std::string auth_type;
        values given;
        variables env;
        std::string words;
        config_error kind = config_error::no_credentials;
    };
    const row rows[] = {
        {"basic",
         {{a::host, "https://x"}},
         {},
         "basic auth: needs username (DATABRICKS_USERNAME), password (DATABRICKS_PASSWORD). "},
        {"databricks-cli", {}, {}, "databricks-cli auth: needs host (DATABRICKS_HOST)"},
        {"databricks-cli",
         {{a::host, "https://x"}},
         {},
         "databricks-cli auth: databricks CLI not found. ",
         config_error::cli_not_found},
        {"databricks-cli",
         {{a::host, "https://x"}, {a::databricks_cli_path, "/c"}},
         {},
         "CLI not found at /c. ",
         config_error::cli_not_found},
        {"databricks-cli",
         {{a::host, "https://x"}, {a::scopes, "sql"}},
         {},
         "custom scopes are not supported with databricks-cli auth",
         config_error::scopes_unsupported},
        {"metadata-service",
         {{a::host, "https://x"}, {a::metadata_service_url, "http://s3cret.example/"}},
         {},
         "has to be a URL of this machine",
         config_error::bad_value},
        {"metadata-service",
         {{a::host, "https://accounts.x"}, {a::metadata_service_url, "http://localhost/"}},
         {},
         "works for workspaces only"},
        {"azure-devops-oidc",
         {{a::host, "https://x"}},
         {},
         "SYSTEM_ACCESSTOKEN, which a pipeline has to map explicitly"},
        {"azure-devops-oidc",
         {{a::host, "https://x"}},
         {{"SYSTEM_ACCESSTOKEN", "t"}},
         "SYSTEM_TEAMFOUNDATIONCOLLECTIONURI"},
        {"env-oidc",
         {{a::host, "https://x"}, {a::oidc_token_env, "MINE"}},
         {{"DATABRICKS_OIDC_TOKEN", "t"}},
         "needs the environment variable MINE"},
        {"azure-cli", {{a::host, "https://x"}}, {}, "azure-cli auth: works for Azure only, and the host is not there"},
        {"azure-cli", {{a::host, azure}}, {}, "the Azure CLI (az) is not found"},
        {"azure-msi",
         {{a::azure_use_msi, "1"}, {a::cloud, "Azure"}},
         {},
         "needs host (DATABRICKS_HOST) or azure_workspace_resource_id"},
        {"google-id", {{a::host, "https://x"}, {a::google_service_account, "m"}}, {}, "works for GCP only"},
    };
    for (const row& r : rows) {
        values given = r.given;
        given.emplace_back(a::auth_type, r.auth_type);
        const auto way = choose_way_in(with(given), around(r.env));
        ASSERT_FALSE(way) << r.auth_type;
        EXPECT_NE((way.error().detail + " ").find(r.words), std::string::npos) << way.error().detail;
        EXPECT_EQ(way.error().cause, r.kind) << way.error().detail;
        EXPECT_EQ(way.error().detail.find("s3cret"), std::string::npos);
    }
}

TEST(ways_in, leave_an_old_cli_alone_and_say_so) {
    const auto way =
        choose_way_in(with({{a::host, "https://x"}, {a::auth_type, "databricks-cli"}}), around({}, {}, true));
    EXPECT_EQ(way.error().cause, config_error::legacy_cli);
    EXPECT_NE(way.error().detail.find("legacy databricks CLI detected; upgrade to >= 0.100.0"), std::string::npos);
}

TEST(ways_in, take_scopes_of_a_profile_for_the_cli) {
    resolved r = with({{a::host, "https://x"}});
    r.values.set(a::scopes, "sql", {origin::kind::file, "/c", "p"});
    EXPECT_TRUE(choose_way_in(r, around({}, {"databricks"})));
}

TEST(ways_in, that_nobody_knows_are_refused_with_those_that_are_known) {
    const auto way = choose_way_in(with({{a::host, "https://x"}, {a::auth_type, "magic"}}), around({}));
    ASSERT_FALSE(way);
    EXPECT_EQ(way.error().cause, config_error::unknown_auth_type);
    EXPECT_EQ(way.error().detail,
              "default auth: auth type \"magic\" not found, please check "
              "https://docs.databricks.com/en/dev-tools/auth.html#databricks-client-unified-authentication for a list "
              "of supported auth types: pat, basic, oauth-m2m, databricks-cli, metadata-service, github-oidc, "
              "azure-devops-oidc, env-oidc, file-oidc, github-oidc-azure, azure-msi, azure-client-secret, azure-cli, "
              "google-credentials, google-id, external-browser. auth_type comes from: argument. "
              "Config: host=https://x");
}

TEST(ways_in, of_which_none_applies_are_explained_a_line_each) {
    resolved r = with({{a::host, "https://x"}, {a::client_id, "i"}, {a::profile, "p"}});
    r.absent_file = "/h/.databrickscfg";
    const auto way = choose_way_in(r, around({}));
    ASSERT_FALSE(way);
    EXPECT_EQ(way.error().cause, config_error::no_credentials);
    EXPECT_EQ(way.error().detail,
              "default auth: cannot configure default credentials, please check "
              "https://docs.databricks.com/en/dev-tools/auth.html#databricks-client-unified-authentication to "
              "configure credentials for your preferred authentication method. Config: host=https://x, profile=p, "
              "client_id=i. There is no file /h/.databrickscfg\n"
              "  pat: needs token (DATABRICKS_TOKEN)\n"
              "  basic: needs username (DATABRICKS_USERNAME), password (DATABRICKS_PASSWORD)\n"
              "  oauth-m2m: needs client_secret (DATABRICKS_CLIENT_SECRET)\n"
              "  databricks-cli: databricks CLI not found\n"
              "  metadata-service: needs metadata_service_url (DATABRICKS_METADATA_SERVICE_URL)\n"
              "  github-oidc: needs actions_id_token_request_url (ACTIONS_ID_TOKEN_REQUEST_URL), "
              "actions_id_token_request_token (ACTIONS_ID_TOKEN_REQUEST_TOKEN)\n"
              "  azure-devops-oidc: needs the environment variable SYSTEM_ACCESSTOKEN, which a pipeline has to map "
              "explicitly\n"
              "  env-oidc: needs the environment variable DATABRICKS_OIDC_TOKEN\n"
              "  file-oidc: needs databricks_id_token_filepath (DATABRICKS_OIDC_TOKEN_FILEPATH)\n"
              "  github-oidc-azure: needs azure_client_id (ARM_CLIENT_ID), actions_id_token_request_url "
              "(ACTIONS_ID_TOKEN_REQUEST_URL), actions_id_token_request_token (ACTIONS_ID_TOKEN_REQUEST_TOKEN)\n"
              "  azure-msi: needs azure_use_msi (ARM_USE_MSI)\n"
              "  azure-client-secret: needs azure_client_id (ARM_CLIENT_ID), azure_client_secret (ARM_CLIENT_SECRET), "
              "azure_tenant_id (ARM_TENANT_ID)\n"
              "  azure-cli: works for Azure only, and the host is not there\n"
              "  google-credentials: needs google_credentials (GOOGLE_CREDENTIALS)\n"
              "  google-id: needs google_service_account (DATABRICKS_GOOGLE_SERVICE_ACCOUNT)\n"
              "  external-browser: nobody has logged in with: dbxapps auth login --host https://x --profile p");
}

TEST(ways_in, by_a_login_that_is_kept_come_last_unless_it_is_named) {
    surroundings s = around({});
    const auto host = with({{a::host, "https://x"}});
    EXPECT_FALSE(choose_way_in(host, s));
    s.has_login = [](const settings& of) { return of.text(a::host) == "https://x"; };
    EXPECT_EQ(choose_way_in(host, s).value()->auth_type, "external-browser");
    EXPECT_FALSE(choose_way_in(with({{a::host, "https://y"}}), s));
    EXPECT_EQ(choose_way_in(with({{a::host, "https://y"}, {a::auth_type, "external-browser"}}), s).value()->auth_type,
              "external-browser");
}

TEST(ways_in, are_all_judged_for_those_who_want_to_see_them) {
    const auto all = judge_ways_in(with({{a::host, "https://x"}, {a::token, "t"}}).values, around({}, {"databricks"}));
    ASSERT_TRUE(all);
    std::string hold;
    for (const auto& [way, why_not] : *all)
        hold += why_not ? "" : std::string(way->auth_type) + " ";
    EXPECT_EQ(all->size(), ways_in().size());
    EXPECT_EQ(hold, "pat databricks-cli ");
}

}  // namespace
}  // namespace dbxapps::config
