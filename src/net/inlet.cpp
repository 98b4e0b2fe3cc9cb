#include <net/inlet.hpp>

#include <poll.h>
#include <string.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

namespace dbxapps::net {

constexpr std::size_t most_per_turn = 1u << 20;

bool inlet::open(descriptor fd) {
    boost::system::error_code wrong;
    in_.assign(fd.get(), wrong);
    if (wrong) return false;
    in_.native_non_blocking(true, wrong);
    fd.release();
    return !wrong;
}

void inlet::watch() {
    if (!in_.is_open() || !told_->exchange(false)) return;
    in_.async_wait(asio::posix::descriptor_base::wait_read, [told = told_, news = news_](boost::system::error_code) {
        *told = true;
        news.ring();
    });
}

bool inlet::read(std::string& into, std::size_t most, kept part_kept) {
    std::array<char, 16384> part;
    for (std::size_t turn = 0; in_.is_open() && turn < most_per_turn;) {
        const ssize_t n = ::read(in_.native_handle(), part.data(), part.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) break;
        if (n <= 0) {
            close();
            break;
        }
        turn += static_cast<std::size_t>(n);
        const std::string_view came(part.data(), static_cast<std::size_t>(n));
        into.append(part_kept == kept::last ? came : came.substr(0, most - into.size()));
        if (into.size() > most) into.erase(0, into.size() - most);
    }
    explicit_bzero(part.data(), part.size());
    return in_.is_open();
}

bool inlet::readable() {
    pollfd one{in_.native_handle(), POLLIN, 0};
    return !in_.is_open() || ::poll(&one, 1, 0) > 0;  // a signal is no news
}

void inlet::close() {
    boost::system::error_code ignored;
    in_.close(ignored);
}

}  // namespace dbxapps::net
