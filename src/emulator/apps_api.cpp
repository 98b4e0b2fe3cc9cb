#include <emulator/apps_api.hpp>
#include <emulator/form.hpp>
#include <emulator/names.hpp>
#include <text/ascii.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <optional>
#include <string>

namespace dbxapps::emulated {
namespace {

namespace json = boost::json;

constexpr std::string_view root = "/api/2.0/apps";
constexpr std::string_view type = "application/json";
constexpr std::uint64_t usual_page = 20, largest_page = 100;

void give(answer& out, const json::object& what) { out.start(200).body(type, json::serialize(what)); }

void refuse(answer& out, int status, const json::value& code, std::string_view why) {
    out.start(status).body(type, json::serialize(json::object{{"error_code", code}, {"message", why}}));
}

template <class State>
json::object state_of(State s, const std::string& message) {
    json::object out;
    if (s != State::unknown) out["state"] = to_string(s);
    out["message"] = message;
    return out;
}

json::object described(std::string_view name, const emulator_app& app) {
    json::object out{{"name", name},
                     {"url", app.url},
                     {"compute_status", state_of(app.compute_state, app.message)},
                     {"app_status", state_of(app.app_state, app.message)}};
    out["effective_user_api_scopes"] = json::array(app.scopes.begin(), app.scopes.end());
    return out;
}

bool is_object(std::string_view body) {
    boost::system::error_code ec;
    const auto v = json::parse(body, ec);
    return !ec && v.is_object();
}

std::string_view query_of(const request_head& head) {
    const std::string_view target = head.target;
    return target.substr(std::min(head.path().size() + 1, target.size()));
}

}  // namespace

bool apps_api::covers(std::string_view path) noexcept {
    return path.starts_with(root) && (path.size() == root.size() || path[root.size()] == '/');
}

void apps_api::answer_to(const request_head& head, std::string_view body, std::string_view request_id, time_point now,
                         answer& out) const {
    out.stamp().append("x-request-id: ").append(request_id).append("\r\n");
    if (!tokens_.accepts(head.authorization, now)) {
        return refuse(out, 403, 403, "Invalid access token. [ReqId: " + std::string(request_id) + "]");
    }
    if (head.path() == root && head.reads()) return answer_list(query_of(head), out);
    answer_app(head, body, out);
}

void apps_api::answer_list(std::string_view query, answer& out) const {
    const auto asked = parse_form(query);
    if (!asked) return refuse(out, 400, "INVALID_PARAMETER_VALUE", "malformed query");
    const auto size = asked->find("page_size");
    const auto most = size == asked->end() ? usual_page : text::parse_number(size->second).value_or(0);
    const auto from = asked->find("page_token");
    if (most == 0 || most > largest_page) return refuse(out, 400, "INVALID_PARAMETER_VALUE", "page_size is 1 to 100");
    const auto page = apps_.list(from == asked->end() ? "" : from->second, static_cast<std::size_t>(most));
    json::object what;
    json::array all;
    for (const auto& [name, app] : page.apps)
        all.push_back(described(name, app));
    if (!all.empty()) what["apps"] = std::move(all);  // as the real one leaves out what is empty
    if (!page.next.empty()) what["next_page_token"] = page.next;
    give(out, what);
}

void apps_api::answer_app(const request_head& head, std::string_view body, answer& out) const {
    const std::string_view rest = head.path().substr(std::min(root.size() + 1, head.path().size()));
    const std::string_view name = rest.substr(0, rest.find('/'));
    const std::string_view verb = rest.substr(std::min(name.size() + 1, rest.size()));
    const bool command = head.method == "POST" && (verb == "start" || verb == "stop");
    if (!command && !(head.reads() && rest == name)) return refuse(out, 404, "ENDPOINT_NOT_FOUND", "No API found");
    if (command && !is_object(body)) return refuse(out, 400, "MALFORMED_REQUEST", "the body is no JSON object");
    const auto app = !command ? apps_.look(name) : verb == "start" ? apps_.start(name) : apps_.stop(name);
    if (!app) return refuse(out, 404, "RESOURCE_DOES_NOT_EXIST", "Resource apps.App not found");
    give(out, described(name, *app));
}

}  // namespace dbxapps::emulated
