#include <dbxapps/body_source.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace dbxapps {
namespace {

constexpr std::size_t piece_size = 64 * 1024;

class file final : public body_source {
public:
    explicit file(std::string path) : path_(std::move(path)) {}
    ~file() override { close(); }
    file(const file&) = delete;
    file& operator=(const file&) = delete;

    result<void> begin() override {
        close();
        at_ = 0;
        fd_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        struct stat about {};
        if (fd_ < 0 || ::fstat(fd_, &about) != 0) return failed();
        size_ = static_cast<std::uint64_t>(about.st_size);
        if (S_ISREG(about.st_mode)) return {};
        close();
        return failure(errc::bad_request, "the body's file " + path_ + " is no plain file");
    }
    boost::asio::awaitable<result<std::string_view>> read() override { co_return read_piece(); }
    std::optional<std::uint64_t> size() const override { return fd_ < 0 ? std::nullopt : std::optional(size_); }
    bool may_begin_again() const noexcept override { return true; }

private:
    void close() noexcept {
        if (fd_ >= 0) ::close(fd_);
        fd_ = -1;
    }
    failure failed() const {
        const error_code why(errno, boost::system::system_category());
        return {errc::bad_request, "the body's file " + path_ + " cannot be read: " + why.message(), why};
    }
    result<std::string_view> read_piece() {
        piece_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(piece_size, size_ - at_)));
        if (piece_.empty()) return std::string_view();
        ssize_t got = 0;
        do {
            got = ::pread(fd_, piece_.data(), piece_.size(), static_cast<off_t>(at_));
        } while (got < 0 && errno == EINTR);
        if (got < 0) return failed();
        at_ += static_cast<std::uint64_t>(got);
        return std::string_view(piece_).substr(0, static_cast<std::size_t>(got));
    }

    const std::string path_;
    int fd_ = -1;
    std::uint64_t size_ = 0, at_ = 0;
    std::string piece_;
};

class generated final : public body_source {
public:
    using function = std::function<boost::asio::awaitable<result<std::string>>()>;
    explicit generated(function next) : next_(std::move(next)) {}

    result<void> begin() override {
        if (!begun_) return {};
        return failure(errc::bad_request, "a generated body can be sent once only, and has been read already");
    }
    boost::asio::awaitable<result<std::string_view>> read() override {
        begun_ = true;
        auto next = co_await next_();
        if (!next) co_return std::move(next).error();
        piece_ = std::move(*next);
        co_return std::string_view(piece_);
    }

private:
    const function next_;
    bool begun_ = false;
    std::string piece_;
};

}  // namespace

std::shared_ptr<body_source> file_body(std::string path) { return std::make_shared<file>(std::move(path)); }

std::shared_ptr<body_source> generated_body(generated::function next) {
    return std::make_shared<generated>(std::move(next));
}

}  // namespace dbxapps
