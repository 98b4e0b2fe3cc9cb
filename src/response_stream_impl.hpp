// What a response_stream reads from, and all that has to live until the end.
#pragma once

#include <client_impl.hpp>
#include <dbxapps/response_stream.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace dbxapps {

class response_stream::impl {
public:
    // `head`: with what came of the body. `what` was called, for error texts.
    impl(std::shared_ptr<client::impl>, std::unique_ptr<body_reader>, response head, std::string what,
         duration idle_within);

    static asio::awaitable<result<std::string_view>> read_some(std::shared_ptr<impl>);
    const response& head() const noexcept { return head_; }

private:
    using outcome = result<std::string_view>;
    static asio::awaitable<void> read_to(std::shared_ptr<impl>, std::optional<outcome>& out);
    static asio::awaitable<outcome> next(std::shared_ptr<impl>);  // on the client's context
    outcome over(std::optional<failure> why);
    failure explained(failure) const;

    const std::shared_ptr<client::impl> client_;
    response head_;
    const std::string what_;
    const duration idle_within_;
    // The caller's.
    bool reading_ = false;
    std::optional<failure> failed_;
    // The reader's: a read that was called off from elsewhere goes on for a moment.
    unsigned reads_ = 0;
    std::string first_;                  // came with the head
    std::string piece_;                  // as read last
    std::optional<in_flight> counted_;   // until it is over
    std::unique_ptr<body_reader> body_;  // likewise
};

}  // namespace dbxapps
