// The managed identity of a machine, over a transport that plays the instance metadata service.
#include <login/azure_ways.hpp>
#include <support/answering_transport.hpp>

namespace dbxapps::test {
namespace {

const std::string address = "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=";
const std::string for_workspace = address + "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d";
const std::string for_management = address + "https%3A%2F%2Fmanagement.core.windows.net%2F";

azure_options usual_options() {
    azure_options out;
    out.host = "adb-1.2.azuredatabricks.net";
    return out;
}
std::unique_ptr<token_source> source_with(azure_options o) {
    return login::azure_msi(std::move(o),
                            [] { return std::chrono::system_clock::time_point(std::chrono::seconds(1893456000)); });
}
// The time is told in both ways that were seen.
std::string token_answer(const transport_request& r) {
    if (r.url.starts_with(for_workspace))
        return scripted_transport::json(
            200, R"({"access_token":"w-token","expires_on":"1893459600","token_type":"Bearer"})");
    return scripted_transport::json(200, R"({"access_token":"m-token","expires_in":"7200","token_type":"Bearer"})");
}

TEST(AzureMsi, AsksTheMetadataServiceTwiceAndWithNothingOfOurs) {
    answering_transport wire(token_answer);
    const auto source = source_with(usual_options());
    EXPECT_EQ(source->host(), "https://adb-1.2.azuredatabricks.net");
    const time_point before = clock::now();
    const auto t = fetch_from(*source, wire, 100s);
    const time_point after = clock::now();
    ASSERT_TRUE(t) << t.error().detail;
    EXPECT_EQ(t->authorization(), "Bearer w-token");
    EXPECT_EQ(fields_of(*t),
              (std::map<std::string, std::string>{{"X-Databricks-Azure-SP-Management-Token", "m-token"}}));
    EXPECT_EQ(t->life(), 3560s);
    EXPECT_EQ(t->unfit_for_apps(), "a Microsoft Entra ID token");
    EXPECT_EQ(wire.asked(), (std::vector<std::string>{"GET " + for_workspace, "GET " + for_management}));
    using headers = std::vector<std::pair<std::string, std::string>>;
    for (const auto& r : wire.requests) {
        EXPECT_TRUE(r.to_instance_metadata);
        EXPECT_EQ(r.headers, (headers{{"Metadata", "true"}, {"Accept", "application/json"}}));
    }
    for (const auto deadline : wire.deadlines) {
        EXPECT_GE(deadline, before + 10s);
        EXPECT_LE(deadline, after + 10s);
    }
}

TEST(AzureMsi, AnEarlierDeadlineCounts) {
    answering_transport wire(token_answer);
    const auto source = source_with(usual_options());
    ASSERT_TRUE(fetch_from(*source, wire, 3s));
    EXPECT_LE(wire.deadlines.front(), clock::now() + 3s);
}

TEST(AzureMsi, AClientIdNamesOneOfSeveralIdentities) {
    answering_transport wire(token_answer);
    azure_options o = usual_options();
    o.client_id = "a b";
    const auto source = source_with(o);
    ASSERT_TRUE(fetch_from(*source, wire));
    EXPECT_EQ(wire.asked().front(), "GET " + for_workspace + "&client_id=a%20b");
}

TEST(AzureMsi, OnAnotherMachineTheFailureSaysWhereItWorks) {
    answering_transport wire([](const transport_request&) { return std::string(); });
    const auto source = source_with(usual_options());
    const auto t = fetch_from(*source, wire);
    ASSERT_FALSE(t);
    EXPECT_TRUE(t.error().is(errc::connect_failed));
    EXPECT_NE(t.error().detail.find("virtual machines of Azure"), std::string::npos) << t.error().detail;
}

TEST(AzureMsi, AMachineWithoutAnIdentityIsRefusedForGood) {
    answering_transport wire([](const transport_request&) {
        return scripted_transport::json(400, R"({"error":"invalid_request","error_description":"Identity not found"})");
    });
    const auto source = source_with(usual_options());
    const auto t = fetch_from(*source, wire);
    ASSERT_FALSE(t);
    EXPECT_TRUE(t.error().is(errc::token_refused));
    EXPECT_NE(t.error().detail.find("Identity not found"), std::string::npos) << t.error().detail;
}

TEST(AzureMsi, AManagementTokenThatFailsIsAFailure) {
    answering_transport wire([](const transport_request& r) {
        return r.url.starts_with(for_workspace) ? token_answer(r) : scripted_transport::json(500, "");
    });
    const auto source = source_with(usual_options());
    EXPECT_TRUE(fetch_from(*source, wire).error().is(errc::token_unavailable));
}

TEST(AzureMsi, NeedsAWorkspace) {
    EXPECT_THROW(azure_msi({}), error);
    EXPECT_TRUE(azure_msi(usual_options()));
}

}  // namespace
}  // namespace dbxapps::test
