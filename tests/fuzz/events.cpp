// Server-Sent Events. The first line of the input says how it is cut: one digit per piece, over and over; the rest is
// the stream.
#include <apps/event_stream.hpp>

#include <fuzz/property.hpp>

#include <vector>

namespace dbxapps::fuzz {
namespace {

constexpr event_limits limits{200, 500};

struct reading {
    std::vector<event> events;
    std::string problem, last_id;
    bool mid_event = false;
    std::optional<duration> retry;
    bool operator==(const reading&) const = default;
};

reading read(std::string_view stream, std::string_view sizes) {
    apps::event_stream parser(limits);
    reading out;
    for (std::size_t i = 0; !stream.empty(); ++i) {
        const std::size_t size =
            sizes.empty() ? stream.size() : static_cast<unsigned char>(sizes[i % sizes.size()]) % 10 + 1;
        const std::string copy(stream.substr(0, size));  // of its own, so that a look beyond it is seen
        stream.remove_prefix(copy.size());
        for (std::string_view piece = copy; !piece.empty();) {
            const std::size_t before = piece.size();
            auto event = parser.next(piece);
            if (event) out.events.push_back(*std::move(event));
            require(piece.size() < before, "a look at a piece takes some of it");
        }
    }
    out.problem = parser.problem();
    out.last_id = parser.last_event_id();
    if (!parser.failed()) out.mid_event = parser.mid_event();
    out.retry = parser.retry();
    return out;
}

void check(const reading& r, std::string_view stream) {
    std::size_t bytes = 0;
    for (const auto& e : r.events) {
        require(!e.type.empty(), "an event has a type");
        require(e.data.size() <= limits.event && e.id.size() <= limits.line, "an event keeps its limits");
        require(e.type.find_first_of("\r\n") == e.type.npos && e.id.find_first_of("\r\n") == e.id.npos &&
                    !holds(e.data, "\r"),
                "only data has lines", e.data);
        require(e.id.find('\0') == e.id.npos, "an id has no NUL", e.id);
        bytes += e.data.size();
    }
    require(bytes <= stream.size(), "nothing is made up");
    require(is_printable(r.problem) && r.problem.size() < 100, "a problem is told in words", r.problem);
    require(!r.retry || (*r.retry >= duration(0) && *r.retry <= std::chrono::hours(24)), "a pause is a day at most");
}

void run(std::string_view input) {
    const std::string_view sizes = take_line(input);
    const reading whole = read(input, {});
    check(whole, input);
    require(read(input, sizes) == whole, "it does not matter how a stream is cut", input);
    require(read(input, std::string_view("\0", 1)) == whole, "nor when its bytes come one by one", input);
    if (!whole.problem.empty() || input.starts_with("\xef\xbb\xbf")) return;
    // Another stream behind it is read as it would be alone, unless the end of the last line is what goes too far.
    const reading more = read(std::string(input) + "\n\n\n" + "data: last\n\n", {});
    if (more.problem.empty())
        require(more.events.size() > whole.events.size() && more.events.back().data == "last" && !more.mid_event,
                "a blank line ends whatever came before", input);
}

}  // namespace
}  // namespace dbxapps::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    dbxapps::fuzz::run(dbxapps::fuzz::text_of(data, size));
    return 0;
}
