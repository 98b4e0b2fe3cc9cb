#include <core/deadline.hpp>
#include <net/name_cache.hpp>

#include <text/ascii.hpp>

#include <netdb.h>
#include <signal.h>
#include <sys/socket.h>

#include <cstring>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <unordered_map>

namespace dbxapps::net {
namespace {

constexpr duration failures_live = std::chrono::seconds(1);

struct entry {
    std::optional<result<addresses>> answer;
    time_point good_until{};
    bool looking = false;
    std::vector<std::shared_ptr<delivery<result<addresses>>>> waiting;
};

bool matches(std::string_view pattern, std::string_view host) {
    if (!pattern.starts_with("*.")) return text::same(pattern, host);
    const std::string_view suffix = pattern.substr(1);
    return host.size() > suffix.size() && text::same(host.substr(host.size() - suffix.size()), suffix);
}

failure no_address(const std::string& host, const std::string& words) {
    return {errc::resolve_failed, "the name " + host + " could not be looked up: " + words +
                                      "; check the spelling and DNS, and for an app that it exists and is running"};
}

// A user's signal handlers do not run on threads that the user does not know of.
void start_quietly(std::function<void()> work) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
        std::thread(std::move(work)).detach();
    } catch (...) {
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
        throw;
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace

struct name_cache::shared {
    std::mutex mutex;
    std::unordered_map<std::string, entry> names;
    duration live;
    lookup_function look_up;

    // What is known, or nothing: then the answer will be delivered.
    std::optional<result<addresses>> ask(const std::shared_ptr<shared>& self, const std::string& host,
                                         const std::shared_ptr<delivery<result<addresses>>>& to) {
        std::lock_guard lock(mutex);
        entry& e = names[host];
        if (!e.looking && e.answer && clock::now() < e.good_until) return e.answer;
        if (!e.looking) {
            try {
                start_quietly([self, host] { self->answered(host, self->look_up(host)); });
            } catch (const std::system_error& no_thread) {
                return no_address(host, no_thread.what());
            }
            e.looking = true;
        }
        e.waiting.push_back(to);
        return std::nullopt;
    }

    void answered(const std::string& host, result<addresses> answer) {
        decltype(entry::waiting) waiting;
        {
            std::lock_guard lock(mutex);
            entry& e = names[host];
            e.good_until = core::no_later_than(time_point::max(), clock::now(), answer ? live : failures_live);
            e.answer.emplace(answer);
            e.looking = false;
            waiting.swap(e.waiting);
        }
        for (const auto& d : waiting)
            d->deliver(answer);
    }
};

result<addresses> system_lookup(const std::string& host) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    const int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
    if (code != 0) return no_address(host, code == EAI_SYSTEM ? std::strerror(errno) : ::gai_strerror(code));
    addresses out;
    for (const addrinfo* a = list; a; a = a->ai_next) {
        if (a->ai_family == AF_INET) {
            const auto* in = reinterpret_cast<const sockaddr_in*>(a->ai_addr);
            out.push_back(asio::ip::address_v4(ntohl(in->sin_addr.s_addr)));
        } else if (a->ai_family == AF_INET6) {
            const auto* in = reinterpret_cast<const sockaddr_in6*>(a->ai_addr);
            asio::ip::address_v6::bytes_type bytes;
            std::memcpy(bytes.data(), &in->sin6_addr, bytes.size());
            out.push_back(asio::ip::address_v6(bytes, in->sin6_scope_id));
        }
    }
    ::freeaddrinfo(list);
    if (out.empty()) return no_address(host, "it has no IP address");
    return out;
}

name_cache::name_cache(std::vector<host_override> overrides, duration names_live, lookup_function look_up)
    : shared_(std::make_shared<shared>()), overrides_(std::move(overrides)) {
    shared_->live = names_live;
    shared_->look_up = std::move(look_up);
}

const host_override* name_cache::find(const std::string& host, std::uint16_t port) const {
    for (const auto& o : overrides_) {
        if ((o.port == 0 || o.port == port) && matches(o.host, host)) return &o;
    }
    return nullptr;
}

bool name_cache::overridden(const std::string& host, std::uint16_t port) const { return find(host, port) != nullptr; }

std::optional<result<addresses>> name_cache::known(const std::string& host, std::uint16_t port) const {
    boost::system::error_code ec;
    if (const auto* o = find(host, port)) {
        const auto a = asio::ip::make_address(o->address, ec);
        if (ec) return failure(errc::bad_config, "network.resolve: '" + o->address + "' is not an IP address");
        return addresses{a};
    }
    const auto literal = asio::ip::make_address(host, ec);
    return ec ? std::nullopt : std::optional<result<addresses>>(addresses{literal});
}

asio::awaitable<result<addresses>> name_cache::resolve(std::string host, std::uint16_t port, time_point deadline,
                                                       std::shared_ptr<stops> ends) {
    if (auto at_once = known(host, port)) co_return std::move(*at_once);
    const auto answer = std::make_shared<delivery<result<addresses>>>(co_await asio::this_coro::executor);
    if (auto known = shared_->ask(shared_, host, answer)) co_return std::move(*known);
    // From here on `this` may go.
    const stops::wait ended(std::move(ends), answer->bell());
    const wake why = co_await wait_for_bell(answer->bell(), deadline);
    if (auto came = answer->take()) co_return std::move(*came);
    if (why == wake::cancelled) co_return failure(errc::cancelled, "cancelled while looking up " + host);
    if (why == wake::rung) co_return failure(errc::closed, "closed while looking up " + host);
    co_return failure(errc::timed_out, "the look-up of " + host + " took too long; check DNS");
}

void name_cache::forget(const std::string& host) {
    std::lock_guard lock(shared_->mutex);
    const auto found = shared_->names.find(host);
    if (found != shared_->names.end() && !found->second.looking) shared_->names.erase(found);
}

}  // namespace dbxapps::net
