// One HTTP/1.1 answer, parsed from bytes as they come (RFC 9112), within limits. Knows nothing of sockets.
//
// Interim answers (1xx) are skipped, a bounded number of them. HEAD, 204 and 304 have no body. Framing that two readers
// could read differently (both lengths, other transfer codings) is refused. Not thread-safe; one answer after another.
// What is taken before the end is gone from it: an answer larger than memory is read piece by piece.
#pragma once

#include <dbxapps/error.hpp>
#include <dbxapps/response.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace dbxapps::net {

struct answer_limits {
    std::uint32_t head = 64u << 10;
    std::uint64_t body = 64ull << 20;
};

class answer_parser {
public:
    answer_parser();
    ~answer_parser();
    answer_parser(const answer_parser&) = delete;
    answer_parser& operator=(const answer_parser&) = delete;

    void start(bool answers_head, answer_limits);
    void rest() noexcept;  // between two answers: holds no memory that it can do without
    enum class state { more, complete, failed };
    state feed(const char* bytes, std::size_t size);
    state end_of_stream(bool clean);  // a body that is ended by the close is complete if the close was clean

    bool started() const noexcept;        // at least one byte came
    bool headed() const noexcept;         // the head is complete, and it is no interim answer's
    bool has_news() const noexcept;       // since what was taken
    bool keep_alive() const noexcept;     // once complete
    bool stray_bytes() const noexcept;    // something came beyond the answer
    const failure& why() const noexcept;  // once failed
    response take();                      // with as much of the body as came
    bool take_body(std::string& piece);   // what came since, in exchange for memory; false: nothing

private:
    class impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace dbxapps::net
