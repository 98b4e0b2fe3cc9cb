#include <config/read_file.hpp>

#include <config/config_error.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace dbxapps::config {
namespace {

class descriptor {
public:
    // Not blocking: opening a pipe would wait for somebody to write to it.
    explicit descriptor(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    ~descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    int get() const noexcept { return fd_; }

private:
    int fd_;
};

failure refused(const std::string& path, std::string_view why) {
    return failed(config_error::parse, path + ": " + std::string(why));
}
failure system_said(const std::string& path, int error) {
    const error_code why(error, boost::system::system_category());
    const errc code = code_of_system(why);
    if (code != errc::bad_config) return {code, path + ": " + why.message(), why};
    return refused(path, why.message());
}

}  // namespace

result<std::optional<std::string>> read_text_file(const std::string& path, std::size_t most) {
    if (path.find('\0') != path.npos) return refused(path.substr(0, path.find('\0')), "a NUL byte in its name");
    const descriptor file(path);
    if (file.get() < 0 && errno == ENOENT) return std::optional<std::string>();
    struct stat is = {};
    if (file.get() < 0 || ::fstat(file.get(), &is) != 0) return system_said(path, errno);
    if (!S_ISREG(is.st_mode) && !S_ISDIR(is.st_mode) && !S_ISCHR(is.st_mode)) {
        return refused(path, "it is not a regular file");
    }
    std::string out;
    std::array<char, 16384> piece;
    for (;;) {
        const auto got = ::read(file.get(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return system_said(path, errno);
        if (got == 0) return out;
        out.append(piece.data(), static_cast<std::size_t>(got));
        if (out.size() > most) return refused(path, "it is larger than " + std::to_string(most / 1024) + " KiB");
    }
}

result<std::string> expand_home(std::string_view path, std::string_view home) {
    if (path != "~" && !path.starts_with("~/")) return std::string(path);
    if (home.empty()) return failed(config_error::bad_value, std::string(path) + ": HOME is not set");
    return std::string(home) + std::string(path.substr(1));
}

}  // namespace dbxapps::config
