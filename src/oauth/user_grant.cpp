#include <oauth/user_grant.hpp>

#include <oauth/json_member.hpp>
#include <text/encoding.hpp>

#include <utility>

namespace dbxapps::oauth {

http_request code_request(std::string_view endpoint, std::string_view client_id, std::string_view code,
                          std::string_view redirect_uri, std::string_view verifier) {
    return form_post(endpoint, text::form_body({{"grant_type", "authorization_code"},
                                                {"code", code},
                                                {"redirect_uri", redirect_uri},
                                                {"code_verifier", verifier},
                                                {"client_id", client_id}}));
}

http_request refresh_request(std::string_view endpoint, std::string_view client_id, std::string_view refresh_token) {
    return form_post(
        endpoint,
        text::form_body({{"grant_type", "refresh_token"}, {"refresh_token", refresh_token}, {"client_id", client_id}}));
}

result<grant> read_grant_answer(std::string_view endpoint, int status, std::string_view body,
                                std::string_view old_refresh_token, std::optional<duration> retry_after,
                                const std::vector<std::string>& hide) {
    auto access = read_token_answer(endpoint, status, body, retry_after, hide);
    if (!access) return std::move(access).error();
    grant out;
    out.access = std::move(*access);
    out.refresh_token = string_member(body, "refresh_token");
    if (out.refresh_token.empty()) out.refresh_token = old_refresh_token;
    return out;
}

refresh_verdict judge_refresh(int status, std::string_view body) {
    // A gateway that gave up, or an answer that cannot be read: what happened behind it is not known.
    if (status < 400 || status >= 500) return refresh_verdict::in_doubt;
    const std::string code = string_member(body, "error");
    if ((status == 400 || status == 401) && code == "invalid_grant") return refresh_verdict::dead;
    // Databricks' own way to say so.
    if (status == 401 && code == "invalid_request") return refresh_verdict::dead;
    return refresh_verdict::kept;
}

refresh_verdict judge_refresh(const failure& why) {
    return why.may_have_arrived ? refresh_verdict::in_doubt : refresh_verdict::kept;
}

}  // namespace dbxapps::oauth
