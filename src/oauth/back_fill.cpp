#include <oauth/back_fill.hpp>

#include <config/derived.hpp>

namespace dbxapps::oauth {

using config::attribute;

namespace {

std::string default_audience(const config::settings& s, const host_metadata& m) {
    if (!m.audiences.empty()) return m.audiences.front();
    return m.workspace_id.empty() ? s.text(attribute::account_id) : std::string();
}

}  // namespace

void back_fill(config::settings& s, const host_metadata& m) {
    const config::origin from{config::origin::kind::metadata, {}, {}};
    const auto fill = [&](attribute a, std::string_view value) {
        if (!s.has(a)) s.set(a, value, from);
    };
    fill(attribute::account_id, m.account_id);
    fill(attribute::workspace_id, m.workspace_id);
    fill(attribute::cloud, m.cloud.empty() ? config::to_string(config::cloud_of(s)) : m.cloud);
    fill(attribute::audience, default_audience(s, m));
    fill(attribute::discovery_url, discovery_url_of(m, s.text(attribute::account_id), s.text(attribute::host)));
}

}  // namespace dbxapps::oauth
