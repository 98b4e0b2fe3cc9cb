// The turns of a poller: what its epoll reports is taken, and the waits that are over are told.
#include <net/poller.hpp>

#include <sys/epoll.h>

#include <array>

namespace dbxapps::net {
namespace {

// So many at a time: another thread may take the next ones meanwhile.
constexpr int most_events = 64;
// And so many turns in a row, or waits told, before Asio gets its own: timers and other people's sockets wait
// meanwhile.
constexpr int most_turns = 16;
constexpr std::size_t most_told = 64;

unsigned bits_of(std::uint32_t events) noexcept {
    unsigned bits = 0;
    if (events & (EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) bits |= poller::input;
    if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) bits |= poller::output;
    if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) bits |= poller::over;
    if (events & EPOLLPRI) bits |= poller::urgent;
    return bits;
}

}  // namespace

// Memory for what goes through the queue: the entry's own, as long as one thing of it is there.
template <class T>
class poller::in_place {
public:
    using value_type = T;
    explicit in_place(entry& e) noexcept : entry_(&e) {}
    template <class U>
    in_place(const in_place<U>& other) noexcept : entry_(other.entry_) {}  // NOLINT: an allocator converts

    T* allocate(std::size_t n) {
        static_assert(alignof(T) <= alignof(std::max_align_t));
        if (n * sizeof(T) <= sizeof entry_->place && !entry_->place_taken.exchange(true)) {
            return reinterpret_cast<T*>(entry_->place);
        }
        return std::allocator<T>().allocate(n);
    }
    void deallocate(T* p, std::size_t n) noexcept {
        if (reinterpret_cast<std::byte*>(p) == entry_->place) {
            entry_->place_taken = false;
        } else {
            std::allocator<T>().deallocate(p, n);
        }
    }
    template <class U>
    bool operator==(const in_place<U>& other) const noexcept {
        return entry_ == other.entry_;
    }

private:
    template <class U>
    friend class in_place;
    entry* entry_;
};

// True: the wait is over. The end is input for ever.
bool poller::tell(entry& e) noexcept {
    if ((e.ready & over) != 0) e.ready |= input;
    const unsigned now = e.ready & e.wanted;
    if (now == 0) return false;
    e.told = now | ((now & input) != 0 ? e.ready & (over | urgent) : 0);
    e.ready &= ~now;
    e.wanted = 0;
    return true;
}

// Asio says that something is ready: the epoll says what. While more comes, as it does from a server about as quick as
// this client, the epoll is asked again at once: the way through Asio's would be three system calls each time.
void poller::come(std::uint32_t turn) {
    std::size_t told = 0;
    for (int turns = 0; turns < most_turns && told < most_told; ++turns) {
        const bool others_wait = take(turn);
        const std::size_t now = work();
        if (now == 0 || !others_wait || home_->context().stopped()) return;
        told += now;
    }
}

// Takes the waits that are over; true: there are others. Asio waits for those before anything runs, on behalf of other
// threads.
bool poller::take(std::uint32_t turn) {
    std::array<epoll_event, most_events> events;
    std::vector<std::pair<due, asio::any_io_executor>> away;
    std::unique_lock lock(mutex_);
    if (!descriptor_) return false;
    const int epoll = descriptor_->native_handle();
    lock.unlock();
    const int found = ::epoll_wait(epoll, events.data(), most_events, 0);
    lock.lock();
    if (turn == watch_) watching_ = false;
    for (int i = 0; i < found; ++i) {
        const epoll_event event = events[static_cast<std::size_t>(i)];
        entry& e = entries_[static_cast<std::uint32_t>(event.data.u64)];
        if (e.registration != static_cast<std::uint32_t>(event.data.u64 >> 32)) continue;
        e.ready |= bits_of(event.events);
        if (!tell(e)) continue;
        --waits_;
        if (e.elsewhere) {
            away.emplace_back(due{&e, e.turn}, e.elsewhere);
        } else {
            over_.add(e);
        }
    }
    rest();
    const bool others_wait = waits_ > 0;
    if (others_wait && !watching_) watch();
    lock.unlock();
    for (const auto& [d, ex] : away)
        post(d, ex);
    return others_wait;
}

// Tells the waits that are over, one after the other. Any of them may take its time, so whoever takes one while there
// are more sees to it that another thread, if there is one, can go on with those. Returns how many it has told.
std::size_t poller::work() {
    std::size_t told = 0;
    bool more = true;
    do {
        std::unique_lock lock(mutex_);
        entry* const e = over_.take();
        more = !over_.empty();
        if (more && !helped_) call_help();
        if (!e || e->over_turn != e->turn || !e->handler) continue;  // given up meanwhile
        wait_handler handler = std::move(e->handler);
        const unsigned ready = e->told;
        lock.unlock();
        std::move(handler)(ready);
        ++told;
    } while (more && !home_->context().stopped());
    return told;
}

void poller::call_help() {
    asio::require(*home_, asio::execution::blocking.never).execute([this] {
        {
            std::lock_guard lock(mutex_);
            helped_ = false;
        }
        work();
    });
    helped_ = true;
}

// The same entry may be there from a wait given up: it keeps its place.
void poller::line::add(entry& e) noexcept {
    e.over_turn = e.turn;
    if (std::exchange(e.queued, true)) return;
    e.next = nullptr;
    (first_ ? last_->next : first_) = &e;
    last_ = &e;
}

poller::entry* poller::line::take() noexcept {
    entry* const e = first_;
    if (!e) return nullptr;
    first_ = e->next;
    e->queued = false;
    return e;
}

void poller::post(const due& d) {
    const auto queue = asio::require(*home_, asio::execution::blocking.never,
                                     asio::execution::allocator(in_place<std::byte>(*d.what)));
    asio::prefer(queue, asio::execution::relationship.continuation).execute([this, d] { run(d); });
}

void poller::post(const due& d, const asio::any_io_executor& where) {
    asio::require(where, asio::execution::blocking.never).execute([self = shared_from_this(), d] { self->run(d); });
}

void poller::run(const due& d) {
    entry& e = *d.what;
    std::unique_lock lock(mutex_);
    if (e.turn != d.turn || !e.handler) return;
    wait_handler handler = std::move(e.handler);
    const asio::any_io_executor counted = std::move(e.elsewhere);
    const unsigned ready = e.told;
    lock.unlock();
    std::move(handler)(ready);
}

}  // namespace dbxapps::net
