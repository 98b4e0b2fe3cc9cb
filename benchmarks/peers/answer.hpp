// The answer to one call, as small as a parser can be: the status line, Content-Length and a body of that length.
//
// It is right for the servers of the benchmarks only; whatever it does not know is a failure, never a guess.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bench {

class answer {
public:
    enum class state { incomplete, complete, bad };

    // Forgets the last answer and keeps its memory.
    void reset() noexcept {
        held_.clear();
        body_.clear();
        in_body_ = false;
        ends_ = false;
    }
    state feed(std::string_view bytes);

    const std::string& body() const noexcept { return body_; }
    bool closes() const noexcept { return ends_; }  // "Connection: close"

private:
    bool head(std::string_view lines);
    bool field(std::string_view line);

    std::string held_;  // a head that did not come in one piece
    std::string body_;
    std::size_t length_ = 0;
    bool in_body_ = false;
    bool has_length_ = false;
    bool ends_ = false;
};

}  // namespace bench
