// Downloads and uploads of any size whose bytes are looked at and forgotten: what is checked is all of them.
#pragma once

#include <integration/environment.hpp>

#include <boost/json.hpp>

#include <zlib.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace dbxapps::integration {

constexpr std::uint64_t mebibyte = 1 << 20, gibibyte = 1 << 30;

// What a stream gave.
struct seen {
    std::uint64_t bytes = 0, pieces = 0;
    bool as_sent = true;
    std::optional<failure> why;
};

// Compares with a to z over and over.
inline void look_at(std::string_view piece, seen& out) {
    static const std::string pattern = letters(mebibyte);
    ++out.pieces;
    while (!piece.empty()) {
        const auto now = piece.substr(0, pattern.size() - 26);
        if (pattern.compare(out.bytes % 26, now.size(), now) != 0) out.as_sent = false;
        out.bytes += now.size();
        piece.remove_prefix(now.size());
    }
}

inline awaitable<void> read_all(client c, request r, seen& out) {
    auto opened = co_await c.open(std::move(r));
    if (!opened) {
        out.why = opened.error();
        co_return;
    }
    for (;;) {
        const auto piece = co_await opened->read_some();
        if (!piece) out.why = piece.error();
        if (!piece || piece->empty()) co_return;
        look_at(*piece, out);
    }
}

inline seen download(asio::io_context& io, client c, std::string url) {
    seen out;
    asio::co_spawn(io, read_all(c, get(std::move(url)), out), asio::detached);
    run_out(io, 250s);
    EXPECT_FALSE(out.why) << out.why->detail;
    return out;
}

inline std::string bytes_path(std::uint64_t size) { return "/api/bytes/" + std::to_string(size); }

inline seen download(asio::io_context& io, client c, std::uint64_t size, front f = front::usual) {
    return download(io, std::move(c), servers().url(bytes_path(size), f));
}

// The answer to an upload, as JSON; null when there is none.
inline boost::json::value upload(asio::io_context& io, client c, request r) {
    result<response> out = failure(errc::closed, "the upload never ended");
    auto send = [&out](client with, request what) -> awaitable<void> { out = co_await with.try_send(std::move(what)); };
    asio::co_spawn(io, send(c, std::move(r)), asio::detached);
    run_out(io, 250s);
    EXPECT_TRUE(out) << out.error().detail;
    return out ? boost::json::parse(out->body()) : nullptr;
}

inline request put(std::shared_ptr<body_source> from, std::string url = servers().url("/api/upload")) {
    return request("PUT", std::move(url)).body(std::move(from), "application/octet-stream").within(250s);
}

// A file of zeros that takes no room on the disk.
inline std::string file_of(const folder& home, std::uint64_t size) {
    const auto file = home.path() / "upload";
    std::ofstream(file).flush();
    std::filesystem::resize_file(file, size);
    return file.string();
}

// Of `block` over and over.
inline std::string crc32_of(std::uint64_t size, std::string_view block) {
    uLong checksum = 0;
    for (std::uint64_t left = size; left > 0;) {
        const auto now = std::min<std::uint64_t>(left, block.size());
        checksum = ::crc32_z(checksum, reinterpret_cast<const Bytef*>(block.data()), now);
        left -= now;
    }
    char text[9];
    std::snprintf(text, sizeof text, "%08lx", checksum);
    return text;
}

inline std::string crc32_of_file(std::uint64_t size) { return crc32_of(size, std::string(mebibyte, '\0')); }

}  // namespace dbxapps::integration
