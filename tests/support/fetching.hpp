// Fetches from a token source over a transport that plays a script.
#pragma once

#include <support/scripted_transport.hpp>

#include <initializer_list>
#include <string>
#include <vector>

namespace dbxapps::test {

struct fetching : testing::Test {
    asio::io_context io;
    scripted_transport wire;
    time_point deadline = clock::now() + 100s;

    result<token> fetch(token_source& from) {
        result<token> out = failure(errc::closed, "never ended");
        asio::co_spawn(
            io, [&]() -> awaitable<void> { out = co_await from.fetch(wire, deadline); }, asio::detached);
        run_out(io);
        return out;
    }

    // The rest of a script: what a workspace says of itself, and that it gives out this token.
    void answer_for(const std::string& host, const std::string& access_token, const std::string& metadata = "{}") {
        wire.answers.push_back(scripted_transport::json(200, metadata));
        wire.answers.push_back(scripted_transport::json(200, R"({"token_endpoint":")" + host + R"(/oidc/v1/token"})"));
        give(access_token);
    }
    void give(const std::string& access_token) {
        wire.answers.push_back(
            scripted_transport::json(200, R"({"access_token":")" + access_token + R"(","expires_in":298})"));
    }
    // What the last request carried in its form under that name, as it was written there; "none".
    std::string sent(const std::string& name) const {
        const std::string all = "&" + wire.last.body + "&";
        const auto at = all.find("&" + name + "=");
        if (at == all.npos) return "none";
        const auto from = at + name.size() + 2;
        return all.substr(from, all.find('&', from) - from);
    }
};

inline std::string header_of(const transport_request& r, const std::string& name) {
    for (const auto& [key, value] : r.headers) {
        if (key == name) return value;
    }
    return "none";
}

inline void expect_failure(const result<token>& r, errc code, std::initializer_list<std::string> words) {
    ASSERT_FALSE(r) << "a token came";
    EXPECT_TRUE(r.error().is(code)) << r.error().code.message() << ": " << r.error().detail;
    for (const auto& word : words)
        EXPECT_NE(r.error().detail.find(word), std::string::npos) << word << " in: " << r.error().detail;
}
inline void expect_without(const failure& f, std::initializer_list<std::string> secrets) {
    for (const auto& secret : secrets)
        EXPECT_EQ(f.detail.find(secret), std::string::npos) << secret << " in: " << f.detail;
}

// What the function that makes a source throws.
template <class Make>
failure refusal_of(Make make) {
    try {
        make();
    } catch (const error& e) {
        EXPECT_TRUE(e.why().is(errc::bad_config)) << e.what();
        return e.why();
    }
    ADD_FAILURE() << "nothing was thrown";
    return {};
}
inline void expect_words(const failure& f, std::initializer_list<std::string> words) {
    for (const auto& word : words)
        EXPECT_NE(f.detail.find(word), std::string::npos) << word << " in: " << f.detail;
}

}  // namespace dbxapps::test
