// Where a person's login is kept between runs and shared by processes: a file of its own for each login, in a directory
// of ours. File access blocks, but briefly; waiting for the lock does not.
//
// Readers need no lock: a write goes to another name first, and then takes the place of the file, so a reader, or a
// process that is killed at any time, meets the old login or the new one. The lock is flock(2) on a file that is never
// renamed nor removed. Distinct objects: safe. Shared objects: unsafe.
#pragma once

#include <net/stops.hpp>
#include <oauth/stored_login.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace dbxapps::login {

// A descriptor that is closed in the end.
class descriptor {
public:
    explicit descriptor(int fd = -1) noexcept : fd_(fd) {}
    ~descriptor();
    descriptor(descriptor&& from) noexcept : fd_(std::exchange(from.fd_, -1)) {}
    descriptor& operator=(descriptor&& from) noexcept {
        std::swap(fd_, from.fd_);
        return *this;
    }
    int get() const noexcept { return fd_; }

private:
    int fd_;
};

// While it lives, no other process, nor another store of this one, writes this login.
class store_lock {
public:
    store_lock() = default;
    store_lock(descriptor lock, descriptor directory) : lock_(std::move(lock)), directory_(std::move(directory)) {}
    int directory() const noexcept { return directory_.get(); }

private:
    descriptor lock_;
    descriptor directory_;
};

class token_store {
public:
    struct contents {
        std::optional<oauth::stored_login> login;  // nothing: there is none yet
        std::string warning;                       // what a person should know, or empty
    };

    token_store(std::string directory, oauth::login_key);

    const std::string& file() const noexcept { return file_; }  // the path, for words to a person

    // Narrows what others may read. All errors name the file, which stays as it is: errc::bad_config, or
    // token_unavailable for what may pass.
    result<contents> read() const;
    // Makes the directory. errc::timed_out at the deadline, cancelled, closed by `ends`, or bad_config. Cancellation:
    // terminal.
    boost::asio::awaitable<result<store_lock>> lock(time_point deadline,
                                                    std::shared_ptr<net::stops> ends = nullptr) const;
    result<void> write(const store_lock&, const oauth::stored_login&) const;
    result<void> erase(const store_lock&) const;
    bool left_over() const;  // by a writer that was killed, with tokens in it; erase() removes it

private:
    failure failed(const char* what) const;  // by errno
    result<descriptor> open_directory(bool make) const;

    std::string directory_;
    oauth::login_key key_;
    std::string name_;  // within the directory
    std::string file_;
};

}  // namespace dbxapps::login
