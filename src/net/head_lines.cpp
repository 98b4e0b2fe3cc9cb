#include <net/head_lines.hpp>

#include <text/ascii.hpp>

namespace dbxapps::net {

constexpr std::size_t usual_lines = 16;

void head_lines::start() {
    ends_.clear();
    ends_.reserve(usual_lines);
    looked_at_ = 0;
}

head_lines::state head_lines::find(std::string_view text) {
    for (;;) {
        const std::size_t at = looked_at_ + text::find_control(text.substr(looked_at_));
        looked_at_ = at;
        if (at == text.size()) return state::more;
        if (text[at] == '\t') {
            ++looked_at_;
            continue;
        }
        if (text[at] != '\r') return text[at] == '\n' ? state::no_cr : state::control;
        if (at + 1 == text.size()) return state::more;
        if (text[at + 1] != '\n') return state::control;
        looked_at_ = at + 2;
        if (at == begin_of(count())) return state::complete;
        ends_.push_back(at);
    }
}

}  // namespace dbxapps::net
