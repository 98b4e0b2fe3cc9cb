#include <login/entra_tenant.hpp>
#include <support/scripted_transport.hpp>

namespace dbxapps::test {
namespace {

result<std::string> find(scripted_transport& wire) {
    asio::io_context io;
    result<std::string> out = failure(errc::closed, "never ended");
    asio::co_spawn(
        io,
        [&]() -> awaitable<void> {
            out = co_await login::find_tenant(wire, "https://adb-1.2.azuredatabricks.net", clock::now() + 10s);
        },
        asio::detached);
    run_out(io);
    return out;
}

TEST(EntraTenant, IsWhereTheWorkspaceSendsPeopleToLogIn) {
    scripted_transport wire;
    wire.answers = {
        scripted_transport::json(302, "", "Location: https://login.microsoftonline.com/t-1/oauth2/authorize?x=y\r\n")};
    const auto tenant = find(wire);
    ASSERT_TRUE(tenant) << tenant.error().detail;
    EXPECT_EQ(*tenant, "t-1");
    EXPECT_EQ(wire.asked, (std::vector<std::string>{"GET https://adb-1.2.azuredatabricks.net/aad/auth"}));
    EXPECT_TRUE(wire.last.headers.empty());
}

TEST(EntraTenant, AnotherAnswerOrNoneIsItsFailure) {
    scripted_transport wire;
    wire.answers = {scripted_transport::json(404, "")};
    EXPECT_TRUE(find(wire).error().is(errc::bad_config));
    EXPECT_TRUE(find(wire).error().is(errc::connect_failed));
}

TEST(EntraTenant, ABusyHostSaysWhenToAskAgain) {
    for (const int status : {429, 503}) {
        scripted_transport wire;
        wire.answers = {scripted_transport::json(status, "", "Retry-After: 7\r\n"),
                        scripted_transport::json(status, "")};
        const auto busy = find(wire);
        ASSERT_FALSE(busy);
        EXPECT_TRUE(busy.error().is(errc::token_unavailable)) << status;
        EXPECT_EQ(busy.error().status, status);
        EXPECT_EQ(busy.error().retry_after, 7s);
        EXPECT_EQ(find(wire).error().retry_after, std::nullopt);
    }
}

}  // namespace
}  // namespace dbxapps::test
