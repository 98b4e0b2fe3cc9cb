#include <login/azure_source.hpp>

#include <config/config_error.hpp>
#include <config/host.hpp>
#include <login/entra_tenant.hpp>
#include <login/send.hpp>
#include <oauth/azure_resource.hpp>
#include <text/ascii.hpp>

#include <algorithm>
#include <ctime>
#include <utility>

namespace dbxapps::login {
namespace {

constexpr duration best_effort = std::chrono::seconds(10);

using boost::asio::awaitable;
using config::config_error;

azure_options checked(std::string_view way_in, azure_options options) {
    if (options.host.empty() && options.workspace_resource_id.empty()) {
        throw error(config::failed(config_error::no_host,
                                   std::string(way_in) +
                                       " needs the workspace's host (DATABRICKS_HOST) or its resource id "
                                       "(DATABRICKS_AZURE_RESOURCE_ID)"));
    }
    if (!options.host.empty()) {
        auto host = config::normal_host(options.host);
        if (!host) throw error(host.error());
        options.host = std::move(*host);
    }
    if (!options.workspace_resource_id.empty() && !oauth::is_resource_id(options.workspace_resource_id)) {
        throw error(
            config::failed(config_error::bad_value, "azure_workspace_resource_id (DATABRICKS_AZURE_RESOURCE_ID) is '" +
                                                        text::printable(options.workspace_resource_id, 200) +
                                                        "'; wanted: /subscriptions/..."));
    }
    if (!options.tenant_id.empty() && !oauth::is_tenant(options.tenant_id)) {
        throw error(config::failed(config_error::bad_value, "azure_tenant_id (ARM_TENANT_ID) is '" +
                                                                text::printable(options.tenant_id, 60) +
                                                                "'; wanted: the id or the domain of a tenant"));
    }
    return options;
}

oauth::azure_cloud cloud_named(const std::string& environment) {
    auto cloud = oauth::azure_cloud_of(environment);
    if (!cloud) throw error(cloud.error());
    return *cloud;
}

failure about(std::string_view what, failure why) {
    why.detail = std::string(what) + ": " + why.detail;
    return why;
}

failure no_workspace(const std::string& resource_id) {
    return config::failed(config_error::bad_value,
                          "the host is not set, and azure_workspace_resource_id (DATABRICKS_AZURE_RESOURCE_ID), which "
                          "is '" +
                              text::printable(resource_id, 200) +
                              "', is no workspace's; wanted: /subscriptions/<id>/resourceGroups/<name>/providers/"
                              "Microsoft.Databricks/workspaces/<name>, or the host (DATABRICKS_HOST)");
}

// What the API of the workspace wants to see. The shorter life counts: one is of no use without the other.
token presented(const token& by, const token* management, const std::string& resource_id) {
    auto life = by.life();
    if (management && management->life()) life = std::min(life.value_or(*management->life()), *management->life());
    token out(by.access_token(), oauth::azure_life(life));
    out.unfit_for_apps("a Microsoft Entra ID token");
    if (management) out.workspace_field("X-Databricks-Azure-SP-Management-Token", management->access_token());
    if (!resource_id.empty()) out.workspace_field("X-Databricks-Azure-Workspace-Resource-Id", resource_id);
    return out;
}

}  // namespace

azure_source::azure_source(std::string_view way_in, azure_options options, management m)
    : way_in_(way_in),
      options_(checked(way_in, std::move(options))),
      management_(m),
      cloud_(cloud_named(options_.environment)),
      tenant_(options_.tenant_id),
      host_(options_.host) {}

std::string azure_source::host() const {
    std::lock_guard lock(mutex_);
    return host_;
}

void azure_source::missing(const std::string& what) const {
    throw error(config::failed(config_error::no_credentials, std::string(way_in_) + " needs " + what));
}

void azure_source::need_tenant() const {
    if (tenant_.empty() && options_.host.empty()) {
        missing("azure_tenant_id (ARM_TENANT_ID) or the workspace's host (DATABRICKS_HOST), which tells it");
    }
}

awaitable<result<std::string>> azure_source::tenant(transport& via, time_point deadline) {
    if (tenant_.empty()) {
        auto found = co_await find_tenant(via, options_.host, deadline);
        if (!found) co_return found.error();
        tenant_ = std::move(*found);
    }
    co_return tenant_;
}

awaitable<result<std::string>> azure_source::token_endpoint(transport& via, time_point deadline) {
    const auto in = co_await tenant(via, deadline);
    if (!in) co_return in.error();
    co_return oauth::entra_token_endpoint(cloud_, *in);
}

awaitable<result<void>> azure_source::find_host(transport& via, time_point deadline) {
    if (!oauth::is_workspace_id(options_.workspace_resource_id)) co_return no_workspace(options_.workspace_resource_id);
    auto bearer = co_await token_for(via, std::string(cloud_.resource_manager), deadline);
    if (!bearer) co_return about("a token for the resource manager", bearer.error());
    transport_request question("GET", oauth::resource_url(cloud_, options_.workspace_resource_id));
    const std::string url = question.url;
    question.headers = {{"Accept", "application/json"}, {"Authorization", std::string(bearer->authorization())}};
    question.repeatable = true;
    auto answer = co_await via.exchange(std::move(question), deadline);
    if (!answer) co_return answer.error();
    auto found = oauth::read_workspace_host(url, answer->status(), answer->body(), retry_after_of(*answer));
    if (!found) co_return found.error();
    std::lock_guard lock(mutex_);
    host_ = std::move(*found);
    co_return result<void>();
}

awaitable<result<token>> azure_source::fetch(transport& via, time_point deadline) {
    if (host().empty()) {
        auto found = co_await find_host(via, deadline);
        if (!found) co_return found.error();
    }
    auto by = co_await token_for(via, std::string(oauth::login_app_id(host())), deadline);
    if (!by) co_return about("a token for the workspace", by.error());
    if (management_ == management::left_out) co_return presented(*by, nullptr, options_.workspace_resource_id);
    // What may be missing does not hold up what is there.
    const bool needed = management_ == management::asked_for;
    const time_point until = needed ? deadline : std::min(deadline, clock::now() + best_effort);
    auto second = co_await token_for(via, std::string(cloud_.service_management), until);
    if (second) co_return presented(*by, &*second, options_.workspace_resource_id);
    const bool over = second.error().is(errc::closed) || second.error().is(errc::cancelled);
    if (needed || over) co_return about("a token for the service management", second.error());
    co_return presented(*by, nullptr, options_.workspace_resource_id);
}

}  // namespace dbxapps::login
