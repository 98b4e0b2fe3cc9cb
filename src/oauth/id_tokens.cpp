#include <oauth/id_tokens.hpp>

#include <config/config_error.hpp>
#include <oauth/shown.hpp>
#include <oauth/token_endpoint.hpp>
#include <text/ascii.hpp>
#include <text/encoding.hpp>
#include <text/url.hpp>

#include <boost/json.hpp>

#include <utility>

namespace dbxapps::oauth {
namespace {

namespace json = boost::json;

// Who is asked, for error texts, and what a person can do about a no.
struct provider {
    std::string_view name;
    std::string_view member;  // of the answer, that holds the token
    std::string_view advice;
};

constexpr provider github = {"GitHub", "value",
                             "the job needs `permissions: id-token: write`, and its request token is good only while "
                             "it runs"};
constexpr provider azure_pipelines = {"Azure Pipelines", "oidcToken",
                                      "SYSTEM_ACCESSTOKEN has to be the job's own: map it with "
                                      "`SYSTEM_ACCESSTOKEN: $(System.AccessToken)` in the step's env"};

std::string text_of(const json::value& v, std::string_view key) {
    const json::value* found = v.is_object() ? v.get_object().if_contains(key) : nullptr;
    return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

// 203 and the redirects are how Azure DevOps shows its login page to whom it does not know.
bool is_refusal(int status) noexcept {
    return status == 203 || (status >= 300 && status < 400) || status == 400 || status == 401 || status == 403 ||
           status == 404;
}

std::string asked(const provider& who, std::string_view url, int status) {
    const auto parsed = text::parse_url(url);
    return "asked for an ID token, " + std::string(who.name) + " (" +
           (parsed ? parsed->without_query() : std::string("at a malformed URL")) + ") answered with status " +
           std::to_string(status);
}

failure refusal(const provider& who, std::string_view url, const id_token_answer& answer, const json::value& body,
                const std::vector<std::string>& hide) {
    std::string detail = asked(who, url, answer.status);
    if (const std::string words = text_of(body, "message"); !words.empty()) detail += ": " + shown(words, 300, hide);
    const bool final = is_refusal(answer.status);
    detail += "; " + std::string(final ? who.advice : "trying later may help");
    failure out = final ? config::failed(config::config_error::credential_source, std::move(detail))
                        : failure(errc::token_unavailable, std::move(detail));
    out.status = answer.status;
    out.retry_after = answer.retry_after;
    return out;
}

result<std::string> read(const provider& who, std::string_view url, const id_token_answer& answer,
                         const std::vector<std::string>& hide) {
    boost::system::error_code ec;
    const json::value body = json::parse(answer.body, ec);
    if (answer.status != 200) return refusal(who, url, answer, body, hide);
    std::string token = text_of(body, who.member);
    if (is_token_text(token)) return token;
    failure out(errc::token_unavailable,
                asked(who, url, answer.status) + ", but its body has no usable '" + std::string(who.member) +
                    "'; check that the URL is the one that the job was given",
                make_error_code(errc::bad_response));
    out.status = answer.status;
    return out;
}

}  // namespace

http_request github_id_token_request(std::string_view url, std::string_view request_token, std::string_view audience) {
    url = url.substr(0, url.find('#'));
    std::string separator = url.find('?') == url.npos ? "?" : "&";
    if (url.ends_with('?') || url.ends_with('&')) separator.clear();
    http_request out;
    out.method = "GET";
    out.url = std::string(url) + separator + "audience=" + text::percent_encoded(audience);
    out.headers = {{"Authorization", "Bearer " + std::string(request_token)}, {"Accept", "application/json"}};
    return out;
}

std::string azure_pipelines_url(std::string_view collection_uri, std::string_view project_id,
                                std::string_view host_type, std::string_view plan_id, std::string_view job_id) {
    while (collection_uri.ends_with('/'))
        collection_uri.remove_suffix(1);
    return std::string(collection_uri) + "/" + text::percent_encoded(project_id) + "/_apis/distributedtask/hubs/" +
           text::percent_encoded(host_type) + "/plans/" + text::percent_encoded(plan_id) + "/jobs/" +
           text::percent_encoded(job_id) + "/oidctoken?api-version=7.2-preview.1";
}

http_request azure_pipelines_id_token_request(std::string_view url, std::string_view access_token) {
    http_request out;
    out.method = "POST";
    out.url = url;
    out.headers = {{"Authorization", "Bearer " + std::string(access_token)},
                   {"Content-Type", "application/json"},
                   {"Accept", "application/json"}};
    return out;
}

result<std::string> read_github_id_token(std::string_view url, const id_token_answer& answer,
                                         const std::vector<std::string>& hide) {
    return read(github, url, answer, hide);
}

result<std::string> read_azure_pipelines_id_token(std::string_view url, const id_token_answer& answer,
                                                  const std::vector<std::string>& hide) {
    return read(azure_pipelines, url, answer, hide);
}

result<std::string> written_id_token(std::string_view text, std::string_view where) {
    const auto around = [](char c) { return c == ' ' || text::is_control(c); };
    while (!text.empty() && around(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && around(text.back()))
        text.remove_suffix(1);
    if (text.empty()) {
        return config::failed(config::config_error::no_credentials,
                              std::string(where) + " holds no ID token: it is empty");
    }
    if (is_token_text(text)) return std::string(text);
    return config::failed(config::config_error::parse,
                          std::string(where) + " holds no ID token: there are characters in it that no token has");
}

}  // namespace dbxapps::oauth
