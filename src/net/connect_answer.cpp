#include <net/connect_answer.hpp>

#include <net/answer_head.hpp>
#include <net/response_builder.hpp>
#include <text/ascii.hpp>

#include <utility>

namespace dbxapps::net {
namespace {

constexpr std::size_t shown = 100;  // of a reason phrase

// Of the first line alone: what the fields say of a body is not to be heeded.
complaint read_status(std::string_view line, answer_head& out) {
    const std::string head = std::string(line) + "\r\n\r\n";
    head_lines lines;
    lines.find(head);
    response_builder nobody;
    return net::read_head(head, lines, out, nobody);
}

}  // namespace

connect_answer::state connect_answer::failed(std::string_view why) {
    words_ = why;
    return state::failed;
}

connect_answer::state connect_answer::feed(std::string_view bytes) {
    constexpr std::string_view begin = "HTTP/1.";
    size_ += bytes.size();
    held_.append(bytes);
    for (;;) {
        const std::string_view first = std::string_view(held_).substr(0, begin.size());
        if (!begin.starts_with(first)) return failed("is not HTTP/1.1: it begins otherwise");
        const auto found = lines_.find(held_);
        const std::size_t left = found == head_lines::state::complete ? held_.size() - lines_.head_size() : 0;
        if (size_ - left > most) return failed("has a head of more than " + std::to_string(most) + " bytes");
        if (found == head_lines::state::more) return state::more;
        if (found != head_lines::state::complete) return failed(bad_line(found, lines_.count()));
        if (const state now = read_head(); now != state::more) return now;
    }
}

// More: it was an interim answer.
connect_answer::state connect_answer::read_head() {
    answer_head head;
    const std::string_view line = lines_.line(held_, 0);
    if (const auto wrong = read_status(line, head); !wrong.empty()) return failed(wrong);
    words_ = std::to_string(head.status);
    const std::string_view reason = text::trimmed(line.substr(line.find(' ') + 4));
    if (!reason.empty()) words_ += " " + text::printable(reason, shown);
    held_.erase(0, lines_.head_size());
    lines_.start();
    if (head.status < 200 && head.status != 101) return state::more;
    status_ = head.status;
    return state::complete;
}

}  // namespace dbxapps::net
