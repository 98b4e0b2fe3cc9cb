// The parser against the standard's rules followed to the letter, one byte and one line after another.
#include <apps/event_stream.hpp>

#include <support/events.hpp>

namespace dbxapps::apps {
namespace {

using namespace std::string_view_literals;

struct lines {
    std::vector<std::string> ended;
    std::string unfinished;
};

// A LF behind a CR ends nothing.
lines lines_of(std::string_view text) {
    lines out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\n' && i > 0 && text[i - 1] == '\r') continue;
        if (text[i] == '\n' || text[i] == '\r') {
            out.ended.push_back(std::exchange(out.unfinished, {}));
        } else {
            out.unfinished += text[i];
        }
    }
    return out;
}

// As in section 9.2.6, with its buffers: the data buffer has a LF behind each line.
class reference {
public:
    explicit reference(event_limits limits) : limits_(limits) {}

    std::string read(std::string_view text) {
        auto [ended, unfinished] = lines_of(text);
        for (std::size_t i = 0; i < ended.size(); ++i) {
            if (ended[i].size() > limits_.line) return too_long("a line", limits_.line);
            line(i == 0 ? without_mark(ended[i]) : ended[i]);
            const std::size_t size = data_.size() - (data_.empty() ? 0 : 1) + type_.size() + id_.size();
            if (began_ && size > limits_.event) return too_long("an event", limits_.event);
        }
        if (unfinished.size() > limits_.line) return too_long("a line", limits_.line);
        if (ended.empty()) unfinished = without_mark(unfinished);
        out_ += "id='" + last_id_ + "'";
        if (began_ || (!unfinished.empty() && unfinished[0] != ':')) out_ += " held";
        if (!retry_.empty()) out_ += " retry=" + retry_;
        return out_;
    }

private:
    static std::string without_mark(const std::string& s) { return s.starts_with("\xEF\xBB\xBF") ? s.substr(3) : s; }
    std::string too_long(const std::string& what, std::size_t limit) {
        return out_ + "failed: " + what + " of the event stream is longer than " + std::to_string(limit) + " bytes";
    }

    void line(const std::string& s) {
        if (s.empty()) return dispatch();
        const auto colon = s.find(':');
        if (colon == 0) return;
        if (colon == s.npos) return field(s, "");
        const auto value = s.substr(colon + 1);
        field(s.substr(0, colon), value.starts_with(' ') ? value.substr(1) : value);
    }

    void field(const std::string& name, const std::string& value) {
        const bool nul = value.find('\0') != value.npos;
        const bool digits = !value.empty() && value.find_first_not_of("0123456789") == value.npos;
        if (name == "event") type_ = value;
        if (name == "data") data_ += value + "\n";
        if (name == "id" && !nul) id_ = value;
        if (name == "retry" && digits) retry_ = std::to_string(static_cast<long>(std::min(std::stod(value), 86400e3)));
        if (name == "event" || name == "data" || (name == "id" && !nul)) began_ = true;
    }

    void dispatch() {
        last_id_ = id_;
        if (!data_.empty()) {
            data_.pop_back();
            out_ += (type_.empty() ? "message" : type_) + "|" + data_ + "|" + last_id_ + "; ";
        }
        data_.clear();
        type_.clear();
        began_ = false;
    }

    event_limits limits_;
    std::string data_, type_, id_, last_id_, retry_, out_;
    bool began_ = false;
};

constexpr std::string_view words[] = {
    "data", "data: ", "data:", "event: ", "event", "id: ", "id",   "retry: ", "retry:",       ":",  " ",
    "a",    "token",  "é",     "12",      "7",     "\0"sv, ": ",   "note",    "\xEF\xBB\xBF", "\n", "\n",
    "\n",   "\r",     "\r",    "\r\n",    "\r\n",  "\n\n", "\r\r", "\n\r",    "\r\n\r\n",
};

class stream_maker {
public:
    explicit stream_maker(unsigned seed) : random_(seed) {}
    std::mt19937& engine() { return random_; }
    std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }

    // Of words in any order, or of lines that mostly make sense.
    std::string text() {
        std::string out = below(8) == 0 ? "\xEF\xBB\xBF" : "";
        const bool wild = below(2) == 0;
        for (std::size_t n = below(40); n > 0; --n)
            out += wild ? std::string(words[below(std::size(words))]) : line();
        return out;
    }
    event_limits limits() {
        if (below(2) == 0) return {};
        return {.line = 1 + below(40), .event = 1 + below(60)};
    }

private:
    std::string line() {
        static constexpr std::string_view names[] = {"data", "data", "data", "event", "id", "retry", "", "other"};
        static constexpr std::string_view ends[] = {"\n", "\r", "\r\n"};
        std::string out;
        if (below(3) != 0) {
            out = names[below(std::size(names))];
            if (below(6) != 0) out += below(2) == 0 ? ":" : ": ";
            for (std::size_t n = below(4); n > 0; --n)
                out += below(20) == 0 ? std::string(1, '\0') : std::to_string(below(3000));
        }
        return out.append(ends[below(std::size(ends))]);
    }

    std::mt19937 random_;
};

TEST(event_stream_random, every_stream_is_read_as_the_standard_says_however_it_is_cut) {
    int with_events = 0, failed = 0, held = 0, waits = 0;
    stream_maker streams(20);
    for (int round = 0; round < 40000; ++round) {
        const std::string text = streams.text();
        const event_limits limits = streams.limits();
        const std::string expected = reference(limits).read(text);
        with_events += expected.find("; ") != expected.npos;
        failed += expected.find("failed: ") != expected.npos;
        held += expected.find(" held") != expected.npos;
        waits += expected.find(" retry=") != expected.npos;
        ASSERT_EQ(support::events_whole(text, limits), expected) << round << ": " << testing::PrintToString(text);
        for (const std::size_t largest : {1u, 3u, 40u}) {
            ASSERT_EQ(support::events_in_pieces(text, limits, streams.engine(), largest), expected)
                << round << ", pieces of up to " << largest << ": " << testing::PrintToString(text);
        }
    }
    for (const int times : {with_events, failed, held, waits})
        EXPECT_GT(times, 2000) << with_events << " " << failed << " " << held << " " << waits;
}

}  // namespace
}  // namespace dbxapps::apps
