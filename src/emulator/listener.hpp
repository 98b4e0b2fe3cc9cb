// Accepts the connections of one side and remembers the open ones, so that they can be dropped together.
//
// `open`, `refuse` and `drop_connections` may be called from any thread but the emulator's own: they wait until it is
// done.
#pragma once

#include <emulator/loopback.hpp>
#include <emulator/session.hpp>
#include <emulator/world.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <vector>

namespace dbxapps::emulated {

class listener {
public:
    // One thread alone needs no strands.
    listener(boost::asio::io_context&, bool one_thread, side, world&, const reserved_port&);

    void open();  // does nothing while it is open; throws std::system_error
    void refuse();
    void drop_connections();

private:
    using acceptor = boost::asio::ip::tcp::acceptor;

    static boost::asio::awaitable<void> run(listener*, std::shared_ptr<acceptor>);
    boost::asio::any_io_executor new_executor();
    bool take_one(acceptor&);
    void remember(const std::shared_ptr<session>&);

    boost::asio::io_context& io_;
    const bool one_thread_;
    const side side_;
    world& world_;
    const reserved_port& port_;
    const boost::asio::any_io_executor executor_;  // of the members below
    std::shared_ptr<acceptor> acceptor_;
    std::vector<std::weak_ptr<session>> sessions_;
    std::size_t sweep_at_ = 64;
};

}  // namespace dbxapps::emulated
