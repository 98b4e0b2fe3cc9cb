#include <oauth/token_exchange.hpp>

#include <oauth/shown.hpp>
#include <oauth/token_endpoint.hpp>
#include <text/encoding.hpp>

#include <algorithm>

namespace dbxapps::oauth {
namespace {

// Shorter ones are ordinary words.
constexpr std::size_t shortest_part = 16;

// The whole and its parts, of which a server may repeat one.
std::vector<std::string> secrets_of(std::string_view id_token) {
    std::vector<std::string> out = {std::string(id_token)};
    for (std::size_t from = 0; from < id_token.size();) {
        const std::size_t dot = std::min(id_token.find('.', from), id_token.size());
        if (dot - from >= shortest_part) out.emplace_back(id_token.substr(from, dot - from));
        from = dot + 1;
    }
    return out;
}

}  // namespace

http_request token_exchange_request(std::string_view endpoint, std::string_view id_token, std::string_view client_id,
                                    const std::vector<std::string>& scopes) {
    const std::string scope = normal_scopes(scopes);
    std::vector<std::pair<std::string_view, std::string_view>> fields = {
        {"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"},
        {"subject_token_type", "urn:ietf:params:oauth:token-type:jwt"},
        {"subject_token", id_token},
        {"scope", scope}};
    if (!client_id.empty()) fields.emplace_back("client_id", client_id);
    return form_post(endpoint, text::form_body(fields));
}

result<token> read_token_exchange_answer(std::string_view endpoint, int status, std::string_view body,
                                         std::optional<duration> retry_after, std::string_view id_token) {
    return read_token_answer(endpoint, status, body, retry_after, spellings_of(secrets_of(id_token)),
                             "check that the ID token is still good, and that issuer, subject and audience of a "
                             "federation policy (the service principal's, or without a client id the account's) are "
                             "those of the ID token");
}

}  // namespace dbxapps::oauth
