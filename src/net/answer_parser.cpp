#include <net/answer_parser.hpp>

#include <text/ascii.hpp>

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/version.hpp>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

namespace dbxapps {

// The only writer of a response.
class response_builder {
public:
    void reset() { made_ = response(); }
    void status(int code) { made_.status_ = code; }
    void expect_head(std::size_t bytes) { made_.head_.reserve(bytes); }
    void field(std::string_view name, std::string_view value) {
        made_.head_.append(name).append(1, ':').append(value).append(1, '\n');
    }
    void expect(std::uint64_t bytes) { made_.body_.reserve(static_cast<std::size_t>(bytes)); }
    void body(std::string_view bytes) { made_.body_.append(bytes); }
    const response& made() const { return made_; }
    response take() { return std::exchange(made_, response()); }

private:
    response made_;
};

}  // namespace dbxapps

namespace dbxapps::net {
namespace {

namespace http = boost::beast::http;
using boost::beast::string_view;

constexpr int most_interim_answers = 16;
constexpr std::uint64_t most_reserved = 1u << 20;  // a promised length is not believed before the bytes come

std::string_view view(string_view s) { return {s.data(), s.size()}; }

class head_and_body final : public http::basic_parser<false> {
public:
    explicit head_and_body(response_builder& to) : to_(to) {}

    int code = 0;
    const char* refused = nullptr;  // what is wrong with it beyond what Beast looks at
    bool any_chunk = false;
    bool may_keep_alive() const { return keep_alive() && !must_close_; }

private:
    void on_request_impl(http::verb, string_view, string_view, int, error_code&) override {}
    void on_response_impl(int status, string_view, int version, error_code& ec) override {
        code = status;
        old_ = version < 11;
        if (status < 100) return refuse("has a status below 100", ec);
        to_.status(status);
    }
    void on_field_impl(http::field name, string_view name_text, string_view value, error_code& ec) override {
        if (head_done_) return;  // trailers
        // Two codings, or a coding and a length, Beast refuses itself.
        if (name == http::field::transfer_encoding) {
            if (!text::same(text::trimmed(view(value)), "chunked")) {
                return refuse("has a Transfer-Encoding other than chunked", ec);
            }
            must_close_ = must_close_ || old_;  // RFC 9112 section 6.1
        }
        // Close wins over keep-alive (RFC 9112 section 9.3); Beast sees to that for HTTP/1.1 only.
        if (old_ && name == http::field::connection && http::token_list(value).exists("close")) must_close_ = true;
        to_.field(view(name_text), view(value));
    }
    void refuse(const char* what, error_code& ec) {
        refused = what;
        ec = make_error_code(errc::bad_response);
    }
    void on_header_impl(error_code&) override { head_done_ = true; }
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
        if (length) to_.expect(std::min(*length, most_reserved));
    }
    std::size_t on_body_impl(string_view bytes, error_code&) override {
        to_.body(view(bytes));
        return bytes.size();
    }
    void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override { any_chunk = true; }
    std::size_t on_chunk_body_impl(std::uint64_t, string_view bytes, error_code&) override {
        to_.body(view(bytes));
        return bytes.size();
    }
    void on_finish_impl(error_code&) override {}
#if BOOST_BEAST_VERSION >= 359
    void on_trailer_field_impl(http::field, string_view, string_view, error_code&) override {}
#endif

    response_builder& to_;
    bool head_done_ = false;
    bool old_ = false;  // HTTP/1.0
    bool must_close_ = false;
};

}  // namespace

class answer_parser::impl {
public:
    void start(bool answers_head, answer_limits limits) {
        answers_head_ = answers_head;
        limits_ = limits;
        interim_ = 0;
        started_ = stray_ = keep_alive_ = false;
        held_.clear();
        next();
    }

    state feed(const char* bytes, std::size_t size) {
        started_ = started_ || size > 0;
        std::string_view left(bytes, size);
        if (held_.empty()) {
            const state now = parse(left);
            if (now == state::more) held_.assign(left);
            return now;
        }
        left = held_.append(bytes, size);
        const state now = parse(left);
        held_.erase(0, held_.size() - left.size());
        return now;
    }

    state end_of_stream(bool clean) {
        if (!parser_->is_header_done()) return lost("the connection ended before the answer's head was complete");
        if (parser_->need_eof()) {
            error_code ec;
            parser_->put_eof(ec);
            return clean && !ec ? complete() : lost("the connection broke off in a body that only its end delimits");
        }
        const std::string got = std::to_string(builder_.made().body().size());
        const auto promised = parser_->content_length();
        return lost(promised ? "the connection ended after " + got + " of " + std::to_string(*promised) +
                                   " bytes of the body"
                             : "the connection ended inside a chunked body, after " + got + " bytes");
    }

    bool started_ = false;
    bool stray_ = false;
    bool keep_alive_ = false;
    failure why_;
    response_builder builder_;

private:
    enum class head { incomplete, complete, foreign, bare_line_feed };

