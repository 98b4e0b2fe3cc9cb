// The body of a streamed answer, as the caller is to see it: read from its connection and unpacked, piece by piece.
//
// Memory: one piece as it came, one unpacked, whatever the ratio of the two. One read at a time.
#pragma once

#include <net/answer_rest.hpp>
#include <text/inflate.hpp>

#include <dbxapps/request.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace dbxapps {

namespace asio = boost::asio;

class body_reader {
public:
    // The connection that the rest comes from; none: what came with the head is all.
    net::lease line;

    void start(const net::loop&, const core::reuse_limits&);  // to read from it
    void keep(request sent) { sent_ = std::move(sent); }      // the connection may be sending it still
    // From now on it unpacks, first of all what came with the head.
    void unpack(text::coding, std::string came);
    void reset();  // the answer is not wanted: another attempt follows

    // The next bytes, in exchange for memory; none: that was all. Or `why` not: then it is not to be read again. What
    // is passed by reference outlives the coroutine.
    static asio::awaitable<void> read(body_reader&, time_point deadline, std::string& piece,
                                      std::optional<failure>& why);

private:
    bool unpack_some(std::string& piece, std::optional<failure>& why);

    std::optional<request> sent_;  // what rest_ may be sending: it goes last
    std::optional<net::answer_rest> rest_;
    std::unique_ptr<text::inflater> unpacker_;
    std::string packed_;
    std::string_view left_;  // of it
    bool full_ = false;      // the unpacker had more than there was room for
};

}  // namespace dbxapps
