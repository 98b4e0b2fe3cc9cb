#include <net/redirect_listener.hpp>

#include <net/bell.hpp>
#include <net/localhost.hpp>
#include <net/socket_guard.hpp>
#include <oauth/pkce.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

namespace dbxapps::net {
namespace {

constexpr std::size_t most_visitors = 16;
constexpr std::size_t largest_head = 8192;
constexpr duration visit_within = std::chrono::seconds(10);
constexpr duration pause_without_descriptors = std::chrono::milliseconds(50);

// What the listener and its visitors share. Thread-safe.
class door {
public:
    door(loop l, const asio::any_io_executor& waiting, std::string expected, time_point end)
        : where(std::move(l)), state(std::move(expected)), until(end), answered(waiting) {}

    // False: there are too many, or the door is shut.
    bool enter(const std::shared_ptr<socket_guard>& guest) {
        std::lock_guard lock(mutex_);
        if (shut_ || guests_.size() >= most_visitors) return false;
        guests_.push_back(guest);
        return true;
    }
    void leave(const std::shared_ptr<socket_guard>& guest) {
        guest->forget();
        std::lock_guard lock(mutex_);
        std::erase(guests_, guest);
    }
    void settle(result<std::string> with) {
        std::unique_lock lock(mutex_);
        if (!outcome_) outcome_ = std::move(with);
        lock.unlock();
        answered.ring();
    }
    std::optional<result<std::string>> outcome() {
        std::lock_guard lock(mutex_);
        return std::move(outcome_);
    }
    bool is_shut() {
        std::lock_guard lock(mutex_);
        return shut_;
    }
    void shut() {
        std::lock_guard lock(mutex_);
        shut_ = true;
        for (socket_guard& each : listening)
            each.end(errc::closed);
        for (const auto& guest : guests_)
            guest->end(errc::closed);
    }

