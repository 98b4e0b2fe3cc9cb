// One TLS connection to an emulated host: reads requests, decides who answers, writes answers, carries faults out.
//
// A session lives as long as its coroutine. Everything happens on its own executor; `abort` may only be called there.
#pragma once

#include <emulator/answer.hpp>
#include <emulator/loopback.hpp>
#include <emulator/request_reader.hpp>
#include <emulator/world.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <memory>
#include <optional>
#include <string>

namespace dbxapps::emulated {

enum class side { workspace, apps };

class session : public std::enable_shared_from_this<session> {
public:
    session(boost::asio::any_io_executor, descriptor, side, world&);

    static void start(std::shared_ptr<session>);
    boost::asio::any_io_executor executor() { return timer_.get_executor(); }
    void abort();  // RST

private:
    template <class T>
    using awaitable = boost::asio::awaitable<T>;

    enum class fate { as_usual, answered, over };  // of a request that a fault struck

    // The bool of a step: the connection goes on.
    static awaitable<void> run(std::shared_ptr<session>);
    awaitable<bool> handshake();
    awaitable<bool> read_request();
    awaitable<bool> more_input();
    awaitable<bool> reject(int status);
    awaitable<bool> answer_request();
    awaitable<fate> suffer(std::shared_ptr<const emulator_fault>);
    awaitable<bool> answer_with(const emulator_fault&);
    awaitable<void> stop_short(const emulator_fault&);
    awaitable<bool> sleep(std::chrono::milliseconds);
    awaitable<bool> send();
    awaitable<bool> send_filler();
    awaitable<bool> write(std::string_view);
    awaitable<void> read_on();
    awaitable<void> close();

    std::optional<emulator_place> place() const;
    void compose();
    void compose_workspace();
    void compose_door();
    void let_go_of_memory();

    const side side_;
    world& world_;
    boost::asio::ssl::stream<boost::asio::ip::tcp::socket> stream_;
    boost::asio::steady_timer timer_;
    boost::beast::flat_buffer in_;
    std::optional<request_reader> reader_;
    request_head head_;
    std::string body_;
    std::string request_id_;
    answer out_;
};

}  // namespace dbxapps::emulated
