// The head of an HTTP/1.1 answer: status line and fields (RFC 9112 sections 4 and 5), and what they say of the body
// (section 6) and of the connection (section 9.3). Pure; strict where two readers could differ.
//
// Not Beast's parser: with what had to be checked around that one, a small answer cost more than twice the
// instructions.
#pragma once

#include <net/head_lines.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dbxapps {
class response_builder;
}

namespace dbxapps::net {

struct answer_head {
    int status = 0;
    bool old = false;  // HTTP/1.0
    bool chunked = false;
    std::optional<std::uint64_t> length;
    bool says_close = false, says_keep = false;
    int codings = 0;  // fields named Content-Encoding

    bool may_keep_alive() const noexcept {
        // A chunked answer of HTTP/1.0 may be the work of somebody who does not know what it means (section 6.1).
        return old ? says_keep && !says_close && !chunked : !says_close;
    }
    // A body of a 204 (RFC 9110 section 8.6): somebody may send it all the same.
    bool announces_what_cannot_come() const noexcept { return status == 204 && (chunked || length.value_or(0) > 0); }
    bool has_body(bool answers_head) const noexcept {
        return !answers_head && status >= 200 && status != 204 && status != 304;
    }
};

// What is wrong with it, to follow "the answer "; empty: nothing.
using complaint = std::string_view;

// `text` begins with a whole head, whose lines are known. The fields go to `fields`.
complaint read_head(std::string_view text, const head_lines& lines, answer_head&, response_builder& fields);

// Of a head that is not well-formed, by the line that is not.
complaint bad_line(head_lines::state, std::size_t line);

// A line of trailers, without its CR LF. They are passed over, but not everything may stand there (section 7.1.2).
complaint check_trailer(std::string_view line, bool first);

// chunk-size [ chunk-ext ] without its CR LF (section 7.1).
complaint read_chunk_line(std::string_view line, std::uint64_t& size);

}  // namespace dbxapps::net
