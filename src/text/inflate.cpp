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

// What zlib needs to be told again and again, and given back.
class unpacker {
public:
    unpacker(std::string_view in, int window, std::uint64_t most) : in_(in), most_(most) {
        good_ = ::inflateInit2(&z_, window) == Z_OK;
        many_ = window == gzip_window;
    }
    ~unpacker() { ::inflateEnd(&z_); }
    unpacker(const unpacker&) = delete;
    unpacker& operator=(const unpacker&) = delete;

    result<std::string> run() {
        if (!good_) return failure(errc::bad_response, "zlib has no memory to unpack the answer");
        for (int members = 1;;) {
            const int said = step();
            if (used_ > most_) return too_large(most_);
            if (said == Z_STREAM_END) {
                if (in_.empty() || !many_) break;
                if (++members > most_members) return damaged("it has too many parts");
                ::inflateReset(&z_);  // a further member (RFC 1952 section 2.2)
            } else if (said != Z_OK && said != Z_BUF_ERROR) {
                return damaged(z_.msg ? z_.msg : "no compressed data");
            } else if (in_.empty() && used_ < out_.size()) {
                return damaged("it ends too soon");
            }
        }
        out_.resize(used_);
        return std::move(out_);
    }

private:
    static constexpr int most_members = 4096;

    // Room for some more: twice as much each time, and one byte more than allowed, to see that it is too much.
    void grow() {
        const std::uint64_t twice = std::max<std::uint64_t>(4 * in_.size() + 1024, 2 * out_.size());
        const std::uint64_t enough = most_ < std::numeric_limits<std::uint64_t>::max() ? most_ + 1 : most_;
        out_.resize(static_cast<std::size_t>(std::min(twice, enough)));
    }
    int step() {
        constexpr std::size_t at_once = std::numeric_limits<uInt>::max();
        if (used_ == out_.size()) grow();
        const std::size_t room = std::min(out_.size() - used_, at_once), given = std::min(in_.size(), at_once);
        z_.next_out = reinterpret_cast<Bytef*>(out_.data() + used_);
        z_.avail_out = static_cast<uInt>(room);
        z_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in_.data()));
        z_.avail_in = static_cast<uInt>(given);
        const int said = ::inflate(&z_, Z_NO_FLUSH);
        in_.remove_prefix(given - z_.avail_in);
        used_ += room - z_.avail_out;
        return said;
    }

    std::string_view in_;
    const std::uint64_t most_;
    std::string out_;
    std::size_t used_ = 0;
    z_stream z_{};
    bool good_ = false;
    bool many_ = false;
};

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
    const int window = c == coding::gzip ? gzip_window : has_zlib_header(encoded) ? zlib_window : raw_window;
    return unpacker(encoded, window, most).run();
}

}  // namespace dbxapps::text
