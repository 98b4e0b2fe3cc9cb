#include <apps/diagnosis.hpp>

#include <text/ascii.hpp>
#include <text/retry_after.hpp>

#include <algorithm>
#include <ctime>
#include <string>

namespace dbxapps::apps {
namespace {

struct words {
    errc code;
    std::string_view what;  // the front door ...
    std::string_view next;  // what to do
};

words words_for(edge_verdict v) {
    switch (v) {
        case edge_verdict::app: break;
        case edge_verdict::not_signed_in:
            return {errc::not_signed_in, "does not accept the token",
                    "check that it is an OAuth token of the app's own workspace (personal access tokens are refused) "
                    "and that its owner has CAN USE on the app"};
        case edge_verdict::no_permission:
            return {errc::no_permission, "knows the caller, but does not let it in",
                    "give the token's owner CAN USE on the app; if the app asks for user authorization, log in with "
                    "the scopes that it names (effective_user_api_scopes)"};
        case edge_verdict::ip_blocked:
            return {errc::ip_blocked, "does not let this address in",
                    "have the address added to the workspace's IP access list, or call from one that is on it"};
        case edge_verdict::private_link:
            return {errc::private_link, "lets callers in by private link only",
                    "call from a network with the workspace's private link, and have names under databricksapps.com "
                    "resolve to it there"};
        case edge_verdict::app_not_found:
            return {errc::app_not_found, "knows no such app",
                    "check the name and the workspace's number in the host; GET /api/2.0/apps/<name> of the workspace "
                    "has the right one"};
        case edge_verdict::app_stopped:
            return {errc::app_stopped, "says that the app is not running",
                    "start it (POST /api/2.0/apps/<name>/start of the workspace) and wait until it serves"};
        case edge_verdict::app_unavailable:
            return {errc::app_unavailable, "does not reach the app: it is starting, has crashed, or listens elsewhere",
                    "wait until it serves; if it does not, read its log (/logz) and check that it listens on "
                    "DATABRICKS_APP_PORT"};
        case edge_verdict::front_door_timeout:
            return {errc::front_door_timeout, "gave up waiting for the app, which cannot see that",
                    "let the app answer sooner, within a minute or two, or make it a job that is asked for its result"};
        case edge_verdict::rate_limited:
            return {errc::rate_limited, "says that these are too many requests",
                    "send fewer at once (client_options::max_connections), and later"};
    }
    return {errc::bad_response, "says something unknown", "report it"};
}

// The line with the blocked address is what an administrator needs; pages and tokens are not quoted.
std::string quoted(edge_verdict v, const response& r) {
    if (v != edge_verdict::ip_blocked) return {};
    const std::string_view body = r.body();
    const auto begin = std::min(body.find("Source IP address"), body.size());
    const auto end = std::min(body.find_first_of("\"\r\n", begin), body.size());
    return begin == end ? "" : ": " + text::printable(body.substr(begin, end - begin), 200);
}

}  // namespace

errc code_of(edge_verdict v) { return words_for(v).code; }

failure diagnose(edge_verdict v, const response& r, std::string_view call, bool replayed) {
    const words w = words_for(v);
    const bool redirect = r.status() >= 300 && r.status() < 400;
    failure f(w.code, std::string(call) + ": the front door of the app " + std::string(w.what) + " (status " +
                          std::to_string(r.status()) + (redirect ? ", a redirect to the login" : "") + quoted(v, r) +
                          ")" + (replayed ? ", nor what the token source gave when it was asked again" : "") + "; " +
                          std::string(w.next));
    f.status = r.status();
    f.may_have_arrived = v == edge_verdict::app_unavailable || v == edge_verdict::front_door_timeout;
    f.request_id = std::string(r.header("x-request-id").value_or(""));
    if (const auto after = r.header("retry-after")) f.retry_after = text::parse_retry_after(*after, std::time(nullptr));
    return f;
}

}  // namespace dbxapps::apps
