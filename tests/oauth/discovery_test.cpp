#include <oauth/discovery.hpp>

#include <gtest/gtest.h>

namespace dbxapps::oauth {
namespace {

using namespace std::chrono_literals;
using kind = discovery_step::kind;

const std::string host = "https://test.databricks.com";
const std::string console = "https://accounts.cloud.databricks.com";
const std::string id = "00000000-0000-0000-0000-000000000001";
const std::string server_path = "/.well-known/oauth-authorization-server";
const std::string metadata_url = host + "/.well-known/databricks-config";
const std::string well_known_url = host + "/oidc" + server_path;
const std::string last_resort = host + "/oidc/v1/token";

std::string json(std::initializer_list<std::pair<const char*, std::string>> members) {
    std::string out;
    for (const auto& [name, value] : members) {
        out += (out.empty() ? "{\"" : ",\"") + std::string(name) + "\":\"" + value + "\"";
    }
    return out + "}";
}
std::string document(const std::string& endpoint) {
    return json({{"authorization_endpoint", host + "/oidc/v1/authorize"}, {"token_endpoint", endpoint}});
}
failure lost() { return {errc::connect_failed, "connecting to test.databricks.com: refused"}; }

void expect_ask(const discovery& d, const std::string& url) {
    EXPECT_EQ(d.next().what, kind::ask);
    EXPECT_EQ(d.next().url, url);
}
void expect_done(const discovery& d, const std::string& url) {
    EXPECT_EQ(d.next().what, kind::done) << d.next().why.detail;
    EXPECT_EQ(d.next().url, url);
}
void expect_login_at(const discovery& d, const std::string& url) { EXPECT_EQ(d.next().authorize_url, url); }
void expect_failure(const discovery& d, errc code, std::initializer_list<const char*> words) {
    ASSERT_EQ(d.next().what, kind::fail) << d.next().url;
    EXPECT_TRUE(d.next().why.is(code)) << to_string(static_cast<errc>(d.next().why.code.value()));
    for (const auto* word : words) {
        EXPECT_NE(d.next().why.detail.find(word), std::string::npos) << word << " in: " << d.next().why.detail;
    }
}
discovery after_metadata(const issuer& who, const std::string& metadata) {
    discovery d(who);
    d.answered(200, metadata);
    return d;
}

TEST(discovery, of_a_workspace_asks_for_metadata_then_for_the_document_it_names) {
    discovery d({host, "", ""});
    expect_ask(d, metadata_url);
    EXPECT_EQ(d.next().within, 5s) << "best effort, so bounded tightly";
    d.answered(200, json({{"oidc_endpoint", host + "/oidc"}, {"account_id", id}, {"host_type", "workspace"}}));
    expect_ask(d, well_known_url);
    EXPECT_EQ(d.next().within, std::nullopt);
    d.answered(200, document(host + "/oidc/v1/token"));
    expect_done(d, host + "/oidc/v1/token");
    expect_login_at(d, host + "/oidc/v1/authorize");
}

TEST(discovery, passes_over_metadata_that_fails_in_any_way) {
    const std::string oidc = json({{"oidc_endpoint", "https://other.example/oidc"}});
    const std::pair<int, std::string> answers[] = {
        {404, ""},
        {500, R"({"error":"internal error"})"},
        {500, oidc},
        {302, oidc},
        {201, oidc},
        {200, ""},
        {200, "<html>login</html>"},
        {200, "null"},
        {200, "[]"},
        {200, "\"https://other.example/oidc\""},
        {200, "{}"},
        {200, oidc + "x"},
        {200, oidc.substr(0, oidc.size() - 1)},
        {200, R"({"oidc_endpoint":null})"},
        {200, R"({"oidc_endpoint":7})"},
        {200, R"({"oidc_endpoint":["https://other.example/oidc"]})"},
        {200, R"({"oidc_endpoint":""})"},
        {200, R"({"oidc_endpoint":"/"})"},
        {200, R"({"oidc_endpoint":"/oidc"})"},
        {200, R"({"oidc_endpoint":"other.example/oidc"})"},
        {200, R"({"oidc_endpoint":"http://other.example/oidc"})"},
        {200, R"({"oidc_endpoint":"ftp://other.example/oidc"})"},
        {200, R"({"oidc_endpoint":"https://user:pw@other.example/oidc"})"},
        {200, R"({"oidc_endpoint":"https://other.example/oidc\r\nX: y"})"},
        {200, R"({"oidc_endpoint":"https://other.example/oidc/accounts/{account_id}"})"},  // and no account id
        {200, std::string(100000, '[')},
        {200, "{\"oidc_endpoint\":\"\xff\"}"},
    };
    for (const auto& [status, body] : answers) {
        discovery d({host, "", ""});
        d.answered(status, body);
        expect_ask(d, well_known_url);
        if (HasFailure()) FAIL() << status << " " << body.substr(0, 100);
    }
    discovery d({host, "", ""});
    d.unreachable(lost());
    expect_ask(d, well_known_url);
}

TEST(discovery, names_no_place_to_log_in_that_is_missing_or_not_https) {
    for (const std::string authorize : {"", R"("authorization_endpoint":"http://ws.example/authorize",)",
                                        R"("authorization_endpoint":["https://ws.example"],)"}) {
        discovery d({host, "", "https://sso.example/document"});
        d.answered(200, "{" + authorize + R"("token_endpoint":"https://sso.example/token"})");
        expect_done(d, "https://sso.example/token");
        expect_login_at(d, "");
    }
}

TEST(discovery, asks_the_same_address_once) {
    discovery d = after_metadata({host, "", ""}, json({{"oidc_endpoint", host + "/oidc/"}}));
    expect_ask(d, well_known_url);
    d.answered(500, "");
    expect_done(d, last_resort);
    expect_login_at(d, host + "/oidc/v1/authorize");
}

TEST(discovery, falls_back_to_the_well_known_document_when_the_named_one_cannot_be_used) {
    for (const int status : {0, 200, 404, 500, 302}) {
        discovery d = after_metadata({host, "", ""}, json({{"oidc_endpoint", "https://other.example/oidc"}}));
        expect_ask(d, "https://other.example/oidc" + server_path);
        status ? d.answered(status, "no document") : d.unreachable(lost());
        expect_ask(d, well_known_url);
        d.answered(200, document("https://other.example/token"));
        expect_done(d, "https://other.example/token");
    }
}

TEST(discovery, without_any_document_takes_the_usual_endpoint_as_a_last_resort) {
    for (const int status : {0, 200, 400, 401, 403, 429, 500, 502, 503, 302}) {
        discovery d = after_metadata({host, "", ""}, "{}");
        status ? d.answered(status, "<html>") : d.unreachable(lost());
        expect_done(d, last_resort);
    }
    for (const auto* body :
         {"", "{}", "[]", "null", R"({"token_endpoint":null})", R"({"token_endpoint":7})", R"({"token_endpoint":""})",
          R"({"token_endpoint":{"url":"https://x.example"}})", R"({"token_endpoint":"https://x.example)"}) {
        discovery d = after_metadata({host, "", ""}, "{}");
        d.answered(200, body);
        expect_done(d, last_resort);
    }
    discovery deep = after_metadata({host, "", ""}, "{}");
    deep.answered(200, "{\"token_endpoint\":\"https://x.example/t\",\"x\":" + std::string(5000, '[') +
                           std::string(5000, ']') + "}");
    expect_done(deep, last_resort);
}

TEST(discovery, a_404_says_that_the_host_has_no_oauth) {
    discovery d = after_metadata({host, "", ""}, "{}");
    d.answered(404, document("https://x.example/t"));
    expect_failure(
        d, errc::bad_config,
        {"databricks OAuth is not supported for this host", "https://test.databricks.com", "check that it is"});
}

TEST(discovery, of_an_account_console_needs_no_document) {
    for (const int status : {0, 200, 404, 500}) {
        discovery d({console, id, ""});
        expect_ask(d, console + "/.well-known/databricks-config");
        status ? d.answered(status, "<html>") : d.unreachable(lost());
        expect_done(d, console + "/oidc/accounts/" + id + "/v1/token");
        expect_login_at(d, console + "/oidc/accounts/" + id + "/v1/authorize");
    }
}

TEST(discovery, of_an_account_console_takes_the_document_that_metadata_names_first) {
    const std::string metadata =
        json({{"oidc_endpoint", console + "/oidc/accounts/{account_id}"}, {"host_type", "account"}});
    const std::string named = console + "/oidc/accounts/" + id + server_path;
    discovery d = after_metadata({console, id, ""}, metadata);
    expect_ask(d, named);
    d.answered(200, document(console + "/elsewhere/token"));
    expect_done(d, console + "/elsewhere/token");
    discovery missing = after_metadata({console, id, ""}, metadata);
    expect_ask(missing, named);
    missing.answered(404, "");
    expect_done(missing, console + "/oidc/accounts/" + id + "/v1/token");
}

TEST(discovery, of_a_unified_host_goes_by_the_account) {
    const std::string named = host + "/oidc/accounts/" + id + server_path;
    const std::string endpoint = host + "/oidc/accounts/" + id + "/v1/token";
    for (const std::string type : {"unified", "UNIFIED"}) {
        for (const bool with_endpoint : {true, false}) {
            discovery d = after_metadata({host, "", ""},
                                         with_endpoint ? json({{"oidc_endpoint", host + "/oidc/accounts/{account_id}"},
                                                               {"account_id", id},
                                                               {"host_type", type}})
                                                       : json({{"account_id", id}, {"host_type", type}}));
            expect_ask(d, named);
            d.answered(200, document(endpoint));
            expect_done(d, endpoint);
        }
    }
}

TEST(discovery, of_a_unified_host_without_any_document_fails_with_the_reason) {
    discovery d = after_metadata({host, id, ""}, json({{"host_type", "unified"}}));
    d.answered(503, "");
    expect_failure(d, errc::token_unavailable, {"/oidc/accounts/", "cannot be used", "status 503"});
    EXPECT_EQ(d.next().why.status, 503);
    discovery gone = after_metadata({host, id, ""}, json({{"host_type", "unified"}}));
    gone.unreachable(lost());
    expect_failure(gone, errc::token_unavailable, {"/oidc/accounts/", "connecting to test.databricks.com: refused"});
    EXPECT_EQ(gone.next().why.cause, errc::connect_failed);
    EXPECT_EQ(gone.next().why.status, 0);
}

TEST(discovery, an_account_id_of_ones_own_beats_that_of_the_metadata) {
    const std::string metadata = json(
        {{"oidc_endpoint", host + "/oidc/accounts/{account_id}"}, {"account_id", "other"}, {"host_type", "unified"}});
    expect_ask(after_metadata({host, id, ""}, metadata), host + "/oidc/accounts/" + id + server_path);
    expect_ask(after_metadata({host, "", ""}, metadata), host + "/oidc/accounts/other" + server_path);
}

TEST(discovery, whole_accounts_need_an_account_id) {
    discovery d = after_metadata({console, "", ""}, "{}");
    expect_failure(d, errc::bad_config, {"https://accounts.cloud.databricks.com", "set account_id"});
    for (const std::string type : {"account", "unified"}) {
        discovery typed = after_metadata(
            {host, "", ""}, json({{"oidc_endpoint", host + "/oidc/accounts/{account_id}"}, {"host_type", type}}));
        expect_failure(typed, errc::bad_config, {"https://test.databricks.com", "set account_id"});
    }
    expect_done(after_metadata({console, "", ""}, json({{"account_id", id}})),
                console + "/oidc/accounts/" + id + "/v1/token");
}

TEST(discovery, believes_the_metadata_about_the_type_of_host_if_it_knows_the_type) {
    expect_done(after_metadata({host, id, ""}, json({{"host_type", "ACCOUNT"}})),
                host + "/oidc/accounts/" + id + "/v1/token");
    expect_ask(after_metadata({console, id, ""}, json({{"host_type", "workspace"}})), console + "/oidc" + server_path);
    for (const std::string unknown : {"", "CUSTOM_HOST", "accounts"}) {
        expect_ask(after_metadata({host, id, ""}, json({{"host_type", unknown}})), well_known_url);
        expect_done(after_metadata({console, id, ""}, json({{"host_type", unknown}})),
                    console + "/oidc/accounts/" + id + "/v1/token");
    }
}

// The audience once the token endpoint is found, with this answer to the question for metadata (empty: none).
std::string audience(const issuer& who, const std::string& metadata) {
    discovery d(who);
    if (metadata.empty()) {
        d.unreachable(lost());
    } else {
        d.answered(200, metadata);
    }
    while (d.next().what == kind::ask)
        d.answered(200, document("https://found.example/token"));
    EXPECT_EQ(d.next().what, kind::done) << d.next().why.detail;
    return d.audience();
}

TEST(discovery, knows_for_whom_an_id_token_has_to_be_made_out) {
    const std::string found = "https://found.example/token";
    const std::string audiences = R"("token_federation_default_oidc_audiences":["first","second"])";
    EXPECT_EQ(audience({host, id, ""}, "{\"workspace_id\":\"1\"," + audiences + "}"), "first");
    EXPECT_EQ(audience({console, id, ""}, "{" + audiences + "}"), "first");
    EXPECT_EQ(audience({host, "", ""}, json({{"account_id", id}})), id) << "no workspace is named, but an account";
    EXPECT_EQ(audience({host, "mine", ""}, json({{"account_id", id}})), "mine");
    EXPECT_EQ(audience({host, "mine", ""}, "{}"), "mine");
    EXPECT_EQ(audience({host, id, ""}, json({{"workspace_id", "1"}})), found);
    EXPECT_EQ(audience({host, id, ""}, json({{"workspace_id", "1"}, {"host_type", "unified"}})), id);
    EXPECT_EQ(audience({host, "", ""}, "{}"), found);
    EXPECT_EQ(audience({host, id, ""}, ""), found) << "a workspace's, as far as is known";
    EXPECT_EQ(audience({console, id, ""}, ""), id);
    EXPECT_EQ(audience({console, id, ""}, json({{"workspace_id", "1"}})), id);
}

TEST(discovery, by_an_explicit_document_takes_the_account_of_a_console_or_the_endpoint_for_the_audience) {
    for (const auto& [at, expected] : {std::pair(host, std::string("https://sso.example/token")), {console, id}}) {
        discovery d({at, id, "https://sso.example/x"});
        d.answered(200, document("https://sso.example/token"));
        expect_done(d, "https://sso.example/token");
        EXPECT_EQ(d.audience(), expected);
    }
}

TEST(discovery, by_an_explicit_document_asks_nothing_else) {
    const std::string url = "https://sso.example/custom/.well-known/openid-configuration?x=1";
    discovery d({host, id, url});
    expect_ask(d, url);
    EXPECT_EQ(d.next().within, std::nullopt);
    d.answered(200, document("https://sso.example/token"));
    expect_done(d, "https://sso.example/token");
}

TEST(discovery, an_explicit_document_that_cannot_be_used_is_a_failure_and_no_reason_to_guess) {
    for (const int status : {200, 404, 500}) {
        discovery d({host, "", "https://sso.example/x"});
        d.answered(status, "{}");
        expect_failure(d, errc::token_unavailable,
                       {"https://sso.example/x", "cannot be used", "no usable token_endpoint"});
        EXPECT_NE(d.next().why.detail.find("status " + std::to_string(status)), std::string::npos);
        EXPECT_EQ(d.next().why.status, status);
    }
    discovery d({host, "", "https://sso.example/x"});
    d.unreachable(lost());
    expect_failure(d, errc::token_unavailable, {"https://sso.example/x", "connecting to test.databricks.com: refused"});
    EXPECT_EQ(d.next().why.cause, errc::connect_failed);
}

TEST(discovery, an_explicit_document_is_never_read_in_the_clear) {
    for (const auto* url :
         {"http://sso.example/x", "sso.example/x", "ftp://sso.example/x", "https://u:p@sso.example/x", "x y"}) {
        expect_failure(discovery({host, "", url}), errc::bad_config, {"discovery_url has to be an https URL"});
    }
    expect_ask(discovery({host, "", "http://127.0.0.1:8000/x"}), "http://127.0.0.1:8000/x");
}

TEST(discovery, tells_no_query_of_what_it_was_given) {
    const issuer given = {host, "", "https://sso.example/x?key=hush#hush"};
    discovery missing(given), lost_one(given), unsafe(given);
    missing.answered(500, "");
    lost_one.unreachable(lost());
    unsafe.answered(200, document("http://user:hush@other.example/t?key=hush"));
    for (const discovery* d : {&missing, &lost_one, &unsafe}) {
        EXPECT_NE(d->next().why.detail.find("https://sso.example/x "), std::string::npos) << d->next().why.detail;
        EXPECT_EQ(d->next().why.detail.find("hush"), std::string::npos) << d->next().why.detail;
    }
}

TEST(discovery, a_distant_document_sends_nobody_to_a_port_of_this_machine) {
    const auto local = "http://127.0.0.1:8000/a";
    discovery distant = after_metadata({host, "", ""}, "{}");
    distant.answered(200, json({{"token_endpoint", "https://x.example/t"}, {"authorization_endpoint", local}}));
    expect_done(distant, "https://x.example/t");
    EXPECT_EQ(distant.next().authorize_url, "");
    expect_ask(after_metadata({host, "", ""}, json({{"oidc_endpoint", "http://127.0.0.1:8000/oidc"}})), well_known_url);
    discovery named_by_the_user({host, "", "http://localhost:8000/x"});
    named_by_the_user.answered(200, json({{"token_endpoint", local}, {"authorization_endpoint", local}}));
    expect_done(named_by_the_user, local);
    EXPECT_EQ(named_by_the_user.next().authorize_url, local);
}

TEST(discovery, refuses_token_endpoints_that_are_not_https) {
    for (const auto* endpoint : {"http://test.databricks.com/oidc/v1/token", "ftp://x.example/t", "//x.example/t",
                                 "/oidc/v1/token", "https://user:pw@x.example/t", "https://x.example/\\r\\nX: y",
                                 "https://x.example:0/t", "javascript:alert(1)", "http://127.0.0.1.evil.example/t"}) {
        discovery d = after_metadata({host, "", ""}, "{}");
        d.answered(200, document(endpoint));
        expect_failure(d, errc::bad_config, {well_known_url.c_str(), "which is not https: no secret is sent there"});
        EXPECT_EQ(d.next().why.detail.find_first_of("\r\n"), std::string::npos);
        discovery named = after_metadata({host, "", ""}, json({{"oidc_endpoint", "https://other.example"}}));
        named.answered(200, document(endpoint));
        expect_failure(named, errc::bad_config, {"https://other.example/.well-known/", "no secret is sent there"});
    }
    discovery local = after_metadata({"http://127.0.0.1:8000", "", ""}, "{}");
    local.answered(200, document("http://127.0.0.1:8000/oidc/v1/token"));
    expect_done(local, "http://127.0.0.1:8000/oidc/v1/token");
    discovery distant = after_metadata({host, "", ""}, "{}");
    distant.answered(200, document("http://127.0.0.1:8000/oidc/v1/token"));
    EXPECT_EQ(distant.next().what, discovery_step::kind::fail) << "a port of this machine is not that host's to name";
}

// Whatever comes back, a handful of questions leads to an end, and secrets go to https only.
TEST(discovery, always_ends_and_never_in_the_clear) {
    const std::string bodies[] = {
        "",
        "{}",
        "[",
        json({{"oidc_endpoint", "https://o.example"}}),
        json({{"oidc_endpoint", host + "/oidc/accounts/{account_id}"}, {"host_type", "unified"}}),
        json({{"host_type", "account"}, {"account_id", id}}),
        document("https://t.example/t"),
        document("http://t.example/t")};
    constexpr int statuses[] = {0, 200, 404, 500};
    for (const issuer& who : {issuer{host, "", ""}, issuer{host, id, ""}, issuer{console, id, ""},
                              issuer{console, "", ""}, issuer{host, "", "https://sso.example/x"}}) {
        for (int script = 0; script < 32 * 32 * 32; ++script) {
            discovery d(who);
            int asked = 0;
            for (int rest = script; d.next().what == kind::ask; rest /= 32, ++asked) {
                ASSERT_LT(asked, 4);
                EXPECT_TRUE(d.next().url.starts_with("https://"));
                const int status = statuses[rest % 4];
                status ? d.answered(status, bodies[rest / 4 % 8]) : d.unreachable(lost());
            }
            if (d.next().what == kind::done)
                EXPECT_TRUE(d.next().url.starts_with("https://"));
            else
                EXPECT_FALSE(d.next().why.detail.empty());
        }
    }
}

}  // namespace
}  // namespace dbxapps::oauth
