// What of the settings reaches a source, where only a program that it runs can tell.
#include <login/make_source.hpp>
#include <support/scripted_transport.hpp>
#include <support/scripts.hpp>

#include <algorithm>

namespace dbxapps::test {
namespace {

using config::attribute;

struct MakeSource : testing::Test {
    temporary_directory home;
    const std::string told = home.path() + "/told";
    config::settings settings;
    config::surroundings around;

    MakeSource() {
        around.home = home.path();
        settings.set(attribute::host, "https://w.cloud.databricks.com");
        settings.set(attribute::databricks_cli_path,
                     make_script(home.path() + "/databricks",
                                 "echo \"${DATABRICKS_CONFIG_FILE-none}\" >" + told + "; exit 1", 1'048'576));
    }
    // What the databricks CLI is told is its file of profiles.
    std::string file_of_the_cli() {
        const auto& all = config::ways_in();
        const auto way = std::find_if(all.begin(), all.end(), [](auto& w) { return w.auth_type == "databricks-cli"; });
        const auto source = login::make_source(*way, settings, around);
        if (!source) return source.error().detail;
        asio::io_context io;
        scripted_transport wire;
        asio::co_spawn(
            io, [&]() -> awaitable<void> { (void)co_await (*source)->fetch(wire, clock::now() + 60s); },
            asio::detached);
        run_out(io);
        return text_of_file(told);
    }
};

TEST_F(MakeSource, TheDatabricksCliIsToldOfTheFileThatIsSet) {
    ::unsetenv("DATABRICKS_CONFIG_FILE");
    EXPECT_EQ(file_of_the_cli(), "none\n");
    settings.set(attribute::config_file, "/another/file");
    EXPECT_EQ(file_of_the_cli(), "/another/file\n");
    settings.set(attribute::config_file, "~/mine");
    EXPECT_EQ(file_of_the_cli(), home.path() + "/mine\n");
    around.home.clear();
    EXPECT_EQ(file_of_the_cli(), "~/mine: HOME is not set");
}

}  // namespace
}  // namespace dbxapps::test
