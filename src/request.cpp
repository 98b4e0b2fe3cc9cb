#include <dbxapps/body_source.hpp>
#include <dbxapps/request.hpp>

#include <text/ascii.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace dbxapps {
namespace {

// Names in lower case. Most others differ by their length alone.
template <std::size_t N>
class field_names {
public:
    constexpr explicit field_names(const std::array<std::string_view, N>& names) : names_(names) {
        for (const std::string_view name : names)
            sizes_ |= std::uint32_t{1} << name.size();
    }
    bool has(std::string_view field) const noexcept {
        if (field.size() > 31 || (sizes_ >> field.size() & 1) == 0) return false;
        return std::any_of(names_.begin(), names_.end(),
                           [&](std::string_view name) { return text::same(name, field); });
    }

private:
    std::array<std::string_view, N> names_;
    std::uint32_t sizes_ = 0;
};

constexpr field_names<8> ours({"host", "content-length", "transfer-encoding", "authorization", "connection", "expect",
                               "upgrade", "user-agent"});
// Of which a request has one at most.
constexpr field_names<8> single({"content-type", "if-modified-since", "if-range", "if-unmodified-since",
                                 "idempotency-key", "last-event-id", "range", "traceparent"});
constexpr std::size_t usual_headers = 96;  // room for a few, so that adding them allocates nothing
// RFC 9110 section 9.2.2.
constexpr std::array<std::string_view, 6> idempotent = {"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"};

const std::shared_ptr<body_source> no_source;
const std::shared_ptr<token_cache> no_tokens;

}  // namespace

struct request::rare {
    std::string problem;
    std::shared_ptr<body_source> source;
    std::shared_ptr<token_cache> tokens;
    std::optional<duration> idle_within;
};

// Always a new one: who else has this one may be reading it at this moment.
request::rare& request::own() {
    auto mine = rare_ ? std::make_shared<rare>(*rare_) : std::make_shared<rare>();
    rare& out = *mine;
    rare_ = std::move(mine);
    return out;
}

request::request(std::string_view method, std::string_view url)
    : method_end_(method.size()), url_end_(method.size() + url.size()) {
    text_.reserve(method.size() + url.size() + usual_headers);
    text_.append(method).append(url);
    if (!text::is_token(method)) complain("the method '" + text::printable(method, 40) + "' is not a token");
    if (method == "CONNECT") complain("the method CONNECT is for proxies, not for apps");
}

// The first problem stays: it is the one to mend first.
void request::complain(std::string words) {
    if (problem().empty()) own().problem = std::move(words);
}

void request::add(std::string_view header, std::string_view value) {
    if (!text::is_token(header)) {
        return complain("the header name '" + text::printable(header, 40) + "' is not a token");
    }
    if (ours.has(header)) {
        return complain("the header " + std::string(header) + " is set by the library, not by the request");
    }
    // The value may be a secret, so it is not shown.
    if (!text::is_field_value(value)) {
        return complain("the value of the header " + std::string(header) + " contains a control character");
    }
    if (text::same(header, "accept-encoding")) names_coding_ = true;
    if (single.has(header)) drop(header);
    text_.append(header).append(": ").append(text::trimmed(value)).append("\r\n");
}

void request::drop(std::string_view header) {
    for (std::size_t from = url_end_; from < text_.size();) {
        const std::size_t next = text_.find("\r\n", from) + 2;
        if (text::same(std::string_view(text_).substr(from, text_.find(':', from) - from), header)) {
            text_.erase(from, next - from);
        } else {
            from = next;
        }
    }
}

void request::set_type(std::string_view content_type) {
    if (content_type.empty()) return;
    add("Content-Type", content_type);
}

request& request::with(std::string_view header, std::string_view value) & {
    add(header, value);
    return *this;
}
request&& request::with(std::string_view header, std::string_view value) && { return std::move(with(header, value)); }
request& request::body(std::string bytes, std::string_view content_type) & {
    body_ = std::move(bytes);
    has_body_ = true;
    if (source()) own().source = nullptr;
    set_type(content_type);
    return *this;
}
request&& request::body(std::string bytes, std::string_view content_type) && {
    return std::move(body(std::move(bytes), content_type));
}
request& request::body(std::shared_ptr<body_source> from, std::string_view content_type) & {
    if (!from) complain("body() needs a source");
    body_.clear();
    has_body_ = true;
    own().source = std::move(from);
    set_type(content_type);
    return *this;
}
request&& request::body(std::shared_ptr<body_source> from, std::string_view content_type) && {
    return std::move(body(std::move(from), content_type));
}
request& request::idle_within(duration d) & {
    own().idle_within = d;
    if (d <= duration::zero()) complain("idle_within() needs a time of more than nothing");
    return *this;
}
request&& request::idle_within(duration d) && { return std::move(idle_within(d)); }
request& request::within(duration d) & {
    within_ = d;
    if (d <= duration::zero()) complain("within() needs a time of more than nothing");
    return *this;
}
request&& request::within(duration d) && { return std::move(within(d)); }
request& request::repeatable(bool yes) & {
    repeatable_ = yes;
    return *this;
}
request&& request::repeatable(bool yes) && { return std::move(repeatable(yes)); }
request& request::as(std::shared_ptr<token_cache> tokens) & {
    own().tokens = std::move(tokens);
    return *this;
}
request&& request::as(std::shared_ptr<token_cache> tokens) && { return std::move(as(std::move(tokens))); }

std::string_view request::rare_problem() const noexcept { return rare_->problem; }

const std::shared_ptr<body_source>& request::source() const noexcept { return rare_ ? rare_->source : no_source; }

const std::shared_ptr<token_cache>& request::tokens() const noexcept { return rare_ ? rare_->tokens : no_tokens; }

std::optional<duration> request::idle_within() const noexcept { return rare_ ? rare_->idle_within : std::nullopt; }

bool request::source_may_begin_again() const noexcept { return !source() || source()->may_begin_again(); }

request request::to(std::string_view url) const& { return request(*this).to(url); }
request request::to(std::string_view url) && {
    text_.replace(method_end_, url_end_ - method_end_, url);
    url_end_ = method_end_ + url.size();
    return std::move(*this);
}

bool request::may_repeat() const noexcept {
    if (!may_begin_again()) return false;
    if (repeatable_) return *repeatable_;
    return std::find(idempotent.begin(), idempotent.end(), method()) != idempotent.end();
}

request get(std::string_view url) { return {"GET", url}; }

request post(std::string_view url, std::string body, std::string_view content_type) {
    return request("POST", url).body(std::move(body), content_type);
}

}  // namespace dbxapps
