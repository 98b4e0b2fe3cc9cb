#include <body_reader.hpp>

#include <utility>

namespace dbxapps {
namespace {

constexpr std::size_t unpacked_at_once = 64 * 1024;

}  // namespace

void body_reader::start(const net::loop& where, const core::reuse_limits& reuse) {
    if (line) rest_.emplace(std::exchange(line, net::lease()), where, reuse);
}

void body_reader::unpack(text::coding c, std::string came) {
    unpacker_ = std::make_unique<text::inflater>(c);
    packed_ = std::move(came);
    left_ = packed_;
}

void body_reader::reset() {
    rest_.reset();
    line = net::lease();
    unpacker_.reset();
    left_ = {};
    full_ = false;
}

// True: `piece` or `why` is news.
bool body_reader::unpack_some(std::string& piece, std::optional<failure>& why) {
    piece.resize(unpacked_at_once);
    std::size_t size = 0;
    while (size == 0 && !why && (!left_.empty() || full_)) {
        if (unpacker_->over(left_)) left_ = {};  // what follows is none of it
        const auto made = unpacker_->step(left_, piece.data(), piece.size());
        if (!made) why = made.error();
        size = made ? *made : 0;
        full_ = size == unpacked_at_once;
    }
    piece.resize(size);
    return why || size > 0;
}

asio::awaitable<void> body_reader::read(body_reader& self, time_point deadline, std::string& piece,
                                        std::optional<failure>& why) {
    if (!self.unpacker_) {
        piece.clear();
        if (self.rest_) co_await net::answer_rest::read(*self.rest_, deadline, piece, why);
        co_return;
    }
    while (!self.unpack_some(piece, why)) {
        if (!self.rest_ || self.rest_->over()) {
            if (const auto whole = self.unpacker_->finish(); !whole) why = whole.error();
            co_return;
        }
        co_await net::answer_rest::read(*self.rest_, deadline, self.packed_, why);
        if (why) co_return;
        self.left_ = self.packed_;
    }
}

}  // namespace dbxapps
