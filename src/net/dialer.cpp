#include <core/dial_plan.hpp>
#include <net/clear_text.hpp>
#include <net/dialer.hpp>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

namespace dbxapps::net {
namespace {

using tcp = asio::ip::tcp;
using core::dial_action;

// What the connection attempts report, from whatever thread, to the one coroutine that waits for all of them.
struct arrivals {
    std::mutex mutex;
    std::vector<std::size_t> list;
    bell ring;

    explicit arrivals(bell b) : ring(std::move(b)) {}
    void add(std::size_t index) {
        {
            std::lock_guard lock(mutex);
            list.push_back(index);
        }
        ring.ring();
    }
    std::vector<std::size_t> take() {
        std::lock_guard lock(mutex);
        return std::exchange(list, {});
    }
};

core::dial_plan plan_for(const addresses& to) {
    std::vector<core::address_family> families;
    for (const auto& a : to)
        families.push_back(a.is_v6() ? core::address_family::v6 : core::address_family::v4);
    return core::dial_plan(families);
}

// The connect phase of one dial.
class race {
public:
    race(const origin& to, addresses candidates, const dial_tools& tools, bell b)
        : to_(to),
          candidates_(std::move(candidates)),
          where_(tools.where),
          plan_(plan_for(candidates_)),
          arrivals_(std::make_shared<arrivals>(std::move(b))),
          sockets_(candidates_.size()) {}

    void start(time_point now) {
        plan_.start(now, todo_);
        carry_out(now);
    }
    void tick(time_point now) {
        wake_ = time_point::max();
        plan_.tick(now, todo_);
        carry_out(now);
    }
    void collect(time_point now) {
        for (const std::size_t index : arrivals_->take()) {
            if (sockets_[index].descriptor() < 0) continue;  // given up meanwhile
            if (const error_code ec = sockets_[index].connected()) {
                blame(index, ec);
                plan_.failed(index, now, todo_);
            } else {
                plan_.connected(index, now, todo_);
            }
            carry_out(now);
        }
    }

    bool over() const { return winner_ || plan_.over(); }
    std::optional<socket> winner() {
        if (!winner_) return std::nullopt;
        return std::move(sockets_[*winner_]);
    }
    time_point wake() const { return wake_; }
    const std::string& blame() const { return blame_; }
    error_code last() const { return last_; }

private:
    void carry_out(time_point now) {
        // An attempt that cannot even start adds to the list while it is worked off.
        for (std::size_t i = 0; i < todo_.size(); ++i) {
            const dial_action a = todo_[i];
            switch (a.what) {
                case dial_action::kind::connect: connect(a.index, now); break;
                case dial_action::kind::wake: wake_ = a.at; break;
                case dial_action::kind::abandon: close(a.index); break;
                case dial_action::kind::succeed: winner_ = a.index; break;
                case dial_action::kind::fail: break;
            }
        }
        todo_.clear();
    }
    void connect(std::size_t index, time_point now) {
        const tcp::endpoint to(candidates_[index], to_.port);
        auto begun = socket::connect(to, where_);
        if (!begun) {
            blame(index, begun.error().cause);
            plan_.failed(index, now, todo_);
            return;
        }
        sockets_[index] = std::move(*begun);
        sockets_[index].wait(poller::output, [reports = arrivals_, index](unsigned) { reports->add(index); });
    }
    void close(std::size_t index) { sockets_[index] = socket(); }
    void blame(std::size_t index, error_code ec) {
        last_ = ec;
        blame_ += (blame_.empty() ? "" : "; ") + candidates_[index].to_string() + ": " + ec.message();
    }

