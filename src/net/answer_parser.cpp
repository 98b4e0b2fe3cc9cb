#include <net/answer_parser.hpp>

#include <net/answer_head.hpp>
#include <net/response_builder.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace dbxapps::net {
namespace {

constexpr int most_interim_answers = 16;
constexpr std::uint64_t most_reserved = 1u << 20;  // a promised length is not believed before the bytes come

}  // namespace

// Decisions are made on whole heads and whole lines only, so that it does not matter how the bytes were cut.
class answer_parser::impl {
public:
    void start(bool answers_head, answer_limits limits) {
        answers_head_ = answers_head;
        limits_ = limits;
        interim_ = 0;
        started_ = stray_ = keep_alive_ = false;
        taken_ = 0;
        head_taken_ = false;
        held_.clear();
        next();
    }

    void rest() noexcept {
        std::destroy_at(&builder_);
        std::construct_at(&builder_);
        lines_ = head_lines();
        std::string().swap(held_);
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
        if (at_ == part::head) return lost("the connection ended before the answer's head was complete");
        if (at_ == part::to_the_end) {
            return clean ? complete() : lost("the connection broke off in a body that only its end delimits");
        }
        const std::string got = std::to_string(taken_ + builder_.body_size());
        return lost(at_ == part::sized ? "the connection ended after " + got + " of " + std::to_string(*head_.length) +
                                             " bytes of the body"
                                       : "the connection ended inside a chunked body, after " + got + " bytes");
    }

    bool headed() const noexcept { return at_ != part::head; }
    bool has_news() const noexcept { return headed() && (!head_taken_ || builder_.body_size() > 0); }
    response take() {
        head_taken_ = true;
        taken_ += builder_.body_size();
        return builder_.take();
    }
    bool take_body(std::string& piece) {
        taken_ += builder_.body_size();
        return builder_.take_body(piece);
    }

    bool started_ = false;
    bool stray_ = false;
    bool keep_alive_ = false;
    failure why_;
    response_builder builder_;

private:
    enum class part { head, sized, to_the_end, chunk_line, chunk, chunk_end, trailers };

    void next() {
        builder_.reset();
        head_ = {};
        lines_.start();
        looked_at_ = 0;
        at_ = part::head;
    }

    // Takes from `left` what is parsed; the rest has to be seen again, with more behind it. Each step says nothing when
    // the next one may go on.
    state parse(std::string_view& left) {
        for (;;) {
            if (left.empty() && !(at_ == part::sized && to_come_ == 0)) return state::more;
            std::optional<state> now;
            switch (at_) {
                case part::head: now = read_whole_head(left); break;
                case part::sized: now = read_sized(left); break;
                case part::to_the_end: now = read_body(left, left.size()); break;
                case part::chunk: now = read_chunk(left); break;
                case part::chunk_end: now = read_chunk_end(left); break;
                case part::chunk_line:
                case part::trailers: now = read_line(left); break;
            }
            if (!now) continue;
            stray_ = *now == state::complete && !left.empty();
            return *now;
        }
    }

    std::optional<state> read_whole_head(std::string_view& left) {
        constexpr std::string_view begin = "HTTP/1.";
        const std::string_view allowed = left.substr(0, limits_.head);
        if (!begin.starts_with(allowed.substr(0, begin.size()))) return bad("is not HTTP/1.1: it begins otherwise");
        const auto found = lines_.find(allowed);
        if (found == head_lines::state::more) return left.size() > limits_.head ? head_too_large() : state::more;
        if (found != head_lines::state::complete) return bad(bad_line(found, lines_.count()));
        if (const auto wrong = read_head(allowed, lines_, head_, builder_); !wrong.empty()) return bad(wrong);
        left.remove_prefix(lines_.head_size());
        if (head_.status >= 200) return begin_body();
        if (head_.status == 101) return bad("switches protocols, which nobody asked for");
        if (++interim_ > most_interim_answers) return bad("sends interim answers without end");
        next();
        return std::nullopt;
    }

    std::optional<state> begin_body() {
        around_ = 0;
        if (!head_.has_body(answers_head_)) return complete();
        if (head_.chunked) {
            at_ = part::chunk_line;
        } else if (head_.length) {
            if (*head_.length > limits_.body) return body_too_large();
            builder_.expect_body(static_cast<std::size_t>(std::min(*head_.length, most_reserved)));
            to_come_ = *head_.length;
            at_ = part::sized;
        } else {
            at_ = part::to_the_end;
        }
        return std::nullopt;
    }

    std::optional<state> read_body(std::string_view& left, std::size_t size) {
        if (size > limits_.body - builder_.body_size()) return body_too_large();
        builder_.body(left.substr(0, size));
        left.remove_prefix(size);
        return std::nullopt;
    }
    std::size_t of_what_comes(std::string_view left) const {
        return static_cast<std::size_t>(std::min<std::uint64_t>(to_come_, left.size()));
    }

