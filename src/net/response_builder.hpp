// The only writer of a response.
#pragma once

#include <dbxapps/response.hpp>
#include <text/ascii.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace dbxapps {

class response_builder {
public:
    void reset() {
        made_.status_ = 0;
        made_.coded_ = false;
        made_.header_count_ = made_.last_ = made_.last_at_ = 0;
        made_.head_.clear();
        made_.body_.clear();
    }
    // `fields`: "name: value\r\n" each, well-formed (RFC 9112 section 5) and not folded.
    // `coded`: one Content-Encoding is among them.
    void head(int status, std::string_view fields, std::size_t count, bool coded) {
        made_.status_ = status;
        made_.coded_ = coded;
        made_.header_count_ = count;
        made_.head_.assign(fields);
    }
    void expect_body(std::size_t bytes) { made_.body_.reserve(bytes); }
    void body(std::string_view bytes) { made_.body_.append(bytes); }
    std::size_t body_size() const noexcept { return made_.body_.size(); }
    bool take_body(std::string& piece) {
        piece.clear();
        piece.swap(made_.body_);
        return !piece.empty();
    }
    static bool coded(const response& r) noexcept { return r.coded_; }
    // Of one that is made: the body in another coding, without the fields that tell of the first.
    static void recode(response& r, std::string body) {
        r.body_ = std::move(body);
        r.coded_ = false;
        for (const std::string_view name : {"content-encoding", "content-length", "content-md5"})
            drop(r, name);
    }
    response take() {
        response out = std::move(made_);
        reset();
        return out;
    }

private:
    // All fields of that name, in one pass.
    static void drop(response& r, std::string_view name) {
        std::string kept;
        std::size_t count = 0;
        for (std::string_view left = r.head_; !left.empty();) {
            const std::string_view line = left.substr(0, left.find('\n') + 1);
            left.remove_prefix(line.size());
            if (text::same(line.substr(0, line.find(':')), name)) continue;
            kept.append(line);
            ++count;
        }
        r.head_ = std::move(kept);
        r.header_count_ = count;
        r.last_ = r.last_at_ = 0;
    }

    response made_;
};

}  // namespace dbxapps
