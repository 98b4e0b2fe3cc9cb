#include <oauth/entra.hpp>

#include <config/config_error.hpp>
#include <oauth/json_member.hpp>
#include <text/ascii.hpp>
#include <text/encoding.hpp>
#include <text/url.hpp>

#include <algorithm>
#include <chrono>

namespace dbxapps::oauth {
namespace {

using namespace std::chrono_literals;

constexpr azure_cloud public_cloud{"https://management.core.windows.net/", "https://management.azure.com/",
                                   "https://login.microsoftonline.com/"};
constexpr azure_cloud government{"https://management.core.usgovcloudapi.net/", "https://management.usgovcloudapi.net/",
                                 "https://login.microsoftonline.us/"};
constexpr azure_cloud china{"https://management.core.chinacloudapi.cn/", "https://management.chinacloudapi.cn/",
                            "https://login.chinacloudapi.cn/"};

struct cloud_name {
    std::string_view name;
    const azure_cloud& cloud;
};
constexpr cloud_name cloud_names[] = {
    {"", public_cloud},
    {"public", public_cloud},
    {"azurepubliccloud", public_cloud},
    {"azurecloud", public_cloud},
    {"usgovernment", government},
    {"azureusgovernmentcloud", government},
    {"azureusgovernment", government},
    {"china", china},
    {"azurechinacloud", china},
};

struct login_app {
    std::string_view suffix, id;
};
constexpr login_app login_apps[] = {
    {".dev.azuredatabricks.net", "62a912ac-b58e-4c1d-89ea-b2dbfc7358fc"},
    {".staging.azuredatabricks.net", "4a67d088-db5c-48f1-9ff2-0aace800ae68"},
};
constexpr std::string_view usual_login_app = "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d";

constexpr auto refused_before_end = 40s;
constexpr double longest_life_seconds = 10.0 * 366 * 86400;

failure no_tenant(std::string_view host, const std::string& came) {
    return config::failed(config::config_error::no_credentials,
                          "the tenant of Microsoft Entra ID that " + std::string(host) + " belongs to is unknown: " +
                              std::string(host) + "/aad/auth " + came + "; set azure_tenant_id (ARM_TENANT_ID)");
}

failure unusable(std::string_view endpoint, int status, const std::string& what) {
    failure f(errc::token_unavailable,
              "the token endpoint " + text::shown_url(endpoint) + " answered with status " + std::to_string(status) +
                  ", but " + what,
              make_error_code(errc::bad_response));
    f.status = status;
    return f;
}

}  // namespace

result<azure_cloud> azure_cloud_of(std::string_view environment) {
    const std::string name = text::lowered(text::trimmed(environment));
    const auto* row =
        std::find_if(std::begin(cloud_names), std::end(cloud_names), [&](const auto& one) { return one.name == name; });
    if (row != std::end(cloud_names)) return row->cloud;
    return config::failed(config::config_error::bad_value, "azure_environment (ARM_ENVIRONMENT) is '" +
                                                               text::printable(environment, 60) +
                                                               "'; known are PUBLIC, USGOVERNMENT and CHINA");
}

std::string_view login_app_id(std::string_view normal_host) {
    const auto parsed = text::parse_url(normal_host);
    const std::string name = parsed ? parsed->host : std::string(normal_host);
    const auto* row = std::find_if(std::begin(login_apps), std::end(login_apps),
                                   [&](const auto& one) { return name.ends_with(one.suffix); });
    return row == std::end(login_apps) ? usual_login_app : row->id;
}

bool is_tenant(std::string_view text) noexcept {
    return !text.empty() && text.size() <= 255 && text.front() != '.' &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return text::is_alnum(c) || c == '-' || c == '.' || c == '_'; });
}

result<std::string> read_tenant(std::string_view host, int status, std::optional<std::string_view> location) {
    const std::string came = "answered with status " + std::to_string(status);
    if (status == 429 || status >= 500) {
        failure f(errc::token_unavailable, no_tenant(host, came).detail + ", or try later");
        f.status = status;
        return f;
    }
    failure why;
    if (status == 404 || !location) {
        why = no_tenant(host, came + (status == 404 ? "" : " and without a Location"));
    } else {
        const auto to = text::parse_url(*location);
        if (to && to->secure) {
            const std::string_view path = std::string_view(to->target).substr(1);
            const std::string_view tenant = path.substr(0, path.find_first_of("/?"));
            if (is_tenant(tenant)) return std::string(tenant);
        }
        why = no_tenant(host, came + ", and its Location is no https URL with a tenant in it" +
                                  (to ? " (" + text::printable(to->without_query(), 200) + ")" : ""));
    }
    why.status = status;
    return why;
}

std::string entra_token_endpoint(const azure_cloud& cloud, std::string_view tenant) {
    return std::string(cloud.directory) + std::string(tenant) + "/oauth2/token";
}

http_request entra_secret_request(std::string_view endpoint, std::string_view resource, std::string_view client_id,
                                  std::string_view client_secret) {
    return form_post(endpoint, text::form_body({{"grant_type", "client_credentials"},
                                                {"resource", resource},
                                                {"client_id", client_id},
                                                {"client_secret", client_secret}}));
}

http_request entra_assertion_request(std::string_view endpoint, std::string_view resource, std::string_view client_id,
                                     std::string_view assertion) {
    return form_post(
        endpoint, text::form_body({{"grant_type", "client_credentials"},
                                   {"resource", resource},
                                   {"client_id", client_id},
                                   {"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
                                   {"client_assertion", assertion}}));
}

result<token> read_entra_answer(std::string_view endpoint, int status, std::string_view body, std::int64_t now,
                                std::optional<duration> retry_after, const std::vector<std::string>& hide) {
    auto read = read_token_answer(endpoint, status, body, retry_after, hide);
    if (!read || read->life()) return read;
    const auto at = number_member(body, "expires_on");
    if (!at) return unusable(endpoint, status, "its body does not say when the token ends");
    const double left = std::max(0.0, *at - static_cast<double>(now));
    if (!(left <= longest_life_seconds)) return unusable(endpoint, status, "its expires_on is over ten years ahead");
    return token(read->access_token(), std::chrono::duration_cast<duration>(std::chrono::duration<double>(left)));
}

std::optional<duration> azure_life(std::optional<duration> life) noexcept {
    if (!life) return life;
    return std::max(duration(0), *life - refused_before_end);
}

}  // namespace dbxapps::oauth
