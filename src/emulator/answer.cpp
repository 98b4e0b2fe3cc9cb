#include <emulator/answer.hpp>

#include <ostream>  // status.hpp needs it and does not ask for it

#include <boost/beast/http/status.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace dbxapps::emulated {
namespace {

constexpr std::size_t filler_limit = 64 * 1024;
constexpr std::size_t in_one_buffer = 16 * 1024;  // larger echoes are sent from where they were received

void append_number(std::string& out, std::uint64_t number, int base = 10) {
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
    out.append(digits.data(), end);
}

}  // namespace

void request_head::clear() {
    for (std::string* text : {&method, &target, &host, &authorization, &content_type, &fields})
        text->clear();
    keep_alive = chunks_understood = true;
    expects_continue = false;
}

void answer::reset(bool without_body, bool then_close) {
    bytes.clear();
    stamp_.clear();
    then = rest::nothing;
    length = 0;
    without_body_ = without_body;
    close = then_close;
}

answer& answer::start(int status) {
    status_ = status;
    bytes = "HTTP/1.1 ";
    append_number(bytes, static_cast<std::uint64_t>(status));
    const auto reason =
        boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(static_cast<unsigned>(status)));
    bytes.append(" ").append(reason.data(), reason.size()).append("\r\n").append(stamp_);
    return *this;
}

answer& answer::field(std::string_view name, std::string_view value) {
    bytes.append(name).append(": ").append(value).append("\r\n");
    return *this;
}

answer& answer::lines(std::string_view fields) {
    bytes.append(fields);
    return *this;
}

void answer::end_head(std::string_view content_type, std::uint64_t size) {
    const bool bodiless = status_ == 204 || status_ == 304;
    without_body_ = without_body_ || bodiless;
    if (!content_type.empty() && !bodiless) field("content-type", content_type);
    if (!bodiless) {
        bytes.append("content-length: ");
        append_number(bytes, size);
        bytes.append("\r\n");
    }
    if (close) field("connection", "close");
    bytes.append("\r\n");
}

void answer::body(std::string_view content_type, std::string_view text) {
    end_head(content_type, text.size());
    if (!without_body_) bytes.append(text);
}

void answer::empty() { end_head({}, 0); }

void answer::echo(std::string_view content_type, std::string_view request_body) {
    end_head(content_type, request_body.size());
    if (without_body_) return;
    if (request_body.size() <= in_one_buffer) {
        bytes.append(request_body);
    } else {
        then = rest::request_body;
    }
}

void answer::filler(rest how, std::uint64_t size) {
    length = size;
    if (how == rest::chunks) {
        field("content-type", "text/plain").field("transfer-encoding", "chunked");
        if (close) field("connection", "close");
        bytes.append("\r\n");
    } else {
        end_head("text/plain", size);
    }
    if (!without_body_) then = how;
}

void answer::promise(std::string_view content_type, std::string_view whole, std::size_t sent) {
    end_head(content_type, whole.size());
    if (!without_body_) bytes.append(whole.substr(0, sent));
    close = true;
}

std::string_view filler_text(std::uint64_t offset, std::size_t size) noexcept {
    static const auto text = [] {
        std::array<char, filler_limit + 26> letters;
        for (std::size_t i = 0; i < letters.size(); ++i)
            letters[i] = static_cast<char>('a' + i % 26);
        return letters;
    }();
    return {text.data() + offset % 26, std::min(size, filler_limit)};
}

std::size_t chunk_size(std::uint64_t length) noexcept {
    return static_cast<std::size_t>(std::clamp<std::uint64_t>(length / 3, 1, 8192));
}

void append_chunk(std::string& out, std::string_view data) {
    append_number(out, data.size(), 16);
    out.append("\r\n").append(data).append("\r\n");
}

}  // namespace dbxapps::emulated
