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

class token_cache;

class request {
public:
    // `url` is absolute: https://<app>-<id>.<region>.databricksapps.com/api/...; http to a loopback host only.
    request(std::string_view method, std::string_view url);

    request& with(std::string_view header, std::string_view value) &;
    request&& with(std::string_view header, std::string_view value) &&;
    // The content type replaces an earlier one; empty: none is added.
    request& body(std::string bytes, std::string_view content_type) &;
    request&& body(std::string bytes, std::string_view content_type) &&;
    // The time for everything, from entry to the last byte. Default: client_options::within.
    request& within(duration) &;
    request&& within(duration) &&;
    // By the caller's word this may be sent twice without harm (RFC 9110 section 9.2.2 lets GET, HEAD, OPTIONS, TRACE,
    // PUT and DELETE by themselves).
    request& repeatable(bool yes = true) &;
    request&& repeatable(bool yes = true) &&;
    // This call presents another token than the client's: a server that calls on behalf of many users.
    request& as(std::shared_ptr<token_cache>) &;
    request&& as(std::shared_ptr<token_cache>) &&;

    // These views live as long as the request is neither changed, moved nor destroyed.
    std::string_view method() const noexcept { return {text_.data(), method_end_}; }
    std::string_view url() const noexcept { return {text_.data() + method_end_, url_end_ - method_end_}; }
    std::string_view headers() const noexcept {  // "name: value\r\n" each
        return {text_.data() + url_end_, text_.size() - url_end_};
    }
    const std::string& body() const noexcept { return body_; }
    bool names_coding() const noexcept { return names_coding_; }  // has an Accept-Encoding of its own
    bool has_body() const noexcept { return has_body_; }
    bool may_repeat() const noexcept;
    std::optional<duration> within() const noexcept { return within_; }
    const std::shared_ptr<token_cache>& tokens() const noexcept { return tokens_; }
    // Empty, or what is wrong with it, for a person.
    std::string_view problem() const noexcept { return problem_ ? std::string_view(*problem_) : std::string_view(); }

private:
    void add(std::string_view header, std::string_view value);
    void drop(std::string_view header);
    void complain(std::string words);

    std::string text_;  // method, URL and header fields in a row: one allocation, and quick to move
    detail::place method_end_, url_end_;
    std::string body_;
    bool has_body_ = false;
    bool names_coding_ = false;
    std::optional<bool> repeatable_;
    std::optional<duration> within_;
    std::shared_ptr<token_cache> tokens_;
    std::shared_ptr<const std::string> problem_;
};

request get(std::string_view url);
request post(std::string_view url, std::string body, std::string_view content_type = "application/json");

}  // namespace dbxapps