    void next() {
        builder_.reset();
        looked_at_ = 0;
        parser_.emplace(builder_);
        parser_->header_limit(std::numeric_limits<std::uint32_t>::max());  // counted here: Beast forgets what it parsed
        parser_->body_limit(limits_.body);
        parser_->skip(answers_head_);
    }

    // Beast gets a head in one piece, so that it does not matter how the bytes were cut. Looks at each of them once.
    head look_at_head(std::string_view text) {
        constexpr std::string_view begin = "HTTP/1.";
        if (!begin.starts_with(text.substr(0, begin.size()))) return head::foreign;
        for (auto lf = text.find('\n', looked_at_); lf != text.npos; lf = text.find('\n', lf + 1)) {
            if (text[lf - 1] != '\r') return head::bare_line_feed;
            if (text[lf - 2] == '\n') return head::complete;
        }
        looked_at_ = text.size();
        return head::incomplete;
    }

    // What to answer without asking Beast, if anything.
    std::optional<state> not_for_beast(std::string_view left) {
        if (parser_->is_header_done()) {
            // The one beginning of a body at which Beast 345 fails an assertion of its own.
            if (parser_->chunked() && !parser_->any_chunk && left.size() == 4 && left.starts_with("0\r\n")) {
                return state::more;
            }
            return std::nullopt;
        }
        const head found = look_at_head(left.substr(0, limits_.head));
        if (found == head::foreign) return failed(http::error::bad_version);
        if (found == head::bare_line_feed) return failed(http::error::bad_line_ending);
        if (found == head::complete) return std::nullopt;
        return left.size() > limits_.head ? head_too_large() : state::more;
    }

    // Takes from `left` what is parsed; the rest has to be seen again, with more behind it.
    state parse(std::string_view& left) {
        while (!left.empty()) {
            if (const auto known = not_for_beast(left)) return *known;
            const std::size_t body_before = builder_.made().body().size();
            error_code ec;
            const std::size_t used = parser_->put(boost::asio::const_buffer(left.data(), left.size()), ec);
            left.remove_prefix(used);
            if (ec && ec != http::error::need_more) return failed(ec);
            // Not eager: one head, one piece of the body, one chunk's line, or the last chunk with its trailers.
            const std::size_t around_body = used - (builder_.made().body().size() - body_before);
            if (around_body > limits_.head || (ec && left.size() > limits_.head)) return head_too_large();
            if (ec) return state::more;
            if (!parser_->is_done()) continue;
            if (parser_->code >= 200) {
                stray_ = !left.empty();
                return complete();
            }
            if (parser_->code == 101) return bad("switches protocols, which nobody asked for");
            if (++interim_ > most_interim_answers) return bad("sends interim answers without end");
            next();
        }
        return state::more;
    }

    state complete() {
        keep_alive_ = parser_->may_keep_alive();
        return state::complete;
    }
    state lost(std::string words) {
        why_ = failure(errc::connection_lost, std::move(words));
        return state::failed;
    }
    state bad(const std::string& what) {
        why_ = failure(errc::bad_response, "the answer " + what);
        return state::failed;
    }
    state head_too_large() {
        why_ =
            failure(errc::response_too_large, "the answer's head, or a line or the trailers of its chunks, is over " +
                                                  std::to_string(limits_.head) + " bytes (client_options::max_head)");
        return state::failed;
    }
    state failed(error_code ec) {
        if (parser_->refused) return bad(parser_->refused);
        if (ec == http::error::body_limit) {
            why_ = failure(errc::response_too_large, "the answer's body is over " + std::to_string(limits_.body) +
                                                         " bytes (client_options::max_body)");
            return state::failed;
        }
        const bool any = parser_->code != 0;
        bad(any ? "breaks the rules of HTTP/1.1: " + ec.message() : "is not HTTP/1.1: " + ec.message());
        why_.cause = ec;
        return state::failed;
    }

    bool answers_head_ = false;
    answer_limits limits_;
    int interim_ = 0;
    std::optional<head_and_body> parser_;
    std::string held_;           // the beginning of something that has to be parsed in one piece
    std::size_t looked_at_ = 0;  // so much of a head, without finding its end
};

answer_parser::answer_parser() : impl_(std::make_unique<impl>()) {}
answer_parser::~answer_parser() = default;
void answer_parser::start(bool answers_head, answer_limits limits) { impl_->start(answers_head, limits); }
auto answer_parser::feed(const char* bytes, std::size_t size) -> state { return impl_->feed(bytes, size); }
auto answer_parser::end_of_stream(bool clean) -> state { return impl_->end_of_stream(clean); }
bool answer_parser::started() const noexcept { return impl_->started_; }
bool answer_parser::keep_alive() const noexcept { return impl_->keep_alive_; }
bool answer_parser::stray_bytes() const noexcept { return impl_->stray_; }
const failure& answer_parser::why() const noexcept { return impl_->why_; }
response answer_parser::take() { return impl_->builder_.take(); }

}  // namespace dbxapps::net
