// Writes the secrets of TLS connections to a file, in the format of NSS that Wireshark reads. For debugging only.
//
// The file is for its owner's eyes, and each line is one write to its end, from whatever thread. What cannot be written
// is lost.
#pragma once

#include <dbxapps/error.hpp>

#include <openssl/ssl.h>

#include <string>

namespace dbxapps::net {

class key_log {
public:
    // For all connections of this context, for as long as it lives. errc::bad_config: no such file can be written.
    static result<void> attach(SSL_CTX*, const std::string& path);

    explicit key_log(int fd) noexcept : fd_(fd) {}
    ~key_log();
    key_log(const key_log&) = delete;
    key_log& operator=(const key_log&) = delete;

private:
    static void write(const SSL*, const char* line) noexcept;

    int fd_;
};

}  // namespace dbxapps::net
