#include <dbxapps/unified_login.hpp>

#include <config/derived.hpp>
#include <login/ask_host_metadata.hpp>
#include <login/first_that_works.hpp>
#include <login/surroundings.hpp>
#include <net/engine_transport.hpp>
#include <oauth/back_fill.hpp>
#include <text/ascii.hpp>

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <utility>

namespace dbxapps {

using boost::asio::awaitable;
using config::attribute;

namespace {

void add_failure(login_description& out, const failure& why) {
    out.error_kind = config::to_string(config::kind_of(why));
    out.error = why.detail;
}

void add_settings(login_description& out, const config::settings& s) {
    out.host = s.shown(attribute::host);
    out.profile = s.shown(attribute::profile);
    out.account_id = s.shown(attribute::account_id);
    out.workspace_id = s.shown(attribute::workspace_id);
    if (s.has(attribute::host) || s.has(attribute::cloud)) out.cloud = config::to_string(config::cloud_of(s));
    out.discovery_url = s.shown(attribute::discovery_url);
    for (const auto& scope : config::scopes_of(s))
        out.scopes.push_back(text::printable(scope, 200));
    for (const auto& row : config::attributes()) {
        if (row.key.empty() || !s.has(row.id)) continue;
        out.attributes.push_back({std::string(row.key), s.shown(row.id), config::to_string(s.from(row.id))});
    }
}

// Those before the one that was taken.
void add_attempts(login_description& out, const std::vector<config::way_in_verdict>& tried) {
    for (const auto& [way, why_not] : tried) {
        if (way->auth_type == out.auth_type) break;
        if (why_not) out.tried.push_back({std::string(way->auth_type), why_not->detail});
    }
}

result<std::shared_ptr<net::engine>> engine_for(boost::asio::any_io_executor ex, network_options network) {
    net::engine_options options;
    options.network = std::move(network);
    options.limits.body = 1u << 20;
    return net::engine::make(net::loop(std::move(ex)), std::move(options));
}

// As much time as a cache would give it.
constexpr duration ask_within = std::chrono::seconds(30);

}  // namespace

std::unique_ptr<token_source> unified_login(profile own, std::function<void(const std::string&)> warn) {
    auto around = login::process_surroundings();
    around.warn = std::move(warn);
    auto resolved = login::resolve(own, around);
    if (!resolved) throw error(resolved.error());
    return std::make_unique<login::first_that_works>(std::move(*resolved), std::move(around));
}

login_description describe_login_offline(const profile& own) {
    login_description out;
    const auto around = login::process_surroundings();
    config::settings reached;
    const auto resolved = login::resolve(own, around, &reached);
    add_settings(out, resolved ? resolved->values : reached);
    if (!resolved) {
        add_failure(out, resolved.error());
        return out;
    }
    const auto way = config::choose_way_in(*resolved, around);
    if (way) {
        out.auth_type = (*way)->auth_type;
    } else {
        add_failure(out, way.error());
    }
    if (const auto verdicts = config::judge_ways_in(resolved->values, around)) add_attempts(out, *verdicts);
    return out;
}

awaitable<login_description> describe_login(profile own) {
    network_options network;
    login::add_roots_of_environment(network.tls);
    return describe_login(std::move(own), std::move(network));
}

awaitable<login_description> describe_login(profile own, network_options network) {
    login_description out;
    auto around = login::process_surroundings();
    config::settings reached;
    auto resolved = login::resolve(own, around, &reached);
    auto engine = engine_for(co_await boost::asio::this_coro::executor, std::move(network));
    if (!resolved || !engine) {
        add_settings(out, resolved ? resolved->values : reached);
        add_failure(out, resolved ? engine.error() : resolved.error());
        co_return out;
    }
    net::engine_transport via(*engine);
    const std::string& host = resolved->values.text(attribute::host);
    if (!host.empty()) {
        const auto said = co_await login::ask_host_metadata(via, host, time_point::max());
        if (said && *said) oauth::back_fill(resolved->values, **said);
    }
    login::first_that_works ways(std::move(*resolved), std::move(around));
    const auto came = co_await ways.fetch(via, clock::now() + std::max(ask_within, ways.needs()));
    add_settings(out, ways.values());
    out.auth_type = ways.chosen();
    add_attempts(out, ways.tried());
    if (!came) add_failure(out, came.error());
    (*engine)->close();
    co_return out;
}

}  // namespace dbxapps
