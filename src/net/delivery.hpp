// Something handed to one waiting coroutine, from any thread, or taken back when nobody waits any more.
//
// The receiver awaits bell(), then take()s, and abandon()s on every way out; the sender learns from deliver() whether
// it still has to care. A value delivered and never taken is destroyed by abandon(), so that RAII gives it back.
#pragma once

#include <net/bell.hpp>

#include <mutex>
#include <optional>
#include <utility>

namespace dbxapps::net {

template <class T>
class delivery {
public:
    explicit delivery(const asio::any_io_executor& receiver) : bell_(receiver) {}

    bool deliver(T value) {
        {
            std::lock_guard lock(mutex_);
            if (abandoned_) return false;
            value_.emplace(std::move(value));
        }
        bell_.ring();
        return true;
    }
    std::optional<T> take() {
        std::lock_guard lock(mutex_);
        return std::exchange(value_, std::nullopt);
    }
    void abandon() noexcept {
        std::optional<T> dropped;  // destroyed after unlocking: it may call back
        std::lock_guard lock(mutex_);
        abandoned_ = true;
        dropped.swap(value_);
    }
    const class bell& bell() const noexcept { return bell_; }

private:
    std::mutex mutex_;
    std::optional<T> value_;
    bool abandoned_ = false;
    class bell bell_;
};

}  // namespace dbxapps::net
