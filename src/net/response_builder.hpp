// The only writer of a response.
#pragma once

#include <dbxapps/response.hpp>

#include <cstddef>
#include <string_view>
#include <utility>

namespace dbxapps {

class response_builder {
public:
    void reset() {
        made_.status_ = 0;
        made_.header_count_ = made_.last_ = made_.last_at_ = 0;
        made_.head_.clear();
        made_.body_.clear();
    }
    // `fields`: "name: value\r\n" each, well-formed (RFC 9112 section 5) and not folded.
    void head(int status, std::string_view fields, std::size_t count) {
        made_.status_ = status;
        made_.header_count_ = count;
        made_.head_.assign(fields);
    }
    void expect_body(std::size_t bytes) { made_.body_.reserve(bytes); }
    void body(std::string_view bytes) { made_.body_.append(bytes); }
    std::size_t body_size() const noexcept { return made_.body_.size(); }
    response take() {
        response out = std::move(made_);
        reset();
        return out;
    }

private:
    response made_;
};

}  // namespace dbxapps
