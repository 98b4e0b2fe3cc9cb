#include <emulator/app_book.hpp>

namespace dbxapps::emulated {

void app_book::set(std::string_view name, emulator_app app) {
    const std::lock_guard lock(mutex_);
    entry e;
    e.now = std::move(app);
    apps_.insert_or_assign(std::string(name), std::move(e));
}

void app_book::remove(std::string_view name) {
    const std::lock_guard lock(mutex_);
    if (const auto found = apps_.find(name); found != apps_.end()) apps_.erase(found);
}

emulator_app app_book::look(entry& e) {
    if (e.moving && e.looks-- == 0) {
        e.moving = false;
        e.now.compute_state = e.then_compute;
        e.now.app_state = e.then_app;
    }
    return e.now;
}

std::optional<emulator_app> app_book::look(std::string_view name) {
    const std::lock_guard lock(mutex_);
    const auto found = apps_.find(name);
    return found == apps_.end() ? std::nullopt : std::optional(look(found->second));
}

app_book::page app_book::list(std::string_view from, std::size_t most) {
    const std::lock_guard lock(mutex_);
    page out;
    for (auto at = apps_.lower_bound(from); at != apps_.end(); ++at) {
        if (out.apps.size() == most) {
            out.next = at->first;
            break;
        }
        out.apps.emplace_back(at->first, look(at->second));
    }
    return out;
}

std::optional<emulator_app> app_book::start(std::string_view name) {
    const std::lock_guard lock(mutex_);
    const auto found = apps_.find(name);
    if (found == apps_.end()) return std::nullopt;
    entry& e = found->second;
    move(e, app_compute_state::starting, e.now.start_compute, e.now.start_app);
    return e.now;
}

std::optional<emulator_app> app_book::stop(std::string_view name) {
    const std::lock_guard lock(mutex_);
    const auto found = apps_.find(name);
    if (found == apps_.end()) return std::nullopt;
    move(found->second, app_compute_state::stopping, app_compute_state::stopped, application_state::unavailable);
    return found->second.now;
}

// What is there, or on its way, stays as it is.
void app_book::move(entry& e, app_compute_state by, app_compute_state to, application_state app) {
    if (e.now.compute_state == to || e.now.compute_state == by) return;
    e.now.compute_state = by;
    e.now.app_state = application_state::unavailable;
    e.then_compute = to;
    e.then_app = app;
    e.looks = e.now.looks_between;
    e.moving = true;
}

}  // namespace dbxapps::emulated
