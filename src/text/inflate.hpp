// Undoes the content codings gzip and deflate (RFC 9110 section 8.4.1, RFC 1952, RFC 1950; also deflate without its
// zlib wrapping, as some servers send it) with zlib. Pure. Uses memory in proportion to what comes out, and never for
// more than is allowed.
#pragma once

#include <dbxapps/error.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace dbxapps::text {

enum class coding { gzip, deflate };
std::optional<coding> coding_of(std::string_view content_encoding) noexcept;  // one coding; else nothing

// Piece by piece, with no more memory than zlib's own 40 KiB. Not thread-safe.
class inflater {
public:
    explicit inflater(coding) noexcept;
    ~inflater();
    // Takes from `in` and writes as much as there is room for; how many bytes. Nothing, and `in` is used up or over():
    // that was all of it. errc::bad_response: damaged.
    result<std::size_t> step(std::string_view& in, char* to, std::size_t room);
    bool over(std::string_view rest) const noexcept;  // it is complete; what follows is none of it
    result<void> finish() const;                      // errc::bad_response: it has begun, and ends too soon
    int members() const noexcept { return members_; }

private:
    struct zlib;
    result<std::size_t> run(std::string_view& in, char* to, std::size_t room);

    const coding coding_;
    std::unique_ptr<zlib> zlib_;  // once the first byte is known
    bool ended_ = false;
    int members_ = 1;
};

// errc::response_too_large: more than `most` bytes; errc::bad_response: damaged, or not all of it.
result<std::string> inflate(std::string_view encoded, coding, std::uint64_t most);

}  // namespace dbxapps::text
