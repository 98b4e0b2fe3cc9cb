#include <dbxapps/attempt_event.hpp>

namespace dbxapps {
namespace {

bool is_plain(std::string_view origin) noexcept {
    return (origin.starts_with("https://") || origin.starts_with("http://")) &&
           origin.find_first_of("@?#") == origin.npos;
}

}  // namespace

// What is no origin, or has a user name or a password in it, is not shown.
attempt_event::attempt_event(attempt_step what, std::string_view method, std::string_view origin,
                             std::string_view target) noexcept
    : step(what),
      method_(method),
      origin_(is_plain(origin) ? origin : std::string_view()),
      path_(is_plain(origin) ? target.substr(0, target.find_first_of("?#")) : std::string_view()) {
    if (path_.empty()) path_ = "/";
}

attempt_event attempt_event::without_path() const noexcept {
    attempt_event out = *this;
    out.path_ = {};
    return out;
}

std::string_view to_string(attempt_step s) noexcept {
    switch (s) {
        case attempt_step::started: return "started";
        case attempt_step::answered: return "answered";
        case attempt_step::failed: return "failed";
        case attempt_step::will_repeat: return "will_repeat";
        case attempt_step::finished: return "finished";
    }
    return "unknown";
}

std::string_view to_string(repeat_reason r) noexcept {
    switch (r) {
        case repeat_reason::none: return "none";
        case repeat_reason::retry: return "retry";
        case repeat_reason::replay: return "replay";
    }
    return "unknown";
}

}  // namespace dbxapps
