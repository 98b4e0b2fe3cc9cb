// Login of a person in a browser (OAuth 2.0 authorization code with PKCE, RFC 7636 and RFC 8252), "U2M", that is kept
// between runs and shared by processes.
//
// A stored token that is still good is handed out as it is. Else the refresh token is spent, by one process at a time;
// it is spent once: when its answer gets lost it is not sent again before the last minute of the old access token, nor
// within a minute, as an endpoint may revoke the whole login for a second use. Until then a fetch ends as
// errc::token_unavailable. A process that is killed at any time leaves the old login or the new one. A kill between the
// endpoint's answer and the store's write loses that rotation: when the old refresh token is tried once more, an
// endpoint that takes each of them once says no, and the fetch ends as errc::login_required.
#pragma once

#include <dbxapps/token_source.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace dbxapps {

struct user_login_options {
    std::string host;                          // the workspace (or accounts console), with or without https://
    std::string client_id = "databricks-cli";  // a public client: it has no secret
    std::vector<std::string> scopes;           // default: all-apis
    bool refresh_token = true;                 // ask for one (offline_access). False: a login each hour.
    std::string profile;                       // keeps two logins to one host apart; may be empty
    std::string account_id;     // needed for an accounts console or a unified host, unless its metadata names it
    std::string discovery_url;  // the whole URL of the OAuth metadata document; default: found by the host

    // A directory of ours alone, made if missing. Default: dbxapps/tokens in XDG_CONFIG_HOME or ~/.config. Tokens lie
    // there unencrypted, in files that only this user can read.
    std::string store;
    std::string
        login_command;  // what errc::login_required tells a person to run. Default: dbxapps auth login --host ...

    // How a person is asked to log in, if at all: with neither, no token ends as errc::login_required. Both are called
    // on the cache's executor and must not block.
    // Opens the URL in a browser on this machine, or shows it. The answer comes to a port of loopback.
    std::function<void(const std::string& url)> open;
    // Shows the URL and returns the address that the browser was sent to in the end, as the person copied it: for
    // machines without a browser. Preferred to `open`. Has to end by itself.
    std::function<boost::asio::awaitable<result<std::string>>(std::string url)> ask;
    bool always_ask = false;                          // the first token comes from the person, whatever is stored
    std::vector<std::uint16_t> ports;                 // for the answer, the first free one. Default: 8020 to 8040
    duration login_within = std::chrono::minutes(5);  // for the person. 1 s to 1 h.

    // Told what a person should know: that others could read the store, or that a login could not be stored.
    std::function<void(const std::string&)> warn;
    // For tests of your own: the time by which stored tokens age. Default: the wall clock.
    std::function<std::chrono::system_clock::time_point()> clock;
};

// Makes no request and touches no file. Throws dbxapps::error (errc::bad_config) when something needed is missing or
// malformed. Failures of a fetch: login_required; bad_config, also for a store that is damaged or cannot be written;
// token_refused; token_unavailable, also for a store that cannot be used just now (a full disk, no descriptors); and
// the network's own. It waits for another process's refresh, and for a person, without blocking its thread.
std::unique_ptr<token_source> user_login(user_login_options);

// Removes the stored login of that host, client, scopes, profile and issuer; false: there was none. The workspace is
// not asked: its refresh token stays good for whoever has a copy. Throws dbxapps::error (errc::bad_config,
// token_unavailable, timed_out).
boost::asio::awaitable<bool> forget_user_login(user_login_options);

}  // namespace dbxapps
