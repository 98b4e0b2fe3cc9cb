// How long each of the tokens of a way in by Microsoft Entra ID may take.
#include <login/azure_source.hpp>
#include <support/scripted_transport.hpp>

namespace dbxapps::test {
namespace {

class asked_source final : public login::azure_source {
public:
    explicit asked_source(management m)
        : azure_source(
              "asked",
              [] {
                  azure_options o;
                  o.host = "https://adb-1.2.azuredatabricks.net";
                  return o;
              }(),
              m) {}
    std::vector<time_point> deadlines;
    using azure_source::management;

private:
    awaitable<result<token>> token_for(transport&, std::string, time_point deadline) override {
        deadlines.push_back(deadline);
        co_return token("t0ken", 1h);
    }
};

void fetch(asked_source& source, time_point deadline) {
    asio::io_context io;
    scripted_transport wire;
    bool came = false;
    asio::co_spawn(
        io, [&]() -> awaitable<void> { came = (co_await source.fetch(wire, deadline)).has_value(); }, asio::detached);
    run_out(io);
    EXPECT_TRUE(came);
}

TEST(AzureSource, AManagementTokenThatMayBeMissingDoesNotHoldUpTheOther) {
    asked_source source(asked_source::management::if_possible);
    const time_point late = clock::now() + 100s;
    fetch(source, late);
    ASSERT_EQ(source.deadlines.size(), 2u);
    EXPECT_EQ(source.deadlines[0], late);
    EXPECT_LE(source.deadlines[1], clock::now() + 10s);
    const time_point soon = clock::now() + 2s;
    fetch(source, soon);
    EXPECT_EQ(source.deadlines.back(), soon) << "never past the whole's";
}

TEST(AzureSource, OneThatIsNeededHasAllTheTime) {
    asked_source source(asked_source::management::asked_for);
    const time_point late = clock::now() + 100s;
    fetch(source, late);
    EXPECT_EQ(source.deadlines, (std::vector<time_point>{late, late}));
}

}  // namespace
}  // namespace dbxapps::test
