#include <text/inflate.hpp>

#include <text/ascii.hpp>

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <memory>

namespace dbxapps::text {
namespace {

constexpr int gzip_window = 15 + 16, zlib_window = 15, raw_window = -15;

failure damaged(std::string_view how) {
    return {errc::bad_response, "the body of the answer is not the compressed data that it is said to be (" +
                                    std::string(how) + "); ask for another coding, or look at what compresses it"};
}

failure too_large(std::uint64_t most) {
    return {errc::response_too_large, "the answer unpacks to more than " + std::to_string(most) +
                                          " bytes; raise client_options::max_body if that is expected"};
}

// What zlib needs to be told again and again, and given back.
class unpacker {
public:
    explicit unpacker(int window) { good_ = ::inflateInit2(&z_, window) == Z_OK; }
    ~unpacker() { ::inflateEnd(&z_); }
    unpacker(const unpacker&) = delete;
    unpacker& operator=(const unpacker&) = delete;

    result<void> run(std::string_view in, std::string& out, std::uint64_t most, bool many) {
        if (!good_) return failure(errc::bad_response, "zlib has no memory to unpack the answer");
        while (true) {
            const int said = step(in, out, most);
            if (out.size() > most) return too_large(most);
            if (said == Z_STREAM_END) {
                if (in.empty() || !many) return {};
                ::inflateReset(&z_);  // a further member (RFC 1952 section 2.2)
            } else if (said != Z_OK && said != Z_BUF_ERROR) {
                return damaged(z_.msg ? z_.msg : "no compressed data");
            } else if (in.empty()) {
                return damaged("it ends too soon");
            }
        }
    }

private:
    // Some of it. One byte more than allowed is room enough to see that it is too much.
    int step(std::string_view& in, std::string& out, std::uint64_t most) {
        constexpr std::uint64_t piece = 64 * 1024;
        constexpr std::size_t at_once = std::numeric_limits<uInt>::max();
        const std::size_t before = out.size();
        const std::uint64_t room = std::min<std::uint64_t>(std::max<std::uint64_t>(piece, before), most - before + 1);
        out.resize(before + static_cast<std::size_t>(std::min<std::uint64_t>(room, at_once)));
        z_.next_out = reinterpret_cast<Bytef*>(out.data() + before);
        z_.avail_out = static_cast<uInt>(out.size() - before);
        z_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
        z_.avail_in = static_cast<uInt>(std::min(in.size(), at_once));
        const std::size_t given = z_.avail_in;
        const int said = ::inflate(&z_, Z_NO_FLUSH);
        in.remove_prefix(given - z_.avail_in);
        out.resize(out.size() - z_.avail_out);
        return said;
    }

    z_stream z_{};
    bool good_ = false;
};

result<std::string> unpack(std::string_view in, int window, std::uint64_t most) {
    std::string out;
    unpacker u(window);
    if (auto done = u.run(in, out, most, window == gzip_window); !done) return std::move(done).error();
    return out;
}

// RFC 1950 section 2.2: the method is 8, and the two bytes are a multiple of 31.
bool has_zlib_header(std::string_view in) {
    if (in.size() < 2) return false;
    const unsigned first = static_cast<unsigned char>(in[0]), second = static_cast<unsigned char>(in[1]);
    return (first & 0x0f) == 8 && (first * 256 + second) % 31 == 0;
}

}  // namespace

std::optional<coding> coding_of(std::string_view name) noexcept {
    name = trimmed(name);
    if (same(name, "gzip") || same(name, "x-gzip")) return coding::gzip;
    return same(name, "deflate") ? std::optional(coding::deflate) : std::nullopt;
}

result<std::string> inflate(std::string_view encoded, coding c, std::uint64_t most) {
    if (c == coding::gzip) return unpack(encoded, gzip_window, most);
    return unpack(encoded, has_zlib_header(encoded) ? zlib_window : raw_window, most);
}

}  // namespace dbxapps::text
