// Which sockets are ready: an epoll of the context's own, in which each is registered once, edge-triggered (epoll(7)).
//
// Asio waits for that epoll as a whole, and only while somebody waits for a socket in it, so idle ones are no work.
// That saves what Asio pays for each wait: a receive in vain, or an epoll_ctl. A wait resumes through the queue of its
// own executor. What is ready stays so until a wait has told it. Thread-safe; one wait at a time for each socket.
// Cancellation: terminal.
#pragma once

#include <net/wait_handler.hpp>

#include <dbxapps/error.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace dbxapps::net {

namespace asio = boost::asio;

class poller : public std::enable_shared_from_this<poller> {
public:
    // What is ready: any of these, or none when the wait was cancelled.
    static constexpr unsigned input = 1;
    static constexpr unsigned output = 2;
    // These come along with input. The peer has ended, or there is an error: reads will tell, and never wait.
    static constexpr unsigned over = 4;
    static constexpr unsigned urgent = 8;  // a read stops at urgent data (tcp(7)), although there is more behind it

    // A registered socket.
    class entry {
        friend class poller;
        std::uint32_t index = 0;
        std::uint32_t registration = 0;  // tells it from those that had the place before
        std::uint32_t turn = 0;          // which wait of it
        int fd = -1;                     // as long as it is registered
        unsigned ready = 0;
        unsigned wanted = 0;
        unsigned told = 0;
        wait_handler handler;
        asio::any_io_executor elsewhere;  // where it resumes, unless that is the context at hand
        std::atomic<bool> place_taken{false};
        alignas(std::max_align_t) std::byte place[96];  // for what goes through the queue
    };

    poller() = default;
    poller(const poller&) = delete;
    poller& operator=(const poller&) = delete;

    // `ex` is of the context at hand, and plain. The owner closes the descriptor, after remove().
    result<entry*> add(int fd, const asio::any_io_executor& ex);
    void remove(entry&) noexcept;           // a wait of it is dropped
    void stir(entry&) noexcept;             // as if it were ready: its next wait only goes through the queue
    void forked();                          // in the child: its epoll is not to be the parent's
    std::vector<wait_handler> shut_down();  // the context is being destroyed; returns the waits, to be destroyed

    // `handler(ready)`, as soon as any of `what` is.
    template <class Handler>
    void wait(entry& e, unsigned what, Handler handler) {
        asio::any_io_executor ex = elsewhere(asio::get_associated_executor(handler, here_));
        auto slot = asio::get_associated_cancellation_slot(handler);
        std::unique_lock lock(mutex_);
        if (!descriptor_) return;  // the handler goes down with its context, and without the mutex
        e.handler.emplace(std::move(handler));
        e.elsewhere = std::move(ex);
        const std::uint32_t turn = ++e.turn;
        if (slot.is_connected()) {
            slot.assign([weak = weak_from_this(), &e, turn](asio::cancellation_type type) {
                if ((type & asio::cancellation_type::terminal) == asio::cancellation_type::none) return;
                if (const auto self = weak.lock()) self->cancel(e, turn);
            });
        }
        start(e, what, lock);
    }

private:
    // A wait that is over, on its way through the queue.
    struct due {
        entry* what;
        std::uint32_t turn;
    };
    class batch;
    template <class T>
    class in_place;

    bool open(const asio::any_io_executor&);
    bool enter(const entry&);
    asio::any_io_executor elsewhere(asio::any_io_executor) const;
    void start(entry&, unsigned what, std::unique_lock<std::mutex>&);
    void cancel(entry&, std::uint32_t turn);
    void end_wait(entry&) noexcept;
    void rest() noexcept;
    static bool tell(entry&) noexcept;
    void come(std::uint32_t watch);
    bool take(batch&, std::uint32_t watch);
    void watch();
    void post(const due&);
    void post(const due&, const asio::any_io_executor&);
    void run(const due&);

    std::mutex mutex_;
    std::optional<asio::posix::stream_descriptor> descriptor_;  // the epoll
    // Set once, before there are entries: of the context at hand.
    asio::any_io_executor here_;
    std::optional<asio::io_context::executor_type> home_;  // the same, by type
    bool gone_ = false;
    std::uint32_t watch_ = 0;  // which wait of Asio's
    bool watching_ = false;
    std::size_t waits_ = 0;
    std::deque<entry> entries_;  // each stays where it is
    std::vector<std::uint32_t> unused_;
};

}  // namespace dbxapps::net