    const origin& to_;
    addresses candidates_;
    loop where_;
    core::dial_plan plan_;
    core::dial_actions todo_;
    std::shared_ptr<arrivals> arrivals_;
    std::vector<socket> sockets_;  // empty: not begun, or given up
    std::optional<std::size_t> winner_;
    time_point wake_ = time_point::max();
    std::string blame_;
    error_code last_;
};

failure closed(const origin& to) { return {errc::closed, "the client was closed while dialling " + to.words()}; }

failure no_tls() { return {errc::tls_failed, "OpenSSL makes no connection: " + openssl_words()}; }

// Whatever the names say, plain http goes nowhere but to this machine, or to where its cloud tells it about itself.
bool allowed(const origin& to, const addresses& found) {
    return to.secure || std::all_of(found.begin(), found.end(),
                                    [&](const auto& a) { return may_go_in_the_clear(a, to.instance_metadata); });
}
failure not_allowed(const origin& to) {
    return {errc::host_not_allowed,
            to.instance_metadata
                ? "the name of the metadata service, " + to.host + ", leads to another address than its own"
                : "plain http goes to loopback addresses only, but " + to.host + " is elsewhere"};
}

asio::awaitable<result<socket>> connect(origin to, addresses candidates, dial_tools tools,
                                        std::shared_ptr<dial_stop> stop, time_point deadline) {
    race all(to, std::move(candidates), tools, stop->bell());
    all.start(clock::now());
    while (!all.over()) {
        const wake why = co_await wait_for_bell(stop->bell(), std::min(deadline, all.wake()));
        const time_point now = clock::now();
        if (stop->stopped() || why == wake::cancelled) co_return closed(to);
        all.collect(now);
        if (all.over()) break;
        if (why == wake::timed_out && now >= deadline) {
            co_return failure(errc::timed_out, "no connection to " + to.words() + " in time" +
                                                   (all.blame().empty() ? "" : " (" + all.blame() + ")") +
                                                   "; check the network, firewalls and proxies on the way");
        }
        if (now >= all.wake()) all.tick(now);
    }
    if (auto won = all.winner()) co_return std::move(*won);
    const bool own_limit = all.last().value() == EMFILE || all.last().value() == ENFILE;
    const char* advice = own_limit ? "; raise the limit of open files (ulimit -n), or lower max_connections"
                                   : "; check that the host is up and reachable";
    co_return failure(errc::connect_failed, "no connection to " + to.words() + ": " + all.blame() + advice, all.last());
}

// `to`, or a proxy.
asio::awaitable<result<socket>> reach(origin to, dial_tools tools, std::shared_ptr<dial_stop> stop,
                                      time_point deadline) {
    auto found = tools.names->known(to.host, to.port);
    if (!found) found = co_await tools.names->resolve(to.host, to.port, deadline, stop->look_up());
    if (!*found) co_return std::move(*found).error();
    if (stop->stopped()) co_return closed(to);
    if (!allowed(to, **found)) co_return not_allowed(to);
    auto socket = co_await connect(to, std::move(**found), tools, stop, deadline);
    if (!socket) tools.names->forget(to.host);
    co_return socket;
}

// What goes to an origin, and the TLS stream that it goes through, if any.
struct way {
    socket line;
    std::shared_ptr<tls_stream> outer;
};

const config::proxy* proxy_for(const origin& to, const dial_tools& tools) {
    if (!tools.by || !to.secure || tools.names->overridden(to.host, to.port)) return nullptr;
    return tools.by->rule.on_the_way_to(to.host, to.port);
}

// `by` belongs to the tools.
asio::awaitable<result<way>> reach_through(const config::proxy* by, origin to, dial_tools tools,
                                           std::shared_ptr<dial_stop> stop, time_point deadline) {
    const origin there{by->host, by->port, true, by->ip_literal};  // the rule for plain http is not for proxies
    auto socket = co_await reach(there, tools, stop, deadline);
    if (!socket) co_return proxy_failure(*by, to.words(), std::move(socket).error());
    ssl_ptr ssl = by->secure ? tools.tls->new_proxy_connection(by->host, by->ip_literal, *tools.by->sessions) : nullptr;
    if (by->secure && !ssl) co_return no_tls();
    const auto tunnel = std::make_shared<proxy_tunnel>(std::move(*socket), std::move(ssl), tools.where, *by,
                                                       to.authority(), tools.by->sessions);
    stop->watch(std::shared_ptr<socket_guard>(tunnel, &tunnel->guard()));
    auto opened = co_await tunnel->open(deadline);
    stop->watch(nullptr);
    if (!opened) co_return std::move(opened).error();
    way out;
    out.outer = tunnel->outer();
    out.line = tunnel->take_socket();
    co_return out;
}

}  // namespace

void dial_stop::stop() noexcept {
    std::shared_ptr<socket_guard> talking;
    {
        std::lock_guard lock(mutex_);
        stopped_ = true;
        talking = talking_;
    }
    if (talking) talking->end(errc::closed);
    look_up_->stop();
    bell_.ring();
}

bool dial_stop::stopped() const noexcept {
    std::lock_guard lock(mutex_);
    return stopped_;
}

void dial_stop::watch(std::shared_ptr<socket_guard> g) {
    std::lock_guard lock(mutex_);
    talking_ = std::move(g);
    if (stopped_ && talking_) talking_->end(errc::closed);
}

asio::awaitable<result<std::shared_ptr<connection>>> dial(origin to, dial_tools tools, std::shared_ptr<dial_stop> stop,
                                                          time_point deadline) {
    const config::proxy* const by = proxy_for(to, tools);
    way found;
    if (by) {
        auto through = co_await reach_through(by, to, tools, stop, deadline);
        if (!through) co_return std::move(through).error();
        found = std::move(*through);
    } else {
        auto socket = co_await reach(to, tools, stop, deadline);
        if (!socket) co_return std::move(socket).error();
        found.line = std::move(*socket);
    }
    ssl_ptr ssl = to.secure ? tools.tls->new_connection(to.host, to.ip_literal, *tools.sessions) : nullptr;
    if (to.secure && !ssl) co_return no_tls();
    const std::string peer = to.words() + (by ? " (through the proxy " + by->words() + ")" : "");
    auto made = std::make_shared<connection>(std::move(found.line), std::move(ssl), tools.where, peer, tools.sessions,
                                             std::move(found.outer));
    stop->watch(std::shared_ptr<socket_guard>(made, &made->guard()));
    auto shaken = co_await made->handshake(deadline);
    stop->watch(nullptr);
    if (!shaken) co_return std::move(shaken).error();
    co_return made;
}

}  // namespace dbxapps::net
