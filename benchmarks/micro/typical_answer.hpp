// An answer of an app as it comes from the wire: eight fields, and 256 bytes of JSON.
#pragma once

#include <net/answer_parser.hpp>

#include <string>
#include <string_view>

namespace dbxapps::bench {

inline std::string typical_answer() {
    const std::string before = R"({"status":"ok","items":[1,2,3,4,5,6,7,8],"text":")", after = R"("})";
    const std::string body = before + std::string(256 - before.size() - after.size(), 't') + after;
    return "HTTP/1.1 200 OK\r\n"
           "date: Mon, 03 Mar 2025 10:20:30 GMT\r\n"
           "server: databricks\r\n"
           "content-type: application/json\r\n"
           "content-length: 256\r\n"
           "x-request-id: 2b1f6a52-0c9e-4c0e-9a57-6d3f0e1b7c11\r\n"
           "gap-auth: 6f9619ff-8b86-d011-b42d-00c04fc964ff@example.com\r\n"
           "strict-transport-security: max-age=31536000; includeSubDomains; preload\r\n"
           "vary: Accept-Encoding\r\n"
           "\r\n" +
           body;
}

// False: it was not read to its end. `parser` may have read others before.
inline bool parse(net::answer_parser& parser, std::string_view text) {
    parser.start(false, {});
    return parser.feed(text.data(), text.size()) == net::answer_parser::state::complete;
}

}  // namespace dbxapps::bench
