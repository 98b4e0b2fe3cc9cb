#include <oauth/pkce.hpp>

#include <oauth/shown.hpp>
#include <oauth/token_endpoint.hpp>
#include <text/ascii.hpp>
#include <text/encoding.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

namespace dbxapps::oauth {
namespace {

constexpr std::string_view offline = "offline_access";

// In a time that does not tell how much of it is right.
bool same_secret(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size()) return false;
    volatile unsigned char differs = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        differs = differs | static_cast<unsigned char>(a[i] ^ b[i]);
    return differs == 0;
}

std::optional<std::string> form_decoded(std::string_view s) {
    std::string spaced(s);
    std::replace(spaced.begin(), spaced.end(), '+', ' ');
    return text::percent_decoded(spaced);
}

struct redirect_fields {
    std::string code, state, error, error_description;
};

// Nothing when it is malformed or one of these comes twice (RFC 6749 section 3.1). Others are passed over.
std::optional<redirect_fields> fields_of(std::string_view query) {
    redirect_fields out;
    const std::array<std::pair<std::string_view, std::string*>, 4> known = {
        {{"code", &out.code},
         {"state", &out.state},
         {"error", &out.error},
         {"error_description", &out.error_description}}};
    while (!query.empty()) {
        const std::string_view field = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(field.size() + 1, query.size()));
        const std::string_view name = field.substr(0, field.find('='));
        const auto found = std::find_if(known.begin(), known.end(), [&](const auto& k) { return k.first == name; });
        if (found == known.end()) continue;
        auto value = form_decoded(field.substr(std::min(name.size() + 1, field.size())));
        if (!value || !found->second->empty()) return std::nullopt;
        *found->second = std::move(*value);
    }
    return out;
}

failure not_ours(const char* why) {
    return {errc::bad_request, std::string("the redirect is no answer to this login: ") + why};
}

}  // namespace

login_attempt::login_attempt(std::string_view random)
    : verifier(text::base64url(random.substr(0, 64))), state(text::base64url(random.substr(64, 16))) {}

login_attempt::~login_attempt() {
    explicit_bzero(verifier.data(), verifier.size());
    explicit_bzero(state.data(), state.size());
}

std::string code_challenge(std::span<const std::uint8_t, 32> digest) {
    return text::base64url({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::string login_scopes(const std::vector<std::string>& scopes, bool offline_access) {
    std::vector<std::string> others = scopes;
    std::erase_if(others, [](const std::string& s) { return text::trimmed(s) == offline; });
    const std::string rest = normal_scopes(others);
    return offline_access ? std::string(offline) + " " + rest : rest;
}

std::string authorization_url(const authorization_request& r) {
    const char joint = r.endpoint.find('?') == r.endpoint.npos ? '?' : '&';
    return r.endpoint + joint +
           text::form_body({{"response_type", "code"},
                            {"client_id", r.client_id},
                            {"redirect_uri", r.redirect_uri},
                            {"scope", r.scope},
                            {"state", r.state},
                            {"code_challenge", r.challenge},
                            {"code_challenge_method", "S256"}});
}

result<std::string> read_redirect(std::string_view query, std::string_view state) {
    const auto fields = fields_of(query);
    if (!fields) return not_ours("its query is malformed");
    if (state.empty() || !same_secret(fields->state, state)) return not_ours("its state is another's");
    if (!fields->error.empty()) {
        const std::vector<std::string> hide = {std::string(state), fields->code};
        std::string words = "the login was refused: " + shown(fields->error, 60, hide);
        if (!fields->error_description.empty()) words += ": " + shown(fields->error_description, 300, hide);
        return failure(errc::login_required, words + "; log in again");
    }
    if (fields->code.empty()) return not_ours("it has no code");
    return fields->code;
}

std::string_view pasted_query(std::string_view s) {
    while (!s.empty() && (text::is_blank(s.front()) || text::is_control(s.front())))
        s.remove_prefix(1);
    while (!s.empty() && (text::is_blank(s.back()) || text::is_control(s.back())))
        s.remove_suffix(1);
    s = s.substr(0, s.find('#'));
    const auto mark = s.find('?');
    return mark == s.npos ? s : s.substr(mark + 1);
}

}  // namespace dbxapps::oauth