    const loop where;
    const std::string state;
    const time_point until;
    const bell answered;
    std::array<socket_guard, 2> listening;  // by address

private:
    std::mutex mutex_;
    bool shut_ = false;
    std::vector<std::shared_ptr<socket_guard>> guests_;
    std::optional<result<std::string>> outcome_;
};

std::string page(std::string_view status, std::string_view words) {
    const std::string body =
        "<!doctype html><html><head><meta charset=\"utf-8\"><title>dbxapps</title></head><body><p>" +
        std::string(words) + "</p></body></html>\n";
    return "HTTP/1.1 " + std::string(status) +
           "\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nContent-Security-Policy: default-src "
           "'none'\r\nConnection: close\r\n\r\n" +
           body;
}

struct verdict {
    std::string answer;
    std::optional<result<std::string>> outcome;  // nothing: the wait goes on
};

verdict judge(std::string_view head, std::string_view state) {
    verdict out;
    const std::string_view line = head.substr(0, head.find("\r\n"));
    const std::string_view target = line.substr(std::min<std::size_t>(4, line.size()));
    const std::string_view asked = target.substr(0, target.find(' '));
    if (!line.starts_with("GET /") || !target.substr(asked.size()).starts_with(" HTTP/1.")) {
        out.answer = page("400 Bad Request", "Only a browser that comes back from a login is answered here.");
        return out;
    }
    const std::string_view path = asked.substr(0, asked.find('?'));
    if (path != "/") {
        out.answer = page("404 Not Found", "There is nothing here.");
        return out;
    }
    auto code = oauth::read_redirect(asked.substr(std::min(path.size() + 1, asked.size())), state);
    if (!code && code.error().is(errc::bad_request)) {
        out.answer = page("400 Bad Request", "This is no answer to the login that is waited for here. Begin it again.");
        return out;
    }
    out.answer = code ? page("200 OK", "The program has its answer and goes on. You can close this window.")
                      : page("200 OK", "The login was refused. The program says more; you can close this window.");
    out.outcome = std::move(code);
    return out;
}

// Up to the empty line; false when it does not come, or too late, or is too far away.
asio::awaitable<bool> read_head(socket& from, std::string& head) {
    std::array<char, 2048> part;
    while (head.find("\r\n\r\n") == head.npos) {
        if (head.size() >= largest_head) co_return false;
        const ssize_t n = ::recv(from.descriptor(), part.data(), part.size(), 0);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) co_return false;
        if (n > 0) head.append(part.data(), static_cast<std::size_t>(n));
        if (n < 0 && errno == EAGAIN && co_await from.wait(poller::input, asio::use_awaitable) == 0) co_return false;
    }
    co_return true;
}

asio::awaitable<void> write(socket& to, std::string_view text) {
    while (!text.empty()) {
        const ssize_t n = ::send(to.descriptor(), text.data(), text.size(), MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN && errno != EINTR) co_return;
        if (n > 0) text.remove_prefix(static_cast<std::size_t>(n));
        if (n < 0 && errno == EAGAIN && co_await to.wait(poller::output, asio::use_awaitable) == 0) co_return;
    }
}

// A browser may open connections that it never uses, so each is served beside the others.
asio::awaitable<void> serve(std::shared_ptr<door> at, socket visitor) {
    const auto guard = std::make_shared<socket_guard>();
    guard->watch(visitor.descriptor());
    if (!at->enter(guard)) {
        guard->forget();
        co_return;
    }
    struct leaver {
        door& from;
        const std::shared_ptr<socket_guard>& guest;
        ~leaver() { from.leave(guest); }
    } leaver{*at, guard};
    const armed limit(at->where, *guard, std::min(at->until, clock::now() + visit_within));
    std::string head;
    const bool whole = co_await read_head(visitor, head);
    if (!whole && head.empty()) co_return;
    verdict said = judge(whole ? std::string_view(head) : std::string_view(), at->state);
    co_await write(visitor, said.answer);
    if (said.outcome) at->settle(std::move(*said.outcome));
}

asio::awaitable<void> accept_all(std::shared_ptr<door> at, std::size_t which, socket listening) {
    at->listening[which].watch(listening.descriptor());
    struct leaver {
        socket_guard& guard;
        ~leaver() { guard.forget(); }
    } leaver{at->listening[which]};
    const bell pause(at->where.executor());
    while (!at->is_shut()) {
        const int fd = ::accept4(listening.descriptor(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) {
            auto visitor = socket::adopt(fd, at->where);
            if (visitor) asio::co_spawn(at->where.executor(), serve(at, std::move(*visitor)), asio::detached);
        } else if (errno == EAGAIN) {
            (void)co_await listening.wait(poller::input, asio::use_awaitable);
        } else if (errno != EINTR && errno != ECONNABORTED && !at->is_shut()) {
            (void)co_await wait_for_bell(pause, clock::now() + pause_without_descriptors);
        }
    }
}

}  // namespace

result<redirect_listener> redirect_listener::open(const std::vector<std::uint16_t>& ports, loop where) {
    failure last(errc::connect_failed, "no port was named");
    for (const std::uint16_t port : ports) {
        auto listening = listen_on_localhost(port, where);
        if (listening) return redirect_listener(std::move(listening->sockets), listening->port, std::move(where));
        last = std::move(listening).error();
    }
    last.detail =
        "none of the ports of localhost that may take the answer to the login is free (the last: " + last.detail +
        "); end what uses them, or name others";
    return last;
}

asio::awaitable<result<std::string>> redirect_listener::wait(redirect_listener self, std::string state,
                                                             time_point deadline, std::shared_ptr<stops> ends) {
    const auto ex = co_await asio::this_coro::executor;
    const auto at = std::make_shared<door>(self.loop_, ex, std::move(state), deadline);
    struct closer {
        door& what;
        ~closer() { what.shut(); }
    } closer{*at};
    for (std::size_t i = 0; i < self.listening_.size(); ++i)
        asio::co_spawn(self.loop_.executor(), accept_all(at, i, std::move(self.listening_[i])), asio::detached);
    const stops::wait ended(std::move(ends), at->answered);
    const wake why = co_await wait_for_bell(at->answered, deadline);
    if (auto came = at->outcome()) co_return std::move(*came);
    if (why == wake::cancelled) co_return failure(errc::cancelled, "cancelled while waiting for the login");
    if (why == wake::rung) co_return failure(errc::closed, "closed while waiting for the login");
    co_return failure(errc::login_required, "nobody finished the login in the browser in time; log in again");
}

}  // namespace dbxapps::net