    std::optional<state> read_sized(std::string_view& left) {
        const std::size_t size = of_what_comes(left);
        to_come_ -= size;
        read_body(left, size);
        return to_come_ == 0 ? std::optional(complete()) : std::nullopt;
    }

    std::optional<state> read_chunk(std::string_view& left) {
        const std::size_t size = of_what_comes(left);
        to_come_ -= size;
        if (to_come_ == 0) at_ = part::chunk_end;
        return read_body(left, size);
    }

    std::optional<state> read_chunk_end(std::string_view& left) {
        if (left[0] != '\r' || (left.size() > 1 && left[1] != '\n')) {
            return bad("breaks the rules of HTTP/1.1: a chunk does not end where it said");
        }
        if (left.size() == 1) return state::more;
        left.remove_prefix(2);
        around_ = 2;
        at_ = part::chunk_line;
        return std::nullopt;
    }

    // A line of a chunk or of the trailers. What stands between two pieces of the body is limited like a head.
    std::optional<state> read_line(std::string_view& left) {
        const auto lf = left.find('\n', looked_at_);
        const std::size_t size = lf == left.npos ? left.size() : lf + 1;
        looked_at_ = lf == left.npos ? size : 0;
        if (around_ + size > limits_.head) return head_too_large();
        if (lf == left.npos) return state::more;
        if (lf == 0 || left[lf - 1] != '\r') return bad("breaks the rules of HTTP/1.1: a line of it ends without CR");
        const std::string_view line = left.substr(0, lf - 1);
        left.remove_prefix(size);
        around_ += size;
        return at_ == part::trailers ? take_trailer(line) : take_chunk_line(line);
    }

    std::optional<state> take_chunk_line(std::string_view line) {
        if (const auto wrong = read_chunk_line(line, to_come_); !wrong.empty()) return bad(wrong);
        if (to_come_ > limits_.body - builder_.body_size()) return body_too_large();
        at_ = to_come_ == 0 ? part::trailers : part::chunk;
        first_trailer_ = true;
        return std::nullopt;
    }

    std::optional<state> take_trailer(std::string_view line) {
        if (line.empty()) return complete();
        if (const auto wrong = check_trailer(line, std::exchange(first_trailer_, false)); !wrong.empty()) {
            return bad(wrong);
        }
        return std::nullopt;
    }

    state complete() {
        keep_alive_ = head_.may_keep_alive() && at_ != part::to_the_end && !head_.announces_what_cannot_come();
        return state::complete;
    }
    state lost(std::string words) {
        why_ = failure(errc::connection_lost, std::move(words));
        return state::failed;
    }
    state bad(std::string_view what) {
        why_ = failure(errc::bad_response, "the answer " + std::string(what));
        return state::failed;
    }
    state head_too_large() {
        why_ =
            failure(errc::response_too_large, "the answer's head, or a line or the trailers of its chunks, is over " +
                                                  std::to_string(limits_.head) + " bytes (client_options::max_head)");
        return state::failed;
    }
    state body_too_large() {
        why_ = failure(errc::response_too_large, "the answer's body is over " + std::to_string(limits_.body) +
                                                     " bytes (client_options::max_body)");
        return state::failed;
    }

    bool answers_head_ = false;
    answer_limits limits_;
    int interim_ = 0;
    answer_head head_;
    part at_ = part::head;
    std::uint64_t to_come_ = 0;  // of a sized body, or of a chunk
    std::size_t around_ = 0;     // bytes since the last piece of a chunked body
    bool first_trailer_ = true;
    std::size_t looked_at_ = 0;  // so much of a line, without finding its end
    std::uint64_t taken_ = 0;    // of the body, before the end
    bool head_taken_ = false;
    std::string held_;  // the beginning of something that has to be parsed in one piece
    head_lines lines_;  // of a head
};

answer_parser::answer_parser() : impl_(std::make_unique<impl>()) {}
answer_parser::~answer_parser() = default;
void answer_parser::start(bool answers_head, answer_limits limits) { impl_->start(answers_head, limits); }
void answer_parser::rest() noexcept { impl_->rest(); }
auto answer_parser::feed(const char* bytes, std::size_t size) -> state { return impl_->feed(bytes, size); }
auto answer_parser::end_of_stream(bool clean) -> state { return impl_->end_of_stream(clean); }
bool answer_parser::started() const noexcept { return impl_->started_; }
bool answer_parser::headed() const noexcept { return impl_->headed(); }
bool answer_parser::has_news() const noexcept { return impl_->has_news(); }
bool answer_parser::keep_alive() const noexcept { return impl_->keep_alive_; }
bool answer_parser::stray_bytes() const noexcept { return impl_->stray_; }
const failure& answer_parser::why() const noexcept { return impl_->why_; }
response answer_parser::take() { return impl_->take(); }
bool answer_parser::take_body(std::string& piece) { return impl_->take_body(piece); }

}  // namespace dbxapps::net
