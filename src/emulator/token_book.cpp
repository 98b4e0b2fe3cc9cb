#include <emulator/random.hpp>
#include <emulator/token_book.hpp>
#include <text/ascii.hpp>
#include <text/encoding.hpp>

#include <algorithm>

namespace dbxapps::emulated {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::string token_text(std::string_view subject, seconds from, seconds until, std::size_t size) {
    std::string claims = R"({"sub":")";
    claims.append(subject).append(R"(","iss":"https://emulated.cloud.databricks.com/oidc","iat":)");
    claims.append(std::to_string(from.count())).append(R"(,"exp":)").append(std::to_string(until.count()));
    claims.append(R"(,"scope":"all-apis"})");
    std::string token =
        text::base64url(R"({"alg":"RS256","typ":"JWT"})") + '.' + text::base64url(claims) + ".emulatortoken";
    const std::string noise = random_hex(32);
    while (token.size() < size)
        token.append(noise, 0, size - token.size());
    return token;
}

}  // namespace

std::string expires_in_text(milliseconds life) {
    const auto whole = life.count() / 1000;
    const auto part = life.count() % 1000;
    if (part == 0) return std::to_string(whole);
    if (life > seconds(10)) return std::to_string(whole + 1);
    std::string text = std::to_string(whole) + '.' + std::to_string(part + 1000).substr(1);
    while (text.ends_with('0'))
        text.pop_back();
    return text;
}

token_book::token_book(std::string subject, std::size_t token_size, milliseconds life)
    : subject_(std::move(subject)), size_(token_size), life_(life) {}

void token_book::set_life(milliseconds life) {
    const std::lock_guard lock(mutex_);
    life_ = life;
}

token_book::issued token_book::issue(time_point now, std::chrono::system_clock::time_point wall) {
    const auto from = std::chrono::duration_cast<seconds>(wall.time_since_epoch());
    const std::lock_guard lock(mutex_);
    forget_expired(now);
    const auto until = from + std::chrono::ceil<seconds>(life_);
    issued out{token_text(subject_, from, until, size_), expires_in_text(life_)};
    ends_.emplace(out.token, now + life_);
    return out;
}

bool token_book::good(std::string_view token, time_point now) const {
    const std::lock_guard lock(mutex_);
    const auto found = ends_.find(token);
    return found != ends_.end() && now < found->second;
}

bool token_book::accepts(std::string_view authorization, time_point now) const {
    constexpr std::string_view scheme = "bearer ";
    if (authorization.size() <= scheme.size() || !text::same(authorization.substr(0, scheme.size()), scheme))
        return false;
    return good(text::trimmed(authorization.substr(scheme.size())), now);
}

void token_book::revoke_all() {
    const std::lock_guard lock(mutex_);
    ends_.clear();
}

void token_book::forget_expired(time_point now) {
    if (ends_.size() < sweep_at_) return;
    std::erase_if(ends_, [now](const auto& entry) { return entry.second <= now; });
    sweep_at_ = std::max<std::size_t>(1024, ends_.size() * 2);
}

}  // namespace dbxapps::emulated
