// A libcurl multi handle driven by epoll, as its documentation advises for many connections.
//
// A descriptor that libcurl is done with for now stays registered, for it wants the same again at the next call: a
// steady call needs no epoll_ctl.
#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace bench {

class curl_multi {
public:
    // Hears of each transfer that has ended, when it is no longer part of the multi handle; it may add others.
    class listener {
    public:
        virtual void ended(CURL*, CURLcode) = 0;

    protected:
        ~listener() = default;
    };

    explicit curl_multi(long most_connections);
    ~curl_multi();
    curl_multi(const curl_multi&) = delete;
    curl_multi& operator=(const curl_multi&) = delete;

    // The callback that an easy handle needs to tell of descriptors that are closed.
    void watch(CURL*);
    void add(CURL*);
    // Until no transfer is left.
    void run(listener&);

private:
    struct interest {
        std::uint32_t registered = 0;  // with epoll
        std::uint32_t wanted = 0;      // by libcurl
    };
    static int want(CURL*, curl_socket_t, int what, void* self, void*);
    static int arm(CURLM*, long milliseconds, void* self);
    static int close_socket(void* self, curl_socket_t);
    interest& of(curl_socket_t);
    void update(curl_socket_t, interest&, std::uint32_t events);
    void tick();
    void act(curl_socket_t, std::uint32_t events);
    void collect(listener&);
    int timeout_ms() const;

    std::vector<interest> interests_;  // by descriptor
    std::int64_t due_ = -1;            // milliseconds of the steady clock; negative: no timer
    int epoll_ = -1;
    int running_ = 0;
    struct releaser {
        void operator()(CURLM* m) const noexcept { curl_multi_cleanup(m); }
    };
    std::unique_ptr<CURLM, releaser> multi_;  // goes first: it closes sockets through the callback
};

}  // namespace bench
