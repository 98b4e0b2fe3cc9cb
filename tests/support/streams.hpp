// Streams opened and read to their end.
#pragma once

#include <support/workspace.hpp>

namespace dbxapps::test {

struct read_stream {
    std::optional<failure> why;  // it could not be opened, or not be read to its end
    int status = 0;
    std::string body;
    std::size_t largest = 0;  // of its pieces
};

inline awaitable<read_stream> read_to_end(client c, request r, bool keep = true) {
    read_stream out;
    auto opened = co_await c.open(std::move(r));
    if (!opened) {
        out.why = opened.error();
        co_return out;
    }
    out.status = opened->status();
    for (;;) {
        const auto piece = co_await opened->read_some();
        if (!piece) out.why = piece.error();
        if (!piece || piece->empty()) co_return out;
        out.largest = std::max(out.largest, piece->size());
        if (keep) out.body.append(*piece);
    }
}

// Run to its end on this context.
inline read_stream stream(asio::io_context& io, client c, request r) {
    read_stream out;
    out.why = failure(errc::closed, "the test's stream never ended");
    asio::co_spawn(
        io, [&, c, r]() -> awaitable<void> { out = co_await read_to_end(c, r); }, asio::detached);
    run_out(io);
    return out;
}

}  // namespace dbxapps::test
