#include <login/token_store.hpp>

#include <config/config_error.hpp>
#include <net/bell.hpp>
#include <net/digest.hpp>
#include <text/encoding.hpp>

#include <boost/asio/this_coro.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string_view>

namespace dbxapps::login {
namespace {

constexpr duration poll_every = std::chrono::milliseconds(20);
constexpr std::size_t largest_file = 1u << 20;
constexpr mode_t others = S_IRWXG | S_IRWXO;

// Each directory on the way that is missing, for us alone.
bool make_directories(const std::string& path) {
    for (auto end = path.find('/', 1);; end = path.find('/', end + 1)) {
        if (::mkdir(path.substr(0, end).c_str(), 0700) != 0 && errno != EEXIST) return false;
        if (end == path.npos) return true;
    }
}

// Wiped when it goes.
struct file_text {
    ~file_text() { explicit_bzero(text.data(), text.size()); }
    std::string text;
};

bool read_all(int fd, std::string& out, std::size_t size) {
    out.resize(size);
    std::size_t got = 0;
    while (got < size) {
        const ssize_t n = ::read(fd, out.data() + got, size - got);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        if (n == 0) break;
        got += static_cast<std::size_t>(n);
    }
    out.resize(got);
    return true;
}

bool write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t n = ::write(fd, text.data(), text.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

// Some file systems cannot, and say EINVAL: what was renamed has been renamed all the same.
bool sync_directory(int fd) { return ::fsync(fd) == 0 || errno == EINVAL; }

}  // namespace

descriptor::~descriptor() {
    if (fd_ >= 0) ::close(fd_);
}

token_store::token_store(std::string directory, oauth::login_key key)
    : directory_(std::move(directory)), key_(std::move(key)), name_(text::hex(net::sha256(key_.text()))) {
    file_ = directory_ + "/" + name_ + ".json";
}

failure token_store::failed(const char* what) const {
    const error_code why(errno, boost::system::system_category());
    return {config::code_of_system(why), "the token store " + file_ + " cannot be " + what + ": " + why.message(), why};
}

// Nothing with ENOENT as its cause: there is none, and none was to be made.
result<descriptor> token_store::open_directory(bool make) const {
    if (make && !make_directories(directory_)) return failed("made");
    descriptor fd(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct stat about {};
    if (fd.get() < 0 || ::fstat(fd.get(), &about) != 0) return failed("opened");
    // Whoever may write here may put a file of his own in the place of ours.
    if (about.st_uid != ::geteuid() || (about.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        return failure(errc::bad_config, "the directory " + directory_ +
                                             " belongs to another user, or others may write to it: no token is kept "
                                             "there; chmod 700 it, or name another one");
    }
    return fd;
}

result<token_store::contents> token_store::read() const {
    contents out;
    auto directory = open_directory(false);
    if (!directory && directory.error().cause == boost::system::errc::no_such_file_or_directory) return out;
    if (!directory) return std::move(directory).error();
    // Not to wait for a writer, should it be a FIFO.
    const descriptor fd(
        ::openat(directory->get(), (name_ + ".json").c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    if (fd.get() < 0 && errno == ENOENT) return out;
    struct stat about {};
    if (fd.get() < 0 || ::fstat(fd.get(), &about) != 0) return failed("opened");
    if (!S_ISREG(about.st_mode) || about.st_uid != ::geteuid())
        return failure(errc::bad_config, "the token store " + file_ + " is not a plain file of this user");
    if ((about.st_mode & others) != 0) {
        const bool narrowed = ::fchmod(fd.get(), 0600) == 0;
        out.warning = "others could read the token store " + file_ +
                      (narrowed ? ", now they cannot; log in again if somebody may have" : ", and still can");
    }
    file_text json;
    if (static_cast<std::size_t>(about.st_size) > largest_file)
        return failure(errc::bad_config, "the token store " + file_ + " is too large to be one");
    if (!read_all(fd.get(), json.text, static_cast<std::size_t>(about.st_size))) return failed("read");
    auto login = oauth::read_login(json.text, key_);
    if (!login) {
        return failure(errc::bad_config, "the token store " + file_ + " " + login.error().detail +
                                             "; remove it and log in again, or bring it back from a backup");
    }
    out.login = std::move(*login);
    return out;
}

boost::asio::awaitable<result<store_lock>> token_store::lock(time_point deadline,
                                                             std::shared_ptr<net::stops> ends) const {
    auto directory = open_directory(true);
    if (!directory) co_return std::move(directory).error();
    descriptor fd(
        ::openat(directory->get(), (name_ + ".lock").c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (fd.get() < 0) co_return failed("locked");
    const auto ex = co_await boost::asio::this_coro::executor;
    while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) co_return failed("locked");
        if (clock::now() >= deadline) {
            co_return failure(errc::timed_out, "another process kept the token store " + file_ +
                                                   " locked for all of the time there was; look whether it hangs");
        }
        const net::bell pause(ex);
        const net::stops::wait ended(ends, pause);
        const auto why = co_await net::wait_for_bell(pause, std::min(deadline, clock::now() + poll_every));
        if (why == net::wake::timed_out) continue;
        const auto [code, what] =
            why == net::wake::cancelled ? std::pair(errc::cancelled, "cancelled") : std::pair(errc::closed, "closed");
        co_return failure(code, std::string(what) + " while waiting for the lock of the token store");
    }
    co_return store_lock(std::move(fd), std::move(*directory));
}

result<void> token_store::write(const store_lock& held, const oauth::stored_login& login) const {
    file_text json;
    json.text = oauth::write_login(key_, login);
    const std::string temporary = name_ + ".tmp", lasting = name_ + ".json";
    const descriptor fd(::openat(held.directory(), temporary.c_str(),
                                 O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600));
    if (fd.get() < 0) return failed("written");
    // It may be left over from whoever was killed; its mode is not to be trusted.
    const bool done = ::fchmod(fd.get(), 0600) == 0 && write_all(fd.get(), json.text) && ::fsync(fd.get()) == 0 &&
                      ::renameat(held.directory(), temporary.c_str(), held.directory(), lasting.c_str()) == 0 &&
                      sync_directory(held.directory());
    if (!done) return failed("written");
    return {};
}

bool token_store::left_over() const { return ::access((directory_ + "/" + name_ + ".tmp").c_str(), F_OK) == 0; }

result<void> token_store::erase(const store_lock& held) const {
    // Whoever was killed while writing left the other one.
    for (const char* ending : {".json", ".tmp"}) {
        if (::unlinkat(held.directory(), (name_ + ending).c_str(), 0) != 0 && errno != ENOENT) return failed("removed");
    }
    if (!sync_directory(held.directory())) return failed("removed");
    return {};
}

}  // namespace dbxapps::login
