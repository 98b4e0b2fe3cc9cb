#include <text/inflate.hpp>

#include <text/ascii.hpp>

#include <zlib.h>

#include <algorithm>
#include <limits>

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

// RFC 1950 section 2.2: the method is 8, the window 32 KiB at most. Without that wrapping a first byte like this would
// be a stored block with rubbish in its padding (RFC 1951 section 3.2.4), which nobody writes.
bool begins_zlib(std::string_view in) {
    const unsigned first = in.empty() ? 0 : static_cast<unsigned char>(in[0]);
    return (first & 0x0f) == 8 && first >> 4 <= 7;
}

constexpr int most_members = 4096;  // of a whole body

}  // namespace

std::optional<coding> coding_of(std::string_view name) noexcept {
    name = trimmed(name);
    if (same(name, "gzip") || same(name, "x-gzip")) return coding::gzip;
    return same(name, "deflate") ? std::optional(coding::deflate) : std::nullopt;
}

struct inflater::zlib {
    explicit zlib(int window) : many(window == gzip_window) { good = ::inflateInit2(&z, window) == Z_OK; }
    ~zlib() { ::inflateEnd(&z); }
    zlib(const zlib&) = delete;
    zlib& operator=(const zlib&) = delete;

    z_stream z{};
    const bool many;  // further members may follow (RFC 1952 section 2.2)
    bool good;
};

inflater::inflater(coding c) noexcept : coding_(c) {}
inflater::~inflater() = default;

result<std::size_t> inflater::step(std::string_view& in, char* to, std::size_t room) {
    if (in.empty() && !zlib_) return std::size_t{0};
    if (!zlib_) {
        zlib_ = std::make_unique<zlib>(coding_ == coding::gzip ? gzip_window
                                       : begins_zlib(in)       ? zlib_window
                                                               : raw_window);
    }
    if (!zlib_->good) return failure(errc::bad_response, "zlib has no memory to unpack the answer");
    if (ended_) {
        if (in.empty() || !zlib_->many) return std::size_t{0};
        ::inflateReset(&zlib_->z);
        ended_ = false;
        ++members_;
    }
    return run(in, to, room);
}

result<std::size_t> inflater::run(std::string_view& in, char* to, std::size_t room) {
    constexpr std::size_t at_once = std::numeric_limits<uInt>::max();
    z_stream& z = zlib_->z;
    const std::size_t space = std::min(room, at_once), given = std::min(in.size(), at_once);
    z.next_out = reinterpret_cast<Bytef*>(to);
    z.avail_out = static_cast<uInt>(space);
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    z.avail_in = static_cast<uInt>(given);
    const int said = ::inflate(&z, Z_NO_FLUSH);
    in.remove_prefix(given - z.avail_in);
    ended_ = said == Z_STREAM_END;
    if (!ended_ && said != Z_OK && said != Z_BUF_ERROR) return damaged(z.msg ? z.msg : "no compressed data");
    return space - z.avail_out;
}

bool inflater::over(std::string_view rest) const noexcept { return ended_ && (rest.empty() || !zlib_->many); }

result<void> inflater::finish() const {
    if (zlib_ && !ended_) return damaged("it ends too soon");
    return {};
}

// Room for some more: twice as much each time, and one byte more than allowed, to see that it is too much.
result<std::string> inflate(std::string_view in, coding c, std::uint64_t most) {
    inflater unpacker(c);
    std::string out;
    const std::uint64_t enough = most < std::numeric_limits<std::uint64_t>::max() ? most + 1 : most;
    for (std::size_t used = 0;;) {
        if (used == out.size()) {
            const std::uint64_t twice = std::max<std::uint64_t>(4 * in.size() + 1024, 2 * out.size());
            out.resize(static_cast<std::size_t>(std::min(twice, enough)));
        }
        const auto made = unpacker.step(in, out.data() + used, out.size() - used);
        if (!made) return made.error();
        used += *made;
        if (used > most) return too_large(most);
        if (unpacker.members() > most_members) return damaged("it has too many parts");
        if (unpacker.over(in)) {
            out.resize(used);
            return out;
        }
        if (in.empty() && used < out.size()) return damaged("it ends too soon");
    }
}

}  // namespace dbxapps::text
