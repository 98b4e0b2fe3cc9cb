#include <oauth/stored_login.hpp>

#include <boost/json.hpp>

#include <algorithm>
#include <cstring>

namespace dbxapps::oauth {
namespace {

namespace json = boost::json;

constexpr std::int64_t last_second = 253402300799;  // of the year 9999

void wipe(std::string& s) noexcept { explicit_bzero(s.data(), s.size()); }

failure damaged(const std::string& what) { return {errc::bad_config, what}; }

json::value number(std::optional<std::int64_t> n) { return n ? json::value(*n) : json::value(nullptr); }

// Absent counts as empty; false when it is something else.
bool read(const json::object& o, std::string_view key, std::string& out) {
    const json::value* v = o.if_contains(key);
    if (!v) return true;
    if (!v->is_string()) return false;
    out.assign(v->get_string().data(), v->get_string().size());
    return true;
}

bool read(const json::object& o, std::string_view key, std::optional<std::int64_t>& out) {
    const json::value* v = o.if_contains(key);
    if (!v || v->is_null()) return true;
    if (!v->is_int64() || v->get_int64() < 0 || v->get_int64() > last_second) return false;
    out = v->get_int64();
    return true;
}

// As it goes into a header field or a form.
bool is_sound(const std::string& token) {
    return std::all_of(token.begin(), token.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

std::string login_key::text() const {
    json::array parts{host, client_id, scopes, profile};
    if (!issuer.empty()) parts.emplace_back(issuer);
    return json::serialize(parts);
}

stored_login::~stored_login() {
    wipe(access_token);
    wipe(refresh_token);
}

std::string write_login(const login_key& key, const stored_login& login) {
    json::object out{{"version", 1},
                     {"host", key.host},
                     {"client_id", key.client_id},
                     {"scopes", key.scopes},
                     {"profile", key.profile},
                     {"access_token", login.access_token},
                     {"refresh_token", login.refresh_token},
                     {"expires_at", number(login.expires_at)},
                     {"in_doubt_since", number(login.in_doubt_since)}};
    if (!key.issuer.empty()) out["issuer"] = key.issuer;
    return json::serialize(out) + "\n";
}

result<stored_login> read_login(std::string_view text, const login_key& key) {
    boost::system::error_code ec;
    const json::value v = json::parse(text, ec);
    if (ec) return damaged("is not JSON");
    if (!v.is_object()) return damaged("is not a JSON object");
    const json::object& o = v.get_object();
    const json::value* version = o.if_contains("version");
    if (!version || !version->is_int64()) return damaged("has no version");
    if (version->get_int64() != 1)
        return damaged("is of version " + std::to_string(version->get_int64()) + ", and only 1 is known here");
    login_key whose;
    stored_login out;
    const bool read_all = read(o, "host", whose.host) && read(o, "client_id", whose.client_id) &&
                          read(o, "scopes", whose.scopes) && read(o, "profile", whose.profile) &&
                          read(o, "issuer", whose.issuer) && read(o, "access_token", out.access_token) &&
                          read(o, "refresh_token", out.refresh_token) && read(o, "expires_at", out.expires_at) &&
                          read(o, "in_doubt_since", out.in_doubt_since);
    if (!read_all) return damaged("has a member of the wrong type");
    if (whose != key) return damaged("belongs to another login");
    if (out.access_token.empty() || !is_sound(out.access_token) || !is_sound(out.refresh_token))
        return damaged("holds no token that could be sent");
    return out;
}

}  // namespace dbxapps::oauth
