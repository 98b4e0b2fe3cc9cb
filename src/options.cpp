#include <options.hpp>

#include <text/ascii.hpp>
#include <text/url.hpp>

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <string>

namespace dbxapps {
namespace {

using namespace std::chrono_literals;

// Throws unless the rule holds.
class rules {
public:
    explicit rules(std::string of) : of_(std::move(of)) {}
    void require(bool holds, const std::string& words) const {
        if (!holds) throw error(failure(errc::bad_config, of_ + "::" + words));
    }

private:
    std::string of_;
};

bool is_address(const std::string& literal) {
    boost::system::error_code ec;
    boost::asio::ip::make_address(literal, ec);
    return !ec;
}

void validate(const network_options& o, const rules& rule) {
    rule.require(o.dial_within > 0s, "network.dial_within has to be more than nothing");
    rule.require(o.names_live >= 0s, "network.names_live cannot be negative");
    rule.require(o.tls.chains_live >= 0s, "network.tls.chains_live cannot be negative");
    for (const auto& entry : o.resolve) {
        rule.require(is_address(entry.address), "network.resolve sends " + text::printable(entry.host, 100) + " to '" +
                                                    text::printable(entry.address, 60) + "', which is no IP address");
    }
}

void validate(const retry_options& o, const rules& rule) {
    rule.require(o.max_retries >= 0 && o.max_retries <= 20, "retry.max_retries has to be 0 to 20");
    rule.require(o.max_delay >= 0s && o.max_delay <= 1h, "retry.max_delay has to be between 0 and an hour");
    rule.require(o.first_delay >= 0s && o.first_delay <= o.max_delay,
                 "retry.first_delay has to be between 0 and retry.max_delay");
    rule.require(o.budget_ratio >= 0 && o.budget_ratio <= 1, "retry.budget_ratio has to be between 0 and 1");
    rule.require(o.budget_burst >= 0 && o.budget_burst <= 1000, "retry.budget_burst has to be between 0 and 1000");
}

void validate(const hedge_options& o, const rules& rule) {
    rule.require(o.quantile >= 0.5 && o.quantile <= 0.999, "hedge.quantile has to be 0.5 to 0.999");
    rule.require(o.max_extra >= 0 && o.max_extra <= 1, "hedge.max_extra has to be 0 to 1");
    rule.require(o.min_calls >= 10 && o.min_calls <= 1'000'000, "hedge.min_calls has to be 10 to 1000000");
}

void validate(const circuit_options& o, const rules& rule) {
    rule.require(o.failures >= 0 && o.failures <= 1'000'000, "circuit.failures has to be 0 to 1000000");
    rule.require(o.over >= 0s && o.over <= 1h, "circuit.over has to be between 0 and an hour");
    rule.require(o.first_open > 0s && o.first_open <= o.most_open,
                 "circuit.first_open has to be more than nothing, and no more than circuit.most_open");
    rule.require(o.most_open <= 1h, "circuit.most_open has to be an hour at most");
}

// What a URL would have as its host, and nothing else.
bool is_host(const std::string& host) {
    const bool bare_v6 = host.find(':') != host.npos && !host.starts_with('[') && is_address(host);
    const auto parsed = text::parse_url("https://" + (bare_v6 ? "[" + host + "]" : host) + "/");
    return parsed && parsed->port == 443 && host.find_first_of("/?#") == host.npos && !host.ends_with(":443");
}

}  // namespace

void validate(const client_options& o) {
    const rules rule("client_options");
    validate(o.network, rule);
    rule.require(o.max_in_flight >= 1, "max_in_flight has to be 1 or more");
    rule.require(o.max_rate == 0 || (o.max_rate >= 0.001 && o.max_rate <= 1e6),
                 "max_rate has to be 0, or 0.001 to 1000000");
    rule.require(o.max_burst >= 1 && o.max_burst <= 1e6, "max_burst has to be 1 to 1000000");
    validate(o.retry, rule);
    validate(o.circuit, rule);
    validate(o.hedge, rule);
    rule.require(o.within > 0s, "within has to be more than nothing");
    rule.require(o.stream_idle_within > 0s, "stream_idle_within has to be more than nothing");
    rule.require(o.max_connections >= 1 && o.max_connections <= 65535, "max_connections has to be 1 to 65535");
    rule.require(o.max_dials >= 1 && o.max_dials <= 65535, "max_dials has to be 1 to 65535");
    rule.require(o.max_waiting >= 1, "max_waiting has to be 1 or more");
    rule.require(o.idle_within >= 0s, "idle_within cannot be negative");
    rule.require(o.max_head >= 1024 && o.max_head <= (1u << 20), "max_head has to be 1 KiB to 1 MiB");
    rule.require(std::all_of(o.user_agent.begin(), o.user_agent.end(), [](char c) { return c >= 0x20 && c < 0x7f; }),
                 "user_agent has to be printable ASCII");
    for (const auto& host : o.allow_hosts) {
        rule.require(is_host(host), "allow_hosts has '" + text::printable(host, 100) +
                                        "', which is no host: give a name or an IP address, without scheme and port");
    }
}

void validate(const token_options& o) {
    const rules rule("token_options");
    validate(o.network, rule);
    rule.require(o.margin >= 0s && o.margin <= 10min, "margin has to be between 0 and 10 minutes");
    rule.require(o.lead >= 0s && o.lead <= 24h, "lead has to be between 0 and 24 hours");
    rule.require(o.fetch_within >= 100ms && o.fetch_within <= 10min, "fetch_within has to be 100 ms to 10 minutes");
    rule.require(o.retry_within >= 0s && o.retry_within <= 10min, "retry_within has to be between 0 and 10 minutes");
}

void validate(const app_directory_options& o) {
    const rules rule("app_directory_options");
    rule.require(o.urls_live >= 0s && o.urls_live <= 24h, "urls_live has to be between 0 and 24 hours");
    rule.require(o.look_up_within >= 100ms && o.look_up_within <= 10min,
                 "look_up_within has to be 100 ms to 10 minutes");
}

}  // namespace dbxapps
