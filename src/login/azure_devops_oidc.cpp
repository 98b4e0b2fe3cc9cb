// ID tokens of Azure Pipelines.
#include <login/id_token_provider.hpp>

#include <config/config_error.hpp>
#include <login/send.hpp>
#include <oauth/id_tokens.hpp>
#include <text/ascii.hpp>
#include <text/url.hpp>

#include <utility>

namespace dbxapps {
namespace {

using boost::asio::awaitable;
using config::config_error;

class azure_pipelines_provider final : public login::id_token_provider {
public:
    azure_pipelines_provider(std::string url, std::string access_token)
        : url_(std::move(url)), access_token_(std::move(access_token)) {}
    ~azure_pipelines_provider() override { login::wipe(access_token_); }

    awaitable<result<std::string>> ask(transport& via, std::string, time_point deadline) override {
        auto question = login::outgoing(oauth::azure_pipelines_id_token_request(url_, access_token_), true);
        auto answer = co_await via.exchange(std::move(question), deadline);
        if (!answer) co_return login::while_asking("Azure Pipelines", std::move(answer).error());
        const oauth::id_token_answer came = {answer->status(), answer->body(), login::retry_after_of(*answer)};
        auto out = oauth::read_azure_pipelines_id_token(url_, came, {access_token_});
        login::wipe(answer->body());
        co_return out;
    }

private:
    const std::string url_;
    std::string access_token_;
};

[[noreturn]] void refuse(config_error why, const std::string& words) {
    throw error(config::failed(why, "azure-devops-oidc needs " + words));
}

void check(const azure_devops_job& job) {
    if (job.access_token.empty()) {
        refuse(config_error::no_credentials,
               "SYSTEM_ACCESSTOKEN, which a pipeline has to map explicitly: add `SYSTEM_ACCESSTOKEN: "
               "$(System.AccessToken)` to the step's env");
    }
    const std::pair<const char*, const std::string&> rest[] = {
        {"SYSTEM_TEAMFOUNDATIONCOLLECTIONURI", job.collection_uri},
        {"SYSTEM_TEAMPROJECTID", job.project_id},
        {"SYSTEM_PLANID", job.plan_id},
        {"SYSTEM_JOBID", job.job_id},
        {"SYSTEM_HOSTTYPE", job.host_type},
    };
    for (const auto& [variable, value] : rest) {
        if (value.empty()) {
            refuse(config_error::no_credentials, std::string(variable) + ", which Azure Pipelines sets for each job");
        }
    }
    if (!text::is_field_value(job.access_token)) {
        refuse(config_error::bad_value, "a token without control characters in SYSTEM_ACCESSTOKEN");
    }
    if (!text::parse_url(job.collection_uri) || job.collection_uri.find_first_of("?#") != std::string::npos) {
        refuse(config_error::bad_value, "a URL without a query in SYSTEM_TEAMFOUNDATIONCOLLECTIONURI");
    }
}

}  // namespace

std::unique_ptr<login::id_token_provider> login::azure_pipelines_id_tokens(azure_devops_job job) {
    check(job);
    auto url = oauth::azure_pipelines_url(job.collection_uri, job.project_id, job.host_type, job.plan_id, job.job_id);
    return std::make_unique<azure_pipelines_provider>(std::move(url), std::move(job.access_token));
}

std::unique_ptr<token_source> azure_devops_oidc(federation_options options, azure_devops_job job) {
    return login::federation(std::move(options), login::azure_pipelines_id_tokens(std::move(job)));
}

}  // namespace dbxapps
