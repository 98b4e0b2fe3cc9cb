#include <net/key_log.hpp>

#include <text/ascii.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

namespace dbxapps::net {
namespace {

void free_log(void*, void* log, CRYPTO_EX_DATA*, int, long, void*) { delete static_cast<key_log*>(log); }

int place() {
    static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, free_log);
    return index;
}

failure not_writable(const std::string& path, const char* why) {
    return {errc::bad_config, "tls.key_log_file '" + text::printable(path, 200) + "' cannot be written: " + why};
}

}  // namespace

// A pipe that nobody reads is not waited for, a link in a directory of everybody's is not followed, and a file that was
// there keeps no reader but its owner.
result<void> key_log::attach(SSL_CTX* context, const std::string& path) {
    const int fd =
        ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
    if (fd < 0) return not_writable(path, std::strerror(errno));
    auto log = std::make_unique<key_log>(fd);
    struct stat what {};
    if (::fstat(fd, &what) != 0 || !S_ISREG(what.st_mode)) return not_writable(path, "it is no regular file");
    if ((what.st_mode & 077) != 0 && ::fchmod(fd, 0600) != 0) return not_writable(path, std::strerror(errno));
    if (place() < 0 || SSL_CTX_set_ex_data(context, place(), log.get()) != 1) {
        return not_writable(path, "OpenSSL has no place for it");
    }
    log.release();
    SSL_CTX_set_keylog_callback(context, write);
    return {};
}

key_log::~key_log() { ::close(fd_); }

void key_log::write(const SSL* ssl, const char* line) noexcept {
    const auto* log = static_cast<key_log*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), place()));
    char end = '\n';
    const std::array<iovec, 2> parts{iovec{const_cast<char*>(line), std::strlen(line)}, iovec{&end, 1}};
    while (::writev(log->fd_, parts.data(), static_cast<int>(parts.size())) < 0 && errno == EINTR) {
    }
}

}  // namespace dbxapps::net
