// A Databricks workspace and the front door of its apps on loopback TLS, for demos, tests and the tests of your own
// service. Runs on threads of its own, listens on 127.0.0.1 only, and trusts nobody: it makes a throw-away CA at start.
//
//     dbxapps::emulator workspace;
//     dbxapps::client_options options;
//     options.network = workspace.network();      // resolves its hosts to loopback and trusts its CA
//     ... workspace.workspace_url(), workspace.client_id(), workspace.client_secret(), workspace.app_url("orders") ...
//
// What it imitates is listed in its members; what Databricks was seen to do stands behind each (see README). It is no
// security boundary. All members may be called from any thread.
#pragma once

#include <dbxapps/app_info.hpp>
#include <dbxapps/network_options.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dbxapps {

enum class emulator_certificate {
    good,
    untrusted,   // signed by a CA that network() does not contain
    expired,     // ended yesterday
    wrong_name,  // valid for other.example only
};

struct emulator_options {
    // How long the front door accepts a token: 1 ms to one year. expires_in says the same: whole seconds, a fraction
    // ("1.5") when it is one below ten seconds, else rounded up to seconds.
    std::chrono::milliseconds token_life = std::chrono::hours(1);
    emulator_certificate certificate = emulator_certificate::good;
    unsigned threads = 1;                      // 1 to 64
    bool host_metadata = true;                 // answers /.well-known/databricks-config; else 404
    bool oauth_metadata = true;                // answers /oidc/.well-known/oauth-authorization-server; else 404
    std::chrono::milliseconds token_delay{0};  // every token answer takes this long
    std::size_t token_size = 900;              // length of an access token; at least 300, at most 16384
};

// What it saw since it started. A snapshot; each number is exact by itself.
struct emulator_counts {
    std::uint64_t token_requests = 0;  // POST /oidc/v1/token, whatever the answer
    std::uint64_t tokens_issued = 0;
    std::uint64_t metadata_requests = 0;  // both kinds
    std::uint64_t apps_api_requests = 0;  // requests to /api/2.0/apps and below, whatever the answer
    std::uint64_t accepts = 0;            // connections at the apps' front door
    std::uint64_t workspace_accepts = 0;  // connections at the workspace
    std::uint64_t full_handshakes = 0;    // at both
    std::uint64_t resumed_handshakes = 0;
    std::uint64_t app_requests = 0;  // requests to app hosts, those that a fault struck among them
    std::uint64_t calls = 0;         // requests that the front door let through to an app
    std::uint64_t refused = 0;       // requests that the front door answered itself: 401 or 302
};

// Where a fault strikes.
enum class emulator_place {
    token_endpoint,  // /oidc/v1/token
    metadata,        // both metadata documents
    apps,            // every request to an app host, before the front door looks at it
    apps_api,        // every request to /api/2.0/apps and below
};

// What the workspace knows of an app.
struct emulator_app {
    app_compute_state compute_state = app_compute_state::active;  // unknown: none is told, here and below
    application_state app_state = application_state::running;
    std::string message;              // beside both states
    std::string url;                  // empty: app_url(name)
    std::vector<std::string> scopes;  // effective_user_api_scopes
    // After start (stop) it is seen STARTING (STOPPING) so many times; from then on in these states (STOPPED). What is
    // there or on its way already stays so.
    std::uint64_t looks_between = 2;
    app_compute_state start_compute = app_compute_state::active;
    application_state start_app = application_state::running;
};

// What happens instead of the normal answer.
struct emulator_fault {
    enum class kind {
        delay,                   // the normal answer, `delay` later: a token is made, or judged, then
        close,                   // the connection is closed in an orderly way, without an answer
        reset,                   // the connection is reset (RST), without an answer
        stall,                   // no answer, and the connection stays open until the client ends it
        answer,                  // `status` with `body` and `content_type` (and `headers`, each line ended by CRLF)
        raw,                     // the bytes of `body` as they are instead of an HTTP answer, then an orderly close
        close_after_body_bytes,  // `status` and a head that promises body.size() bytes, then half of them and a close
    };
    kind what = kind::close;
    std::chrono::milliseconds delay{0};
    int status = 500;
    std::string content_type = "text/plain";
    std::string headers;
    std::string body;
    std::uint64_t times = 1;  // how many requests it strikes; after that it is gone; 0: none
    std::string host;         // only requests whose Host field (without port) is this; empty: any
};

class emulator {
public:
    // Throws std::system_error when it cannot listen, std::invalid_argument for an option out of its range.
    explicit emulator(emulator_options = emulator_options());
    ~emulator();  // ends its threads and connections
    emulator(const emulator&) = delete;
    emulator& operator=(const emulator&) = delete;

    std::string workspace_url() const;  // https://emulated.cloud.databricks.com:<port>
    // https://<name>-1234567890123456.aws.databricksapps.com:<port>; any name of lower-case letters, digits and '-' is
    // an app. Its API: GET /api/hello; any method on /api/echo gives the request's body back, or a JSON description
    // when there is none; any method on /api/status/<200 to 599>; GET /api/bytes/<n> gives n bytes of a to z over and
    // over, /api/chunked/<n> (any method) the same in three chunks or more, n up to 1 GiB; all else is the app's 404.
    // Requests of more than 64 MiB are answered with 413, heads of more than 64 KiB with 431. Throws
    // std::invalid_argument for a name that is no app's; 46 characters at most.
    std::string app_url(std::string_view name) const;
    std::string client_id() const;
    std::string client_secret() const;
    std::string ca_pem() const;
    // Only its own CA, and two overrides to 127.0.0.1: the workspace's host, and "*.aws.databricksapps.com" for all
    // apps.
    network_options network() const;

    // The workspace's own record of apps, for callers with a good token: GET /api/2.0/apps (page_size, page_token) and
    // /api/2.0/apps/<name>, POST /api/2.0/apps/<name>/start and /stop. It has the apps that were set here; an app that
    // is set again forgets what it was doing. Their states say nothing to the front door. Throws std::invalid_argument
    // for a name that is no app's.
    void set_app(std::string_view name, emulator_app = emulator_app());
    void remove_app(std::string_view name);

    emulator_counts count() const;

    void revoke_tokens();  // every token issued so far is refused from now on
    void set_token_life(std::chrono::milliseconds);
    void set_token_delay(std::chrono::milliseconds);
    // Faults of one place queue up: the oldest with times left that fits strikes. Throws std::invalid_argument for a
    // negative delay, a status out of 200 to 999, or headers that do not end with CRLF.
    void inject(emulator_place, emulator_fault);
    void clear_faults();
    // The workspace (tokens, metadata and its API) or the front door stops listening and drops its connections:
    // connections are refused until `accept_again`, which listens on the same port.
    void refuse(emulator_place);
    void accept_again(emulator_place);
    void drop_connections();  // resets every open connection at the front door; listening goes on

private:
    class impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace dbxapps
