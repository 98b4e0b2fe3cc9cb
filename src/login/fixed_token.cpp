// A token from elsewhere, presented as it is.
#include <dbxapps/login.hpp>

#include <algorithm>
#include <utility>

namespace dbxapps {
namespace {

class fixed_token_source final : public token_source {
public:
    explicit fixed_token_source(token t) : token_(std::move(t)) {}
    boost::asio::awaitable<result<token>> fetch(transport&, time_point) override { co_return token_; }
    bool renewable() const noexcept override { return false; }

private:
    token token_;
};

}  // namespace

std::unique_ptr<token_source> fixed_token(std::string access_token) {
    const bool sendable = !access_token.empty() && std::all_of(access_token.begin(), access_token.end(),
                                                               [](char c) { return c > 0x20 && c < 0x7f; });
    if (!sendable) {
        throw error(failure(errc::bad_config, "a fixed token has to be printable ASCII without spaces, and not empty"));
    }
    return std::make_unique<fixed_token_source>(token(access_token));
}

}  // namespace dbxapps
