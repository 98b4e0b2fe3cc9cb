// What a proxy answers to CONNECT (RFC 9110 section 9.3.6), from bytes as they come. Knows nothing of sockets.
//
// Interim answers are skipped. A consent has no body, whatever its fields say: what follows its head is the tunnel's.
// The body of a refusal is nobody's business.
#pragma once

#include <net/head_lines.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace dbxapps::net {

class connect_answer {
public:
    static constexpr std::size_t most = 16 * 1024;  // bytes of all heads together

    enum class state { more, complete, failed };
    state feed(std::string_view bytes);

    bool started() const noexcept { return size_ > 0; }
    // Once complete.
    int status() const noexcept { return status_; }
    bool consents() const noexcept { return status_ >= 200 && status_ < 300; }
    const std::string& words() const noexcept { return words_; }  // "407 Proxy Authentication Required"
    bool stray_bytes() const noexcept { return !held_.empty(); }  // something came behind the head
    // Once failed, to follow "its answer ".
    const std::string& why() const noexcept { return words_; }

private:
    state failed(std::string_view why);
    state read_head();

    std::string held_;
    head_lines lines_;
    std::size_t size_ = 0;
    int status_ = 0;
    std::string words_;
};

}  // namespace dbxapps::net
