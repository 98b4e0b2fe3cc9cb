#include <dbxapps/multipart.hpp>

#include <text/ascii.hpp>
#include <text/encoding.hpp>

#include <array>
#include <cstdint>
#include <random>
#include <utility>

namespace dbxapps {
namespace {

class memory final : public body_source {
public:
    explicit memory(std::string bytes) : bytes_(std::move(bytes)) {}
    result<void> begin() override {
        left_ = bytes_;
        return {};
    }
    boost::asio::awaitable<result<std::string_view>> read() override {
        co_return std::exchange(left_, std::string_view());
    }
    std::optional<std::uint64_t> size() const override { return bytes_.size(); }
    bool may_begin_again() const noexcept override { return true; }

private:
    const std::string bytes_;
    std::string_view left_;
};

std::string random_boundary() {
    std::random_device source;
    std::array<std::uint8_t, 16> bytes;
    for (auto& byte : bytes)
        byte = static_cast<std::uint8_t>(source());
    return "dbxapps-" + text::hex(bytes);
}

// As browsers write it (HTML Living Standard, section 4.10.22.8): what would end the value or the line is escaped.
std::string quoted(std::string_view value) {
    std::string out = "\"";
    for (const char c : value) {
        if (c == '"') {
            out += "%22";
        } else if (c == '\r') {
            out += "%0D";
        } else if (c == '\n') {
            out += "%0A";
        } else {
            out += c;
        }
    }
    return out + '"';
}

}  // namespace

class multipart_form::source final : public body_source {
public:
    source(std::vector<part> parts, std::string end, std::string problem)
        : parts_(std::move(parts)), end_(std::move(end)), problem_(std::move(problem)) {}

    result<void> begin() override {
        at_ = 0;
        next_ = stage::head;
        if (!problem_.empty()) return failure(errc::bad_request, problem_);
        for (const auto& p : parts_) {
            if (auto begun = p.body->begin(); !begun) return begun;
        }
        return {};
    }
    boost::asio::awaitable<result<std::string_view>> read() override {
        for (; at_ < parts_.size(); ++at_, next_ = stage::head) {
            const part& p = parts_[at_];
            if (next_ == stage::head) {
                next_ = stage::body;
                co_return std::string_view(p.head);
            }
            if (next_ == stage::end) continue;
            auto piece = co_await p.body->read();
            if (!piece || !piece->empty()) co_return piece;
            next_ = stage::end;
            co_return std::string_view("\r\n");
        }
        co_return at_++ == parts_.size() ? std::string_view(end_) : std::string_view();
    }
    std::optional<std::uint64_t> size() const override {
        std::uint64_t sum = end_.size();
        for (const auto& p : parts_) {
            const auto body = p.body->size();
            if (!body) return std::nullopt;
            sum += p.head.size() + *body + 2;
        }
        return sum;
    }
    bool may_begin_again() const noexcept override {
        for (const auto& p : parts_) {
            if (!p.body->may_begin_again()) return false;
        }
        return true;
    }

private:
    enum class stage { head, body, end };

    const std::vector<part> parts_;
    const std::string end_, problem_;
    std::size_t at_ = 0;
    stage next_ = stage::head;
};

multipart_form::multipart_form() : boundary_(random_boundary()) {}

void multipart_form::add(std::string_view name, std::string_view filename, std::string_view content_type,
                         std::shared_ptr<body_source> body) {
    if (!text::is_field_value(content_type) || !body) {
        problem_ = "the part '" + text::printable(name, 40) + "' of a multipart form " +
                   (body ? "has a content type with a control character in it" : "has no body");
        return;
    }
    part made;
    made.head = "--" + boundary_ + "\r\nContent-Disposition: form-data; name=" + quoted(name);
    if (!filename.empty()) made.head += "; filename=" + quoted(filename);
    if (!content_type.empty()) made.head.append("\r\nContent-Type: ").append(content_type);
    made.head += "\r\n\r\n";
    made.body = std::move(body);
    parts_.push_back(std::move(made));
}

multipart_form& multipart_form::field(std::string_view name, std::string value) {
    add(name, "", "", std::make_shared<memory>(std::move(value)));
    return *this;
}

multipart_form& multipart_form::file(std::string_view name, std::string path, std::string_view content_type) {
    const std::string filename = path.substr(path.rfind('/') + 1);
    add(name, filename.empty() ? "file" : filename, content_type, file_body(std::move(path)));
    return *this;
}

multipart_form& multipart_form::content(std::string_view name, std::string_view filename, std::string bytes,
                                        std::string_view content_type) {
    return content(name, filename, std::make_shared<memory>(std::move(bytes)), content_type);
}

multipart_form& multipart_form::content(std::string_view name, std::string_view filename,
                                        std::shared_ptr<body_source> from, std::string_view content_type) {
    add(name, filename, content_type, std::move(from));
    return *this;
}

std::shared_ptr<body_source> multipart_form::body() const {
    return std::make_shared<source>(parts_, "--" + boundary_ + "--\r\n", problem_);
}

std::string multipart_form::content_type() const { return "multipart/form-data; boundary=" + boundary_; }

}  // namespace dbxapps
