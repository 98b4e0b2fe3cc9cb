#include <net/poller.hpp>
#include <net/system_failure.hpp>

#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>

namespace dbxapps::net {

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
    std::optional<asio::posix::stream_descriptor> closing;
    std::lock_guard lock(mutex_);
    gone_ = true;
    closing.swap(descriptor_);
    for (entry& e : entries_) {
        if (e.handler) waits.push_back(std::move(e.handler));
        e.wanted = 0;
    }
    return waits;
}

// Empty for the context at hand: the wait for the epoll is work enough for it, and its queue is known by type.
asio::any_io_executor poller::elsewhere(asio::any_io_executor ex) const {
    if (const auto* here = ex.target<asio::io_context::executor_type>(); here && home_ && *here == *home_) return {};
    return asio::prefer(std::move(ex), asio::execution::outstanding_work.tracked);
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

}  // namespace dbxapps::net
