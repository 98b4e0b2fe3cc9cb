#include <net/poller.hpp>
#include <net/system_failure.hpp>

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace dbxapps::net {
namespace {

// So many at a time: another thread may take the next ones meanwhile.
constexpr int most_events = 64;
// And so many turns in a row before Asio gets its own: timers and other people's sockets wait meanwhile.
constexpr int most_turns = 16;

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

// The waits that are over, by where they resume.
class poller::batch {
public:
    void add(entry& e) {
        const due d{&e, e.turn};
        if (e.elsewhere) {
            elsewhere_.emplace_back(d, e.elsewhere);
        } else {
            home_[size_++] = d;
        }
    }
    // A single one needs no queue: true, it has run. Several do: the first may take its time, and then other threads
    // have the rest.
    bool post(poller& p) {
        for (const auto& [d, ex] : elsewhere_)
            p.post(d, ex);
        if (size_ == 1) {
            p.run(home_[0]);
            return true;
        }
        for (std::size_t i = 0; i < size_; ++i)
            p.post(home_[i]);
        return false;
    }

private:
    std::array<due, most_events> home_;
    std::size_t size_ = 0;
    std::vector<std::pair<due, asio::any_io_executor>> elsewhere_;
};

bool poller::open(const asio::any_io_executor& ex) {
    if (descriptor_) return true;
    const int fd = ::epoll_create1(EPOLL_CLOEXEC);
    if (fd < 0) return false;
    here_ = ex;
    if (const auto* home = ex.target<asio::io_context::executor_type>()) home_ = *home;
    descriptor_.emplace(ex);
    boost::system::error_code wrong;
    descriptor_->assign(fd, wrong);
    if (!wrong) return true;
    ::close(fd);
    descriptor_.reset();
    errno = wrong.value();
    return false;
}

bool poller::enter(const entry& e) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.u64 = std::uint64_t{e.registration} << 32 | e.index;
    return ::epoll_ctl(descriptor_->native_handle(), EPOLL_CTL_ADD, e.fd, &event) == 0;
}

result<poller::entry*> poller::add(int fd, const asio::any_io_executor& ex) {
    std::lock_guard lock(mutex_);
    if (gone_) return failure(errc::closed, "the io_context is being destroyed");
    if (!open(ex)) return system_failure("no epoll");
    if (unused_.empty()) {
        unused_.reserve(entries_.size() + 1);  // so that remove() finds room
        const auto index = static_cast<std::uint32_t>(entries_.size());
        entries_.emplace_back().index = index;
        unused_.push_back(index);
    }
    entry& e = entries_[unused_.back()];
    e.fd = fd;
    if (!enter(e)) return system_failure("epoll_ctl");
    unused_.pop_back();
    return &e;
}

// Closing the descriptor takes it out of the epoll; what was reported before is of an older registration.
void poller::remove(entry& e) noexcept {
    wait_handler dropped;
    asio::any_io_executor elsewhere;
    std::lock_guard lock(mutex_);
    if (e.wanted != 0) end_wait(e);
    dropped = std::move(e.handler);
    elsewhere = std::move(e.elsewhere);
    ++e.registration;
    ++e.turn;
    e.fd = -1;
    e.ready = 0;
    unused_.push_back(e.index);
}

void poller::stir(entry& e) noexcept {
    std::lock_guard lock(mutex_);
    e.ready |= input | output;
}

// The child of a fork shares the parent's epoll, and each would take what is the other's.
void poller::forked() {
    std::lock_guard lock(mutex_);
    if (!descriptor_) return;
    descriptor_.reset();
    watching_ = false;
    if (!open(here_)) return;
    for (const entry& e : entries_) {
        if (e.fd >= 0) enter(e);
    }
    if (waits_ > 0) watch();
}

std::vector<wait_handler> poller::shut_down() {
    std::vector<wait_handler> waits;
    std::vector<asio::any_io_executor> elsewhere;  // not to outlive their contexts: whoever owns an entry may
    std::optional<asio::posix::stream_descriptor> closing;
    std::lock_guard lock(mutex_);
    gone_ = true;
    closing.swap(descriptor_);
    for (entry& e : entries_) {
        if (e.handler) waits.push_back(std::move(e.handler));
        if (e.elsewhere) elsewhere.push_back(std::exchange(e.elsewhere, {}));
        e.wanted = 0;
    }
    return waits;
}

// Empty for the context at hand: the wait for the epoll is work enough for it, and its queue is known by type.
asio::any_io_executor poller::elsewhere(asio::any_io_executor ex) const {
    if (const auto* here = ex.target<asio::io_context::executor_type>(); here && home_ && *here == *home_) return {};
    return asio::prefer(std::move(ex), asio::execution::outstanding_work.tracked);
}

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

void poller::start(entry& e, unsigned what, std::unique_lock<std::mutex>& lock) {
    e.wanted = what;
    if (!tell(e)) {
        if (!watching_) watch();
        ++waits_;
        return;
    }
    const due d{&e, e.turn};
    const asio::any_io_executor where = e.elsewhere;
    lock.unlock();
    where ? post(d, where) : post(d);
}

void poller::end_wait(entry& e) noexcept {
    e.wanted = 0;
    --waits_;
    rest();
}

// The last wait takes Asio's along, or run() would not return.
void poller::rest() noexcept {
    if (waits_ != 0 || !watching_ || !descriptor_) return;
    watching_ = false;
    boost::system::error_code ignored;
    descriptor_->cancel(ignored);
}

void poller::cancel(entry& e, std::uint32_t turn) {
    std::unique_lock lock(mutex_);
    if (e.turn != turn || e.wanted == 0) return;
    end_wait(e);
    e.told = 0;
    const due d{&e, turn};
    const asio::any_io_executor where = e.elsewhere;
    lock.unlock();
    where ? post(d, where) : post(d);
}

void poller::watch() {
    descriptor_->async_wait(asio::posix::stream_descriptor::wait_read,
                            [this, turn = ++watch_](boost::system::error_code ec) {
                                if (!ec) come(turn);
                            });
    watching_ = true;
}

// Asio says that something is ready: the epoll says what. While answers come one at a time, as they do from a server
// about as quick as this client, the epoll is asked again at once: the way through Asio's would be three system calls
// for each. It is one handler to Asio, which throws what several coroutines let escape meanwhile as one
// multiple_exceptions.
void poller::come(std::uint32_t turn) {
    for (int turns = 0; turns < most_turns; ++turns) {
        batch ended;
        const bool others_wait = take(ended, turn);
        if (!ended.post(*this) || !others_wait || home_->context().stopped()) return;
    }
}

// The waits that are over; true: there are others. Asio waits for those before anything runs, on behalf of other
// threads.
bool poller::take(batch& ended, std::uint32_t turn) {
    std::array<epoll_event, most_events> events;
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
        ended.add(e);
    }
    rest();
    if (waits_ > 0 && !watching_) watch();
    return waits_ > 0;
}

// Not as a continuation: what is told next on this thread may take its time, and other threads would not see this one.
void poller::post(const due& d) {
    asio::require(*home_, asio::execution::blocking.never, asio::execution::allocator(in_place<std::byte>(*d.what)))
        .execute([this, d] { run(d); });
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
