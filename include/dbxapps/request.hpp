// One call to an app. It keeps copies of everything: nothing dangles.
//
// What cannot be sent is reported by the call (`errc::bad_request`), before anything goes out: header names must be
// tokens, values free of CR, LF and NUL, URL and method likewise (RFC 9110 section 5). Authorization, Connection,
// Content-Length, Expect, Host, Transfer-Encoding, Upgrade and User-Agent (client_options) are the library's to set.
// Distinct objects: safe. Shared objects: unsafe.
#pragma once

#include <dbxapps/place.hpp>
#include <dbxapps/time.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace dbxapps {

class body_source;
class token_cache;

class request {
public:
    // `url` is absolute: https://<app>-<id>.<region>.databricksapps.com/api/...; http to a loopback host only.
    request(std::string_view method, std::string_view url);

    // One more header field; of those that a request has once (Content-Type, Idempotency-Key, If-Modified-Since,
    // If-Range, If-Unmodified-Since, Last-Event-ID, Range, traceparent) the new one replaces the old.
    request& with(std::string_view header, std::string_view value) &;
    request&& with(std::string_view header, std::string_view value) &&;
    // The content type replaces an earlier one; empty: none is added.
    request& body(std::string bytes, std::string_view content_type) &;
    request&& body(std::string bytes, std::string_view content_type) &&;
    // The same, of a body that comes piece by piece: uploads with constant memory.
    request& body(std::shared_ptr<body_source>, std::string_view content_type) &;
    request&& body(std::shared_ptr<body_source>, std::string_view content_type) &&;
    // The time for everything, from entry to the last byte; for client::open to the end of the answer's head. Default:
    // client_options::within.
    request& within(duration) &;
    request&& within(duration) &&;
    // For client::open: how long each read of the body may wait for bytes. Default: client_options::stream_idle_within.
    request& idle_within(duration) &;
    request&& idle_within(duration) &&;
    // By the caller's word this may be sent twice without harm (RFC 9110 section 9.2.2 lets GET, HEAD, OPTIONS, TRACE,
    // PUT and DELETE by themselves).
    request& repeatable(bool yes = true) &;
    request&& repeatable(bool yes = true) &&;
    // This call presents another token than the client's: a server that calls on behalf of many users.
    request& as(std::shared_ptr<token_cache>) &;
    request&& as(std::shared_ptr<token_cache>) &&;
    // The same request to another URL, which replaces the whole one.
    request to(std::string_view url) const&;
    request to(std::string_view url) &&;

    // These views live as long as the request is neither changed, moved nor destroyed.
    std::string_view method() const noexcept { return {text_.data(), method_end_}; }
    std::string_view url() const noexcept { return {text_.data() + method_end_, url_end_ - method_end_}; }
    std::string_view headers() const noexcept {  // "name: value\r\n" each
        return {text_.data() + url_end_, text_.size() - url_end_};
    }
    const std::string& body() const noexcept { return body_; }
    bool names_coding() const noexcept { return names_coding_; }  // has an Accept-Encoding of its own
    bool has_body() const noexcept { return has_body_; }
    // Null, or where the body comes from.
    const std::shared_ptr<body_source>& source() const noexcept;
    bool has_source() const noexcept { return rare_ && source(); }
    bool may_repeat() const noexcept;
    // Whether the body is there for a second time, however the first one was refused.
    bool may_begin_again() const noexcept { return !rare_ || source_may_begin_again(); }
    std::optional<duration> within() const noexcept {
        return within_ == duration::zero() ? std::nullopt : std::optional(within_);
    }
    std::optional<duration> idle_within() const noexcept;
    const std::shared_ptr<token_cache>& tokens() const noexcept;  // null: the client's
    bool names_tokens() const noexcept { return rare_ && tokens(); }
    // Empty, or what is wrong with it, for a person.
    std::string_view problem() const noexcept { return rare_ ? rare_problem() : std::string_view(); }

private:
    void add(std::string_view header, std::string_view value);
    void drop(std::string_view header);
    void complain(std::string words);
    void set_type(std::string_view content_type);
    std::string_view rare_problem() const noexcept;
    bool source_may_begin_again() const noexcept;
    struct rare;
    rare& own();  // copies share one until they change

    std::string text_;  // method, URL and header fields in a row: one allocation, and quick to move
    detail::place method_end_, url_end_;
    std::string body_;
    bool has_body_ = false;
    bool names_coding_ = false;
    std::optional<bool> repeatable_;
    duration within_{};                 // 0: by default
    std::shared_ptr<const rare> rare_;  // what few requests have
};

request get(std::string_view url);
request post(std::string_view url, std::string body, std::string_view content_type = "application/json");

}  // namespace dbxapps
