#include <net/digest.hpp>
#include <oauth/pkce.hpp>

#include <gtest/gtest.h>

#include <vector>

namespace dbxapps::oauth {
namespace {

const std::string state = "0123456789abcdefABCDEF";

std::string bytes(std::size_t n) {
    std::string out;
    while (out.size() < n)
        out += static_cast<char>(out.size() * 37);
    return out;
}

failure refused(std::string_view query) {
    const auto r = read_redirect(query, state);
    if (r) {
        ADD_FAILURE() << "accepted: " << query;
        return {};
    }
    EXPECT_EQ(r.error().detail.find(state), std::string::npos) << r.error().detail;
    EXPECT_EQ(r.error().detail.find("s3cret"), std::string::npos) << r.error().detail;
    return r.error();
}

TEST(pkce, the_challenge_is_that_of_appendix_b_of_rfc_7636) {
    EXPECT_EQ(code_challenge(net::sha256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")),
              "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

TEST(pkce, verifier_and_state_are_all_of_the_random_bytes_without_padding) {
    const std::string random = bytes(login_attempt::random_bytes);
    const login_attempt one(random);
    EXPECT_EQ(one.verifier.size(), 86u);
    EXPECT_EQ(one.state.size(), 22u);
    for (std::size_t i = 0; i < random.size(); ++i) {
        std::string other = random;
        other[i] = static_cast<char>(other[i] ^ 1);
        const login_attempt changed(other);
        EXPECT_EQ(changed.verifier != one.verifier, i < 64) << i;
        EXPECT_EQ(changed.state != one.state, i >= 64) << i;
    }
    const std::string unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    EXPECT_EQ((one.verifier + one.state).find_first_not_of(unreserved), std::string::npos);
}

TEST(pkce, random_bytes_differ) {
    const auto one = net::random_bytes(80), other = net::random_bytes(80);
    ASSERT_TRUE(one && other);
    EXPECT_EQ(one->size(), 80u);
    EXPECT_NE(*one, *other);
}

TEST(pkce, scopes_have_offline_access_first_unless_no_refresh_token_is_wanted) {
    EXPECT_EQ(login_scopes({}, true), "offline_access all-apis");
    EXPECT_EQ(login_scopes({}, false), "all-apis");
    EXPECT_EQ(login_scopes({"sql", " clusters", "jobs"}, true), "offline_access clusters jobs sql");
    EXPECT_EQ(login_scopes({"sql", "offline_access"}, true), "offline_access sql");
    EXPECT_EQ(login_scopes({"offline_access"}, false), "all-apis");
}

TEST(pkce, the_authorization_url_has_exactly_these_parameters) {
    authorization_request r;
    r.endpoint = "https://ws.example/oidc/v1/authorize";
    r.client_id = "databricks-cli";
    r.redirect_uri = "http://localhost:8020";
    r.scope = "offline_access all-apis";
    r.state = state;
    r.challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    const std::string query =
        "response_type=code&client_id=databricks-cli&redirect_uri=http%3A%2F%2Flocalhost%3A8020"
        "&scope=offline_access+all-apis&state=" +
        state + "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
    EXPECT_EQ(authorization_url(r), "https://ws.example/oidc/v1/authorize?" + query);
    r.endpoint += "?tenant=1";
    EXPECT_EQ(authorization_url(r), "https://ws.example/oidc/v1/authorize?tenant=1&" + query);
    r.client_id = "a&b=c";
    EXPECT_NE(authorization_url(r).find("&client_id=a%26b%3Dc&"), std::string::npos);
}

TEST(redirect, with_the_right_state_gives_the_code) {
    for (const auto& query :
         {"code=s3cret&state=" + state, "state=" + state + "&code=s3cret",
          "iss=https%3A%2F%2Fx&code=s3cret&state=" + state, "code=%733cret&state=%30" + state.substr(1),
          "&&x&=&iss&code=s3cret&state=" + state + "&"}) {
        const auto r = read_redirect(query, state);
        ASSERT_TRUE(r) << query << ": " << r.error().detail;
        EXPECT_EQ(*r, "s3cret");
    }
    EXPECT_EQ(*read_redirect("code=a+b%2Bc&state=" + state, state), "a b+c");
}

TEST(redirect, of_another_login_or_malformed_is_no_answer) {
    std::string last = state;
    last.back() = 'x';
    const std::vector<std::string> queries = {"",
                                              "x",
                                              "code=s3cret",
                                              "code=s3cret&state=",
                                              "code=s3cret&state=" + last,
                                              "code=s3cret&state=x" + state.substr(1),
                                              "code=s3cret&state=" + state.substr(1),
                                              "code=s3cret&state=" + state + "x",
                                              "state=" + state,
                                              "code=&state=" + state,
                                              "code=s3cret&code=other&state=" + state,
                                              "code=s3cret&state=x&state=" + state,
                                              "code=s3cret&state=" + state + "&state=" + state,
                                              "code=%zz&state=" + state,
                                              "error=access_denied&state=x",
                                              "error=access_denied"};
    for (const std::string& query : queries) {
        EXPECT_TRUE(refused(query).is(errc::bad_request)) << query;
    }
}

TEST(redirect, without_a_state_to_compare_is_no_answer) {
    for (const auto* query : {"code=s3cret", "code=s3cret&state=", "error=access_denied&error_description=s3cret"}) {
        const auto r = read_redirect(query, "");
        ASSERT_FALSE(r) << query;
        EXPECT_TRUE(r.error().is(errc::bad_request));
    }
}

TEST(redirect, that_says_no_shows_no_code_either) {
    const failure f = refused("error=s3cret.1&error_description=spent:+s3cret%011&code=s3cret.1&state=" + state);
    EXPECT_EQ(f.detail, "the login was refused: ***: spent: ***; log in again");
}

TEST(redirect, that_says_no_says_why_in_words_that_forge_nothing) {
    const failure f = refused("error=access_denied&error_description=The+person%0asaid+no&state=" + state);
    EXPECT_TRUE(f.is(errc::login_required));
    EXPECT_EQ(f.detail, "the login was refused: access_denied: The person.said no; log in again");
    EXPECT_EQ(refused("error=access_denied&state=" + state).detail,
              "the login was refused: access_denied; log in again");
    refused("error=" + state + "&error_description=" + std::string(295, 'x') + state + "&state=" + state);
}

TEST(redirect, pasted_by_a_person_may_be_the_whole_address) {
    for (const auto* text : {"http://localhost:8020/?code=c&state=s", "http://localhost:8020?code=c&state=s#_",
                             " \t http://localhost:8020/?code=c&state=s\r\n", "?code=c&state=s", "code=c&state=s\n"}) {
        EXPECT_EQ(pasted_query(text), "code=c&state=s") << text;
    }
    EXPECT_EQ(pasted_query(""), "");
    EXPECT_EQ(pasted_query(" \n"), "");
}

}  // namespace
}  // namespace dbxapps::oauth
