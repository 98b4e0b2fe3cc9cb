#include <apps/event_stream.hpp>

#include <text/ascii.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace dbxapps::apps {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

// Where the line ends, or the size. In windows that grow: a stream in which every line ends in CR would otherwise be
// searched for a LF to its very end, once for each line.
std::size_t line_end(std::string_view s) noexcept {
    std::size_t from = 0;
    for (std::size_t window = 256; from < s.size(); from += window, window *= 2) {
        const std::string_view seen = s.substr(from, window);
        const std::size_t lf = std::min(seen.find('\n'), seen.size());
        const std::size_t end = std::min(seen.substr(0, lf).find('\r'), lf);
        if (end < seen.size()) return from + end;
    }
    return s.size();
}

bool is_number(std::string_view s) noexcept { return !s.empty() && std::all_of(s.begin(), s.end(), text::is_digit); }

duration reconnection_time(std::string_view digits) noexcept {
    constexpr std::chrono::milliseconds day = std::chrono::hours(24);
    const auto ms = text::parse_number(digits);  // nothing: more than fits
    return ms && *ms < std::uint64_t(day.count()) ? std::chrono::milliseconds(*ms) : day;
}

std::string beyond(std::string_view what, std::size_t limit) {
    return std::string(what) + " of the event stream is longer than " + std::to_string(limit) + " bytes";
}

}  // namespace

std::optional<event> event_stream::next(std::string_view& piece) {
    while (!piece.empty() && !failed()) {
        if (std::exchange(after_cr_, false) && piece.front() == '\n') {
            piece.remove_prefix(1);
            continue;
        }
        const std::size_t end = line_end(piece);
        const bool whole = end < piece.size();
        std::string_view line = piece.substr(0, end);
        after_cr_ = whole && piece[end] == '\r';
        piece.remove_prefix(whole ? end + 1 : end);
        if (line.size() > limits_.line - line_.size()) {
            problem_ = beyond("a line", limits_.line);
            break;
        }
        if (!whole || !line_.empty()) line = line_.append(line);
        if (!whole) break;
        const bool ended = take_line(line);
        line_.clear();
        if (ended) return give_out();
    }
    piece = {};
    return std::nullopt;
}

bool event_stream::take_line(std::string_view line) {
    if (std::exchange(first_line_, false) && line.starts_with(byte_order_mark)) {
        line.remove_prefix(byte_order_mark.size());
    }
    if (line.empty()) {
        last_id_ = id_;
        begun_ = false;
        if (!has_data_) type_.clear();
        return has_data_;
    }
    const std::size_t colon = std::min(line.find(':'), line.size());
    std::string_view value = line.substr(std::min(colon + 1, line.size()));
    if (value.starts_with(' ')) value.remove_prefix(1);
    take_field(line.substr(0, colon), value);
    return false;
}

void event_stream::take_field(std::string_view name, std::string_view value) {
    if (name == "data") {
        if (std::exchange(has_data_, true)) data_ += '\n';
        data_ += value;
    } else if (name == "event") {
        type_ = value;
    } else if (name == "id" && value.find('\0') == value.npos) {
        id_ = value;
    } else {  // one that is not known, or has no name: a comment
        if (name == "retry" && is_number(value)) retry_ = reconnection_time(value);
        return;
    }
    begun_ = true;
    if (type_.size() + data_.size() + id_.size() > limits_.event) problem_ = beyond("an event", limits_.event);
}

event event_stream::give_out() {
    has_data_ = false;
    if (type_.empty()) type_ = "message";
    return {std::exchange(type_, {}), std::exchange(data_, {}), last_id_};
}

bool event_stream::mid_event() const noexcept {
    std::string_view line = line_;
    if (first_line_ && line.starts_with(byte_order_mark)) line.remove_prefix(byte_order_mark.size());
    return begun_ || (!line.empty() && line.front() != ':');
}

}  // namespace dbxapps::apps
