// What a workspace says of one of its apps. Plain values.
//
// Distinct objects: safe. Shared objects: unsafe. Texts are the workspace's own and may hold anything.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dbxapps {

// Of the machine that the app runs on. unknown: absent, or a word that is newer than this library.
enum class app_compute_state { unknown, active, starting, updating, stopping, stopped, error, deleting };
// Of the program on it.
enum class application_state { unknown, running, deploying, crashed, unavailable };

// As the workspace writes them: "ACTIVE".
std::string_view to_string(app_compute_state) noexcept;
std::string_view to_string(application_state) noexcept;

struct app_info {
    std::string name;
    std::string url;  // https://<host>, without a slash at its end; empty: it has none yet
    app_compute_state compute_state = app_compute_state::unknown;
    std::string compute_word;  // the state as the workspace wrote it
    std::string compute_message;
    application_state app_state = application_state::unknown;
    std::string app_word;
    std::string app_message;
    std::vector<std::string> effective_user_api_scopes;  // what a forwarded user token may do

    // Calls will reach it, some seconds of grace apart.
    bool serving() const noexcept {
        return compute_state == app_compute_state::active && app_state == application_state::running;
    }
    bool operator==(const app_info&) const = default;
};

}  // namespace dbxapps
