// A completion handler for one wait, in a place of its own: no allocation. Called once, with what is ready. Moving one
// does not throw (Asio's requirement of handlers).
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <utility>

namespace dbxapps::net {

class wait_handler {
public:
    wait_handler() = default;
    wait_handler(wait_handler&& from) noexcept : how_(std::exchange(from.how_, nullptr)) {
        if (how_) how_->move(from.place_, place_);
    }
    wait_handler& operator=(wait_handler&& from) noexcept {
        if (this == &from) return *this;
        reset();
        how_ = std::exchange(from.how_, nullptr);
        if (how_) how_->move(from.place_, place_);
        return *this;
    }
    ~wait_handler() { reset(); }

    template <class Handler>
    void emplace(Handler h) {
        static_assert(sizeof(Handler) <= sizeof place_ && alignof(Handler) <= alignof(std::max_align_t));
        reset();
        ::new (static_cast<void*>(place_)) Handler(std::move(h));
        how_ = &operations_of<Handler>;
    }
    explicit operator bool() const noexcept { return how_ != nullptr; }

    // Is empty before the handler runs, so that it may wait again in the same place.
    void operator()(unsigned ready) && { std::exchange(how_, nullptr)->call(place_, ready); }

private:
    struct operations {
        void (*move)(std::byte* from, std::byte* to) noexcept;  // and destroys what it moved
        void (*call)(std::byte*, unsigned);                     // likewise
        void (*destroy)(std::byte*) noexcept;
    };
    template <class Handler>
    static Handler& in(std::byte* place) noexcept {
        return *std::launder(reinterpret_cast<Handler*>(place));
    }
    template <class Handler>
    static Handler take(std::byte* place) noexcept {
        Handler h(std::move(in<Handler>(place)));
        std::destroy_at(&in<Handler>(place));
        return h;
    }
    template <class Handler>
    static constexpr operations operations_of{
        [](std::byte* from, std::byte* to) noexcept { ::new (static_cast<void*>(to)) Handler(take<Handler>(from)); },
        [](std::byte* place, unsigned ready) { take<Handler>(place)(ready); },
        [](std::byte* place) noexcept { std::destroy_at(&in<Handler>(place)); }};

    void reset() noexcept {
        if (how_) std::exchange(how_, nullptr)->destroy(place_);
    }

    const operations* how_ = nullptr;
    alignas(std::max_align_t) std::byte place_[32];
};

}  // namespace dbxapps::net
