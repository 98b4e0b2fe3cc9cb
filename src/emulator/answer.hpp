// An HTTP answer under construction, and the facts of the request that it answers. Pure text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace dbxapps::emulated {

struct request_head {
    std::string method;
    std::string target;
    std::string host;  // of the Host field: lower case, without port
    std::string authorization;
    std::string content_type;
    std::string fields;  // every field as "name: value\r\n", in order
    bool keep_alive = true;
    bool chunks_understood = true;  // HTTP/1.1
    bool expects_continue = false;

    void clear();  // keeps the memory
    std::string_view path() const noexcept { return std::string_view(target).substr(0, target.find('?')); }
    bool reads() const noexcept { return method == "GET" || method == "HEAD"; }
};

// Serialised by hand into one buffer, which is kept from answer to answer.
class answer {
public:
    // What is to follow `bytes`, written by whoever owns the connection.
    enum class rest {
        nothing,
        request_body,
        pattern,  // `length` bytes of filler()
        chunks,   // the same, chunked
    };

    void reset(bool without_body, bool then_close);
    // Fields that every answer begun from now on carries, each ended by CRLF.
    std::string& stamp() noexcept { return stamp_; }

    answer& start(int status);
    answer& field(std::string_view name, std::string_view value);
    answer& lines(std::string_view fields);
    void body(std::string_view content_type, std::string_view text);
    void empty();
    void echo(std::string_view content_type, std::string_view request_body);
    void filler(rest how, std::uint64_t length);
    void promise(std::string_view content_type, std::string_view whole, std::size_t sent);  // then stops short

    std::string bytes;
    rest then = rest::nothing;
    std::uint64_t length = 0;
    bool close = false;

private:
    void end_head(std::string_view content_type, std::uint64_t size);

    std::string stamp_;
    int status_ = 0;
    bool without_body_ = false;
};

// `size` bytes (64 KiB at most) of the endless a to z, from `offset` on.
std::string_view filler_text(std::uint64_t offset, std::size_t size) noexcept;
std::size_t chunk_size(std::uint64_t length) noexcept;  // three chunks or more for anything from three bytes
void append_chunk(std::string& out, std::string_view data);

}  // namespace dbxapps::emulated
