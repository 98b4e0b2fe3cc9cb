// dbxapps auth describe: what was resolved, from where, and which way in was taken.
#include <cli/commands.hpp>
#include <cli/json_text.hpp>
#include <cli/signals.hpp>

#include <dbxapps/unified_login.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <iostream>

namespace dbxapps::cli {
namespace {

namespace json = boost::json;

void add(json::object& to, std::string_view key, const std::string& value) {
    if (!value.empty()) to[key] = value;
}

json::object as_json(const login_description& d) {
    json::object out;
    add(out, "auth_type", d.auth_type);
    add(out, "host", d.host);
    add(out, "profile", d.profile);
    add(out, "account_id", d.account_id);
    add(out, "workspace_id", d.workspace_id);
    add(out, "cloud", d.cloud);
    add(out, "discovery_url", d.discovery_url);
    if (!d.scopes.empty()) out["scopes"] = json::array(d.scopes.begin(), d.scopes.end());
    json::object attributes;
    for (const auto& one : d.attributes)
        attributes[one.key] = json::object{{"value", one.value}, {"source", one.source}};
    if (!attributes.empty()) out["attributes"] = std::move(attributes);
    json::array tried;
    for (const auto& one : d.tried)
        tried.push_back(json::object{{"auth_type", one.auth_type}, {"reason", one.reason}});
    if (!tried.empty()) out["tried"] = std::move(tried);
    if (!d.error_kind.empty()) out["error"] = json::object{{"kind", d.error_kind}, {"message", d.error}};
    return out;
}

void line(const char* name, const std::string& value) {
    if (!value.empty()) std::cout << name << value << "\n";
}

std::string joined(const std::vector<std::string>& items) {
    std::string out;
    for (const auto& item : items)
        out += (out.empty() ? "" : " ") + item;
    return out;
}

void as_text(const login_description& d) {
    line("auth type:     ", d.auth_type);
    line("host:          ", d.host);
    line("profile:       ", d.profile);
    line("account id:    ", d.account_id);
    line("workspace id:  ", d.workspace_id);
    line("cloud:         ", d.cloud);
    line("discovery url: ", d.discovery_url);
    line("scopes:        ", joined(d.scopes));
    if (!d.attributes.empty()) std::cout << "settings:\n";
    for (const auto& one : d.attributes)
        std::cout << "  " << one.key << " = " << one.value << " (" << one.source << ")\n";
    if (!d.tried.empty()) std::cout << "not used:\n";
    for (const auto& one : d.tried)
        std::cout << "  " << one.auth_type << ": " << one.reason << "\n";
    if (!d.error_kind.empty()) std::cout << "error (" << d.error_kind << "):\n  " << d.error << "\n";
}

}  // namespace

int describe(const options& o) {
    const login_description d =
        o.offline ? describe_login_offline(o.settings) : run_interruptibly(describe_login(o.settings, network_of(o)));
    if (o.json) {
        std::cout << json_text(as_json(d)) << "\n";
    } else {
        as_text(d);
    }
    return d.error_kind.empty() ? 0 : 1;
}

}  // namespace dbxapps::cli
