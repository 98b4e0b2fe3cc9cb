#include <oauth/azure_resource.hpp>

#include <config/config_error.hpp>
#include <config/host.hpp>
#include <text/ascii.hpp>
#include <text/url.hpp>

#include <boost/json.hpp>

namespace dbxapps::oauth {
namespace {

namespace json = boost::json;

std::string workspace_url_in(std::string_view body) {
    boost::system::error_code ec;
    const auto v = json::parse(body, ec);
    const auto* o = ec ? nullptr : v.if_object();
    const auto* properties = o ? o->if_contains("properties") : nullptr;
    if (!properties || !properties->is_object()) return {};
    const auto* url = properties->get_object().if_contains("workspaceUrl");
    return url && url->is_string() ? std::string(url->get_string()) : std::string();
}

failure not_told(std::string_view url, int status, std::optional<duration> retry_after) {
    const std::string words =
        "Azure does not tell the host of the workspace: " + std::string(url.substr(0, url.find('?'))) +
        " answered with status " + std::to_string(status);
    failure f(errc::token_unavailable, words + "; trying later may help, or set the host (DATABRICKS_HOST)");
    if (status == 401 || status == 403) {
        f = config::failed(config::config_error::credential_source,
                           words + "; let the identity read that resource, or set the host (DATABRICKS_HOST)");
    } else if (status == 400 || status == 404) {
        f = config::failed(config::config_error::bad_value,
                           words + "; check azure_workspace_resource_id (DATABRICKS_AZURE_RESOURCE_ID)");
    }
    f.status = status;
    f.retry_after = retry_after;
    return f;
}

}  // namespace

bool is_resource_id(std::string_view id) noexcept {
    constexpr std::string_view begin = "/subscriptions/";
    return id.size() > begin.size() && text::same(id.substr(0, begin.size()), begin) && text::is_sound(id) &&
           id.find_first_of("?#") == id.npos;
}

bool is_workspace_id(std::string_view id) {
    constexpr std::string_view kind = "/providers/microsoft.databricks/workspaces/";
    const std::string any_case = text::lowered(id);
    const auto at = any_case.find(kind);
    if (!is_resource_id(id) || at == any_case.npos) return false;
    const std::string_view name = id.substr(at + kind.size());
    return !name.empty() && name.find('/') == name.npos;
}

std::string resource_url(const azure_cloud& cloud, std::string_view resource_id) {
    return std::string(cloud.resource_manager) + std::string(resource_id.substr(1)) + "?api-version=2018-04-01";
}

result<std::string> read_workspace_host(std::string_view url, int status, std::string_view body,
                                        std::optional<duration> retry_after) {
    if (status != 200) return not_told(url, status, retry_after);
    const auto host = config::normal_host(workspace_url_in(body));
    if (host && config::cloud_named_by(*host) == config::cloud::azure) return *host;
    failure f(errc::token_unavailable,
              "Azure does not tell the host of the workspace: the answer of " +
                  std::string(url.substr(0, url.find('?'))) +
                  " has no usable properties.workspaceUrl; set the host (DATABRICKS_HOST)",
              make_error_code(errc::bad_response));
    f.status = status;
    return f;
}

}  // namespace dbxapps::oauth
