// The lines of the head of an HTTP/1.1 answer, found as its bytes come (RFC 9112 section 2.2). Pure.
//
// Each line ends with CR LF and holds no other control character than tabs; an empty one ends the head. Each byte is
// looked at once.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace dbxapps::net {

class head_lines {
public:
    enum class state { more, complete, no_cr, control };

    void start();
    // `text` is the head from its beginning, as much of it as there is by now.
    state find(std::string_view text);

    // Without the empty line. A line that is wrong is the one after these.
    std::size_t count() const noexcept { return ends_.size(); }
    std::size_t head_size() const noexcept { return looked_at_; }  // when complete, with the empty line
    std::size_t begin_of(std::size_t line) const noexcept { return line == 0 ? 0 : ends_[line - 1] + 2; }
    // Without its CR LF.
    std::string_view line(std::string_view text, std::size_t n) const noexcept {
        return text.substr(begin_of(n), ends_[n] - begin_of(n));
    }

private:
    std::vector<std::size_t> ends_;  // where the CR of each line is
    std::size_t looked_at_ = 0;
};

}  // namespace dbxapps::net
