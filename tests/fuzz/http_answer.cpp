// An answer of HTTP/1.1. The first line of the input says how it is cut, one digit per piece, and with an 'h' that it
// answers a HEAD; the rest is what comes from the server.
#include <net/answer_parser.hpp>

#include <fuzz/property.hpp>

#include <vector>

namespace dbxapps::fuzz {
namespace {

using state = net::answer_parser::state;
constexpr net::answer_limits limits{600, 300};

struct reading {
    state now = state::more, ended = state::more;
    int status = 0;
    bool keep_alive = false;
    std::string fields, body, words;
    bool operator==(const reading&) const = default;
};

void take(net::answer_parser& parser, reading& out) {
    response r = parser.take();
    out.status = r.status();
    for (std::size_t i = 0; i < r.header_count(); ++i) {
        const auto [name, value] = r.header_at(i);
        require(!name.empty() && is_printable(name) && value.find_first_of("\r\n") == value.npos &&
                    value.find('\0') == value.npos,
                "a field is one line", value);
        require(r.header(name).has_value(), "a field is found by its name", name);
        out.fields.append(name).append(":").append(value).append("|");
    }
    out.body += r.body();
}

// `in_parts`: the body is taken as it comes.
reading read(std::string_view bytes, std::string_view sizes, bool head, bool clean, bool in_parts) {
    net::answer_parser parser;
    parser.start(head, limits);
    reading out;
    for (std::size_t i = 0; !bytes.empty() && out.now == state::more; ++i) {
        const std::size_t size =
            sizes.empty() ? bytes.size() : static_cast<unsigned char>(sizes[i % sizes.size()]) % 10 + 1;
        const std::string copy(bytes.substr(0, size));  // of its own, so that a look beyond it is seen
        bytes.remove_prefix(copy.size());
        out.now = parser.feed(copy.data(), copy.size());
        std::string part;
        if (in_parts && parser.headed() && out.now != state::failed && parser.take_body(part)) out.body += part;
    }
    out.ended = out.now == state::more ? parser.end_of_stream(clean) : out.now;
    if (out.ended == state::failed) {
        out.words = parser.why().detail;
        require_words(parser.why(), 300);
        out.body.clear();
    } else if (out.ended == state::complete) {
        out.keep_alive = parser.keep_alive();
        take(parser, out);
    }
    require(out.ended != state::more, "at the end of the stream an answer is complete or not");
    return out;
}

void check(const reading& r, std::string_view bytes, bool head) {
    require(r.body.size() <= limits.body && r.fields.size() <= limits.head, "an answer keeps its limits");
    require(r.body.size() + r.fields.size() <= bytes.size() + 1, "nothing is made up");
    if (r.ended != state::complete) return;
    require(r.status >= 200 && r.status <= 999, "interim answers are passed over");
    require(!(head || r.status == 204 || r.status == 304) || r.body.empty(), "what has no body has none", r.body);
    require(r.now == state::complete || !r.keep_alive, "a connection that ended is not kept");
}

// Interim answers in front of it are passed over, but not without end.
void check_interim(std::string_view input, bool head) {
    const std::string interim = "HTTP/1.1 100 Continue\r\n\r\n";
    std::string many;
    for (int i = 0; i < 17; ++i)
        many += interim;
    require(read(many + std::string(input), {}, head, true, false).ended == state::failed, "interim answers end",
            input);
    const reading whole = read(input, {}, head, true, false),
                  behind = read(interim + std::string(input), {}, head, true, false);
    require(
        whole.ended != state::complete || behind == whole || holds(input, "HTTP/1.1 1") || holds(input, "HTTP/1.0 1"),
        "an interim answer changes nothing", input);
}

void run(std::string_view input) {
    const std::string_view sizes = take_line(input);
    const bool head = holds(sizes, "h");
    check_interim(input, head);
    for (const bool clean : {true, false}) {
        const reading whole = read(input, {}, head, clean, false);
        check(whole, input, head);
        require(read(input, sizes, head, clean, false) == whole, "it does not matter how an answer is cut", input);
        require(read(input, std::string_view("\0", 1), head, clean, false) == whole, "nor when byte by byte", input);
        // What is taken as it comes is not held, and may be more in all.
        const reading taken = read(input, sizes, head, clean, true);
        if (whole.ended == state::complete) require(taken == whole, "nor how its body is taken", input);
        if (!clean)
            require(whole.now == whole.ended || whole.ended == state::failed, "an unclean end ends nothing well");
    }
}

}  // namespace
}  // namespace dbxapps::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    dbxapps::fuzz::run(dbxapps::fuzz::text_of(data, size));
    return 0;
}
