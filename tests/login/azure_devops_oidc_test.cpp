#include <config/config_error.hpp>
#include <dbxapps/federation.hpp>
#include <support/fetching.hpp>

namespace dbxapps::test {
namespace {

using config::config_error;

const std::string host = "https://adb-1.azuredatabricks.net";
const std::string url =
    "https://dev.azure.com/org/project/_apis/distributedtask/hubs/build/plans/plan/jobs/job/"
    "oidctoken?api-version=7.2-preview.1";

azure_devops_job job() {
    azure_devops_job out;
    out.access_token = "system-token";
    out.collection_uri = "https://dev.azure.com/org/";
    out.project_id = "project";
    out.plan_id = "plan";
    out.job_id = "job";
    out.host_type = "build";
    return out;
}

struct azure_devops_oidc_test : fetching {
    federation_options options;
    azure_devops_oidc_test() {
        options.host = host;
        options.client_id = "application";
    }
    std::unique_ptr<token_source> source() { return azure_devops_oidc(options, job()); }
};

TEST_F(azure_devops_oidc_test, AsksAzurePipelinesAndExchangesItsWord) {
    const auto from = source();
    EXPECT_EQ(from->host(), host);
    wire.answers = {scripted_transport::json(200, R"({"oidcToken":"pipeline-id-token"})")};
    answer_for(host, "one");
    const auto r = fetch(*from);
    ASSERT_TRUE(r) << r.error().detail;
    EXPECT_EQ(r->access_token(), "one");
    EXPECT_EQ(wire.asked.front(), "POST " + url);
    EXPECT_EQ(header_of(wire.requests.front(), "Authorization"), "Bearer system-token");
    EXPECT_EQ(header_of(wire.requests.front(), "Content-Type"), "application/json");
    EXPECT_EQ(wire.requests.front().body, "");
    EXPECT_TRUE(wire.requests.front().repeatable);
    EXPECT_EQ(wire.deadlines.front(), deadline);
    EXPECT_EQ(sent("subject_token"), "pipeline-id-token");
    EXPECT_EQ(sent("client_id"), "application");
    EXPECT_EQ(header_of(wire.last, "Authorization"), "none");
    wire.answers = {scripted_transport::json(200, R"({"oidcToken":"next"})")};
    give("two");
    ASSERT_TRUE(fetch(*from));
    EXPECT_EQ(sent("subject_token"), "next");
}

TEST_F(azure_devops_oidc_test, ATokenThatIsNotTheJobsIsSaid) {
    for (const int status : {203, 302, 401}) {
        wire.answers = {scripted_transport::json(status, R"({"message":"system-token is nobody's"})")};
        const auto r = fetch(*source());
        expect_failure(r, errc::token_refused,
                       {"Azure Pipelines (https://dev.azure.com/org/project/", "status " + std::to_string(status),
                        "*** is nobody's", "SYSTEM_ACCESSTOKEN: $(System.AccessToken)"});
        expect_without(r.error(), {"system-token"});
    }
    EXPECT_EQ(wire.asked.size(), 3u) << "the workspace is not asked";
}

TEST_F(azure_devops_oidc_test, AnOutageOfAzurePipelinesMayPass) {
    wire.answers = {scripted_transport::json(503, "", "Retry-After: 7\r\n")};
    const auto busy = fetch(*source());
    expect_failure(busy, errc::token_unavailable, {"Azure Pipelines", "status 503"});
    EXPECT_EQ(busy.error().retry_after, duration(7s));
    wire.answers = {std::string(scripted_transport::unreachable)};
    expect_failure(fetch(*source()), errc::connect_failed, {"asking Azure Pipelines for an ID token: nobody"});
}

TEST_F(azure_devops_oidc_test, NeedsAllThatAJobIsTold) {
    const std::pair<std::string azure_devops_job::*, const char*> fields[] = {
        {&azure_devops_job::access_token, "SYSTEM_ACCESSTOKEN, which a pipeline has to map explicitly"},
        {&azure_devops_job::collection_uri, "SYSTEM_TEAMFOUNDATIONCOLLECTIONURI"},
        {&azure_devops_job::project_id, "SYSTEM_TEAMPROJECTID"},
        {&azure_devops_job::plan_id, "SYSTEM_PLANID"},
        {&azure_devops_job::job_id, "SYSTEM_JOBID"},
        {&azure_devops_job::host_type, "SYSTEM_HOSTTYPE"},
    };
    for (const auto& [field, words] : fields) {
        azure_devops_job without = job();
        (without.*field).clear();
        const auto why = refusal_of([&] { azure_devops_oidc(options, without); });
        EXPECT_EQ(why.cause, config_error::no_credentials);
        expect_words(why, {std::string("azure-devops-oidc needs ") + words});
    }
}

TEST_F(azure_devops_oidc_test, RefusesWhatCannotBeSent) {
    for (const auto* bad : {"dev.azure.com/org", "https://dev.azure.com/org?x=1", "https://dev.azure.com/org#x"}) {
        azure_devops_job other = job();
        other.collection_uri = bad;
        const auto why = refusal_of([&] { azure_devops_oidc(options, other); });
        EXPECT_EQ(why.cause, config_error::bad_value);
        expect_words(why, {"SYSTEM_TEAMFOUNDATIONCOLLECTIONURI"});
    }
    azure_devops_job other = job();
    other.access_token = "secret\n";
    const auto why = refusal_of([&] { azure_devops_oidc(options, other); });
    expect_words(why, {"SYSTEM_ACCESSTOKEN"});
    expect_without(why, {"secret"});
}

}  // namespace
}  // namespace dbxapps::test
