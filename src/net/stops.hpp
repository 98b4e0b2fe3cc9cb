// Bells that ring when somebody closes: the waits of one client, or of one dial, wherever they hang. Thread-safe.
#pragma once

#include <net/bell.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace dbxapps::net {

class stops {
public:
    // One wait, for as long as it lasts. May be made after stop(): then its bell rings at once.
    class wait {
    public:
        wait(std::shared_ptr<stops> of, const bell& b) : of_(std::move(of)) {
            if (of_) id_ = of_->add(b);
        }
        ~wait() {
            if (of_) of_->remove(id_);
        }
        wait(const wait&) = delete;
        wait& operator=(const wait&) = delete;

    private:
        std::shared_ptr<stops> of_;
        std::uint64_t id_ = 0;
    };

    void stop() noexcept {
        std::unordered_map<std::uint64_t, bell> ringing;
        {
            std::lock_guard lock(mutex_);
            stopped_ = true;
            ringing.swap(waiting_);
        }
        for (const auto& [id, b] : ringing)
            b.ring();
    }

    bool stopped() {
        std::lock_guard lock(mutex_);
        return stopped_;
    }

private:
    std::uint64_t add(const bell& b) {
        std::unique_lock lock(mutex_);
        if (!stopped_) {
            waiting_.emplace(++last_, b);
            return last_;
        }
        lock.unlock();
        b.ring();
        return 0;
    }
    void remove(std::uint64_t id) {
        std::lock_guard lock(mutex_);
        waiting_.erase(id);
    }

    std::mutex mutex_;
    bool stopped_ = false;
    std::uint64_t last_ = 0;
    std::unordered_map<std::uint64_t, bell> waiting_;
};

}  // namespace dbxapps::net
