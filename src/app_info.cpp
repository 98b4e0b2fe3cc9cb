#include <dbxapps/app_info.hpp>

namespace dbxapps {

std::string_view to_string(app_compute_state s) noexcept {
    switch (s) {
        case app_compute_state::active: return "ACTIVE";
        case app_compute_state::starting: return "STARTING";
        case app_compute_state::updating: return "UPDATING";
        case app_compute_state::stopping: return "STOPPING";
        case app_compute_state::stopped: return "STOPPED";
        case app_compute_state::error: return "ERROR";
        case app_compute_state::deleting: return "DELETING";
        case app_compute_state::unknown: break;
    }
    return "UNKNOWN";
}

std::string_view to_string(application_state s) noexcept {
    switch (s) {
        case application_state::running: return "RUNNING";
        case application_state::deploying: return "DEPLOYING";
        case application_state::crashed: return "CRASHED";
        case application_state::unavailable: return "UNAVAILABLE";
        case application_state::unknown: break;
    }
    return "UNKNOWN";
}

}  // namespace dbxapps
