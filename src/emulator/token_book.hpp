// The access tokens that a workspace has given out, how long each lives, and whether it was revoked. Time is an
// argument. Safe to share between threads.
#pragma once

#include <dbxapps/time.hpp>

#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace dbxapps::emulated {

// What `expires_in` says of a life: whole seconds, a fraction ("1.5") when it is one below ten seconds, else rounded
// up.
std::string expires_in_text(std::chrono::milliseconds life);

struct token_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const noexcept { return std::hash<std::string_view>()(s); }
};

class token_book {
public:
    struct issued {
        std::string token;  // shaped like a JWT; its signature part begins with "emulatortoken"
        std::string expires_in;
    };

    token_book(std::string subject, std::size_t token_size, std::chrono::milliseconds life);

    void set_life(std::chrono::milliseconds);  // of tokens issued from now on
    issued issue(time_point now, std::chrono::system_clock::time_point wall);
    bool good(std::string_view token, time_point now) const;
    // An Authorization field. PATs, Basic, forged, expired and revoked tokens are all simply not in the book.
    bool accepts(std::string_view authorization, time_point now) const;
    void revoke_all();

private:
    void forget_expired(time_point now);

    const std::string subject_;
    const std::size_t size_;
    mutable std::mutex mutex_;
    std::chrono::milliseconds life_;
    std::unordered_map<std::string, time_point, token_hash, std::equal_to<>> ends_;
    std::size_t sweep_at_ = 1024;
};

}  // namespace dbxapps::emulated
