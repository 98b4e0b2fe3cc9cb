#include <emulator/listener.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <cerrno>
#include <future>

namespace dbxapps::emulated {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);
constexpr auto pause_without_descriptors = std::chrono::milliseconds(20);

}  // namespace

listener::listener(asio::io_context& io, bool one_thread, side where, world& shared, const reserved_port& port)
    : io_(io), one_thread_(one_thread), side_(where), world_(shared), port_(port), executor_(new_executor()) {}

asio::any_io_executor listener::new_executor() {
    if (one_thread_) return io_.get_executor();
    return asio::make_strand(io_);
}

void listener::open() {
    const auto listen = [this] {
        if (acceptor_) return;
        descriptor fd = port_.listen();
        acceptor_ = std::make_shared<acceptor>(executor_);
        acceptor_->assign(tcp::v4(), fd.get());
        fd.release();
        asio::co_spawn(executor_, run(this, acceptor_), asio::detached);
    };
    asio::post(executor_, asio::use_future(listen)).get();
}

void listener::refuse() {
    const auto stop = [this] {
        boost::system::error_code ignored;
        if (acceptor_) acceptor_->close(ignored);
        acceptor_.reset();
    };
    asio::post(executor_, asio::use_future(stop)).get();
    drop_connections();
}

void listener::drop_connections() {
    const auto list = [this] { return std::exchange(sessions_, {}); };
    std::vector<std::future<void>> ends;
    for (const auto& known : asio::post(executor_, asio::use_future(list)).get()) {
        if (auto alive = known.lock())
            ends.push_back(asio::post(alive->executor(), asio::use_future([alive] { alive->abort(); })));
    }
    for (auto& end : ends)
        end.get();
}

asio::awaitable<void> listener::run(listener* self, std::shared_ptr<acceptor> from) {
    asio::steady_timer pause(self->executor_);
    for (;;) {
        const auto [ec] = co_await from->async_wait(tcp::acceptor::wait_read, use_tuple);
        if (ec || !from->is_open()) co_return;
        while (self->take_one(*from)) {
        }
        if (errno == EAGAIN) continue;
        pause.expires_after(pause_without_descriptors);
        (void)co_await pause.async_wait(use_tuple);
        if (!from->is_open()) co_return;
    }
}

// False when there is none for now, or no descriptor for it: errno tells.
bool listener::take_one(acceptor& from) {
    descriptor fd = accept_from(from.native_handle());
    if (fd.get() < 0) return errno == EINTR || errno == ECONNABORTED;
    ++(side_ == side::apps ? world_.counts.accepts : world_.counts.workspace_accepts);
    auto made = std::make_shared<session>(new_executor(), std::move(fd), side_, world_);
    remember(made);
    session::start(std::move(made));
    return true;
}

void listener::remember(const std::shared_ptr<session>& made) {
    if (sessions_.size() >= sweep_at_) {
        std::erase_if(sessions_, [](const auto& known) { return known.expired(); });
        sweep_at_ = std::max<std::size_t>(64, sessions_.size() * 2);
    }
    sessions_.push_back(made);
}

}  // namespace dbxapps::emulated
