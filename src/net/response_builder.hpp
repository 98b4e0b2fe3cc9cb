// The only writer of a response.
#pragma once

#include <dbxapps/response.hpp>

#include <cstddef>
#include <string_view>
#include <utility>

namespace dbxapps {

class response_builder {
public:
    void reset() { made_ = response(); }
    void status(int code) { made_.status_ = code; }
    void expect_head(std::size_t bytes) { made_.head_.reserve(bytes); }
    void field(std::string_view name, std::string_view value) {
        made_.head_.append(name).append(1, ':').append(value).append(1, '\n');
    }
    void expect_body(std::size_t bytes) { made_.body_.reserve(bytes); }
    void body(std::string_view bytes) { made_.body_.append(bytes); }
    std::size_t body_size() const noexcept { return made_.body_.size(); }
    response take() { return std::exchange(made_, response()); }

private:
    response made_;
};

}  // namespace dbxapps
