#include <emulator/front_door.hpp>
#include <emulator/sample_app.hpp>
#include <text/encoding.hpp>

namespace dbxapps::emulated {
namespace {

bool is_api(std::string_view path) { return path == "/api" || path.starts_with("/api/"); }

constexpr std::string_view no_app_page =
    "<!doctype html><html><head><title>App Not Found</title></head><body><h1>App Not Found</h1></body></html>";

}  // namespace

front_door::front_door(const site& where, const token_book& tokens)
    : site_(where), tokens_(tokens), user_(where.client_id + "@emulated") {}

verdict front_door::judge(const request_head& head, time_point now) const {
    if (app_of_host(head.host).empty()) return verdict::no_such_app;
    if (tokens_.accepts(head.authorization, now)) return verdict::let_through;
    return is_api(head.path()) ? verdict::challenged : verdict::sent_away;
}

void front_door::answer_to(verdict what, const request_head& head, std::string_view body, std::string_view request_id,
                           answer& out) const {
    switch (what) {
        case verdict::no_such_app: out.start(404).body("text/html; charset=utf-8", no_app_page); break;
        case verdict::challenged: out.start(401).empty(); break;
        case verdict::sent_away: send_to_login(head, request_id, out); break;
        case verdict::let_through:
            out.stamp()
                .append("gap-auth: ")
                .append(user_)
                .append("\r\nserver: databricks\r\nx-databricks-internal-pod-ip: 127.0.0.1\r\nx-request-id: ");
            out.stamp().append(request_id).append("\r\n");
            answer_as_app(app_call{head, body, app_of_host(head.host), user_, request_id}, out);
            break;
    }
}

void front_door::send_to_login(const request_head& head, std::string_view request_id, answer& out) const {
    const std::string state(request_id);  // fresh for each request, which is all that a csrf value needs to be here
    const std::string query = text::form_body({{"client_id", app_of_host(head.host)},
                                               {"redirect_uri", "https://" + head.host + "/.auth/callback"},
                                               {"response_type", "code"},
                                               {"scope", "openid email all-apis"},
                                               {"state", state}});
    out.start(302).field("location", site_.workspace_url + "/oidc/oauth2/v2.0/authorize?" + query);
    out.field("set-cookie",
              "__Host-databricksapps_csrf=" + state + "; Path=/; Max-Age=900; HttpOnly; Secure; SameSite=Lax");
    out.empty();
}

}  // namespace dbxapps::emulated
