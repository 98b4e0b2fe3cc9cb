#include "curl_multi.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <system_error>

namespace bench {
namespace {

constexpr int most_events = 256, longest_wait_ms = 30'000;

std::int64_t now_ms() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

std::uint32_t events_of(int what) {
    switch (what) {
        case CURL_POLL_IN: return EPOLLIN;
        case CURL_POLL_OUT: return EPOLLOUT;
        case CURL_POLL_INOUT: return EPOLLIN | EPOLLOUT;
        default: return 0;
    }
}

}  // namespace

curl_multi::curl_multi(long most_connections) : epoll_(::epoll_create1(EPOLL_CLOEXEC)), multi_(curl_multi_init()) {
    if (epoll_ < 0 || !multi_) throw std::system_error(errno, std::system_category(), "curl_multi");
    curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, most_connections);
    curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, want);
    curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, arm);
    curl_multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, this);
}

curl_multi::~curl_multi() {
    multi_.reset();
    ::close(epoll_);
}

void curl_multi::watch(CURL* easy) {
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, this);
}

void curl_multi::add(CURL* easy) {
    const CURLMcode did = curl_multi_add_handle(multi_.get(), easy);
    if (did != CURLM_OK) throw std::runtime_error(curl_multi_strerror(did));
    running_ = std::max(running_, 1);  // libcurl counts it at its next step
}

curl_multi::interest& curl_multi::of(curl_socket_t s) {
    const auto n = static_cast<std::size_t>(s);
    if (n >= interests_.size()) interests_.resize(n + 1);
    return interests_[n];
}

void curl_multi::update(curl_socket_t s, interest& i, std::uint32_t events) {
    epoll_event e{};
    e.events = events;
    e.data.fd = s;
    ::epoll_ctl(epoll_, i.registered == 0 ? EPOLL_CTL_ADD : events == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD, s, &e);
    i.registered = events;
}

int curl_multi::want(CURL*, curl_socket_t s, int what, void* self, void*) {
    auto& me = *static_cast<curl_multi*>(self);
    interest& i = me.of(s);
    i.wanted = events_of(what);
    const bool only_reading_left = i.wanted == 0 && i.registered == EPOLLIN;
    if (i.wanted != i.registered && !only_reading_left) me.update(s, i, i.wanted);
    return 0;
}

int curl_multi::arm(CURLM*, long milliseconds, void* self) {
    static_cast<curl_multi*>(self)->due_ = milliseconds < 0 ? -1 : milliseconds == 0 ? 0 : now_ms() + milliseconds;
    return 0;
}

// Closing takes the descriptor from epoll, too.
int curl_multi::close_socket(void* self, curl_socket_t s) {
    static_cast<curl_multi*>(self)->of(s) = {};
    return ::close(s);
}

int curl_multi::timeout_ms() const {
    if (due_ <= 0) return due_ < 0 ? longest_wait_ms : 0;
    return static_cast<int>(std::clamp<std::int64_t>(due_ - now_ms(), 0, longest_wait_ms));
}

void curl_multi::tick() {
    if (due_ < 0 || (due_ > 0 && due_ > now_ms())) return;
    due_ = -1;
    curl_multi_socket_action(multi_.get(), CURL_SOCKET_TIMEOUT, 0, &running_);
}

void curl_multi::act(curl_socket_t s, std::uint32_t events) {
    interest& i = of(s);
    if (i.wanted == 0) {  // an idle connection was closed by the server: libcurl looks before it uses it again
        if (i.registered != 0) update(s, i, 0);
        return;
    }
    const int what = (events & EPOLLIN ? CURL_CSELECT_IN : 0) | (events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                     (events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
    curl_multi_socket_action(multi_.get(), s, what, &running_);
}

void curl_multi::collect(listener& l) {
    int left = 0;
    while (const CURLMsg* const message = curl_multi_info_read(multi_.get(), &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        CURL* const easy = message->easy_handle;
        const CURLcode result = message->data.result;
        curl_multi_remove_handle(multi_.get(), easy);
        l.ended(easy, result);
    }
}

void curl_multi::run(listener& l) {
    std::array<epoll_event, most_events> events;
    while (running_ > 0) {
        const int count = ::epoll_wait(epoll_, events.data(), most_events, timeout_ms());
        for (int n = 0; n < count; ++n) {
            const epoll_event& e = events[static_cast<std::size_t>(n)];
            act(e.data.fd, e.events);
        }
        tick();
        collect(l);
    }
}

}  // namespace bench
