#include <login/send.hpp>

#include <text/retry_after.hpp>

#include <cstring>
#include <ctime>
#include <utility>

namespace dbxapps::login {

transport_request outgoing(oauth::http_request what, bool repeatable) {
    transport_request out(std::move(what.method), std::move(what.url));
    out.headers = std::move(what.headers);
    out.body = std::move(what.body);
    out.repeatable = repeatable;
    return out;
}

std::optional<duration> retry_after_of(const response& answer) {
    const auto field = answer.header("retry-after");
    return field ? text::parse_retry_after(*field, std::time(nullptr)) : std::nullopt;
}

void wipe(std::string& secret) noexcept { explicit_bzero(secret.data(), secret.size()); }

}  // namespace dbxapps::login
