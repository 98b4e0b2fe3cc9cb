#include <oauth/metadata_token.hpp>

#include <config/config_error.hpp>
#include <oauth/json_member.hpp>
#include <oauth/token_endpoint.hpp>
#include <text/ascii.hpp>

#include <cmath>
#include <utility>

namespace dbxapps::oauth {
namespace {

constexpr double longest_life_seconds = 10.0 * 366 * 86400;

std::string answered(std::string_view origin, int status) {
    return "the metadata service at " + std::string(origin) + " answered with status " + std::to_string(status);
}

failure unusable(std::string_view origin, int status, std::string_view what) {
    failure out(errc::token_unavailable,
                answered(origin, status) + ", but " + std::string(what) +
                    "; check that metadata_service_url is the one that the editor gave to this program",
                make_error_code(errc::bad_response));
    out.status = status;
    return out;
}

failure refusal(std::string_view origin, int status, std::optional<duration> retry_after) {
    const bool later = status == 429 || status >= 500;
    std::string detail =
        answered(origin, status) + (later ? "; trying later may help"
                                          : "; check that metadata_service_url is the one that the editor gave to "
                                            "this program, and that the editor is logged in to this workspace");
    failure out = later ? failure(errc::token_unavailable, std::move(detail))
                        : config::failed(config::config_error::credential_source, std::move(detail));
    out.status = status;
    out.retry_after = retry_after;
    return out;
}

failure over(std::string_view origin, int status, double seconds) {
    failure out(errc::token_unavailable, answered(origin, status) + ", but the token expired " +
                                             std::to_string(std::llround(-seconds)) +
                                             " s ago; log in again in the editor that runs the service, and check the "
                                             "clock of this machine");
    out.status = status;
    return out;
}

}  // namespace

http_request metadata_token_request(std::string_view url, std::string_view normal_host) {
    http_request out;
    out.method = "GET";
    out.url = url;
    out.headers = {{"X-Databricks-Metadata-Version", "1"},
                   {"X-Databricks-Host", std::string(normal_host)},
                   {"Accept", "application/json"}};
    return out;
}

result<token> read_metadata_token(std::string_view origin, int status, std::string_view body,
                                  std::optional<duration> retry_after, std::chrono::system_clock::time_point wall_now) {
    if (status != 200) return refusal(origin, status, retry_after);
    const std::string access_token = string_member(body, "access_token");
    if (!is_token_text(access_token)) return unusable(origin, status, "its body has no usable access_token");
    const std::string type = string_member(body, "token_type");
    if (!type.empty() && !text::same(type, "bearer")) {
        return unusable(origin, status, "its token_type is '" + text::printable(type, 40) + "', not Bearer");
    }
    const auto expires_on = number_member(body, "expires_on");
    if (!expires_on) return unusable(origin, status, "its expires_on is missing, or not a number");
    const std::chrono::duration<double> now = wall_now.time_since_epoch();
    const double left = *expires_on - now.count();
    if (!(std::abs(left) <= longest_life_seconds)) {
        return unusable(origin, status, "its expires_on is no time of these days, in seconds since 1970");
    }
    if (left <= 0) return over(origin, status, left);
    return token(access_token, std::chrono::duration_cast<duration>(std::chrono::duration<double>(left)));
}

}  // namespace dbxapps::oauth
