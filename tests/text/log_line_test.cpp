#include <dbxapps/attempt_event.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace dbxapps {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;

std::string path_shown(std::string_view path) {
    const std::string line = log_line({attempt_step::started, "GET", "https://a.example", path});
    const auto from = line.find(" path=") + 6;
    return line.substr(from, line.rfind(" attempt=") - from);
}

TEST(log_line, an_answer_reads_like_this) {
    attempt_event e(attempt_step::answered, "GET", "https://orders.example:443", "/api/orders?key=s3cret");
    e.attempt = 1;
    e.status = 200;
    e.took = 12345us;
    EXPECT_EQ(log_line(e),
              "event=answered method=GET origin=https://orders.example:443 path=/api/orders attempt=1 "
              "status=200 ms=12.3");
    e.trace = *parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    EXPECT_EQ(log_line(e.without_path()),
              "event=answered method=GET origin=https://orders.example:443 attempt=1 status=200 ms=12.3 "
              "trace_id=0af7651916cd43dd8448eb211c80319c span_id=b7ad6b7169203331");
}

TEST(log_line, the_other_steps_read_like_this) {
    attempt_event e(attempt_step::started, "POST", "https://a.example", "/");
    e.attempt = 2;
    EXPECT_EQ(log_line(e), "event=started method=POST origin=https://a.example path=/ attempt=2");
    e.step = attempt_step::failed;
    e.code = errc::connection_lost;
    e.took = 1s;
    EXPECT_EQ(log_line(e),
              "event=failed method=POST origin=https://a.example path=/ attempt=2 error=connection_lost ms=1000.0");
    e.step = attempt_step::will_repeat;
    e.reason = repeat_reason::retry;
    e.wait = 70ms;
    EXPECT_EQ(log_line(e),
              "event=will_repeat method=POST origin=https://a.example path=/ attempt=2 "
              "error=connection_lost reason=retry wait_ms=70.0 ms=1000.0");
}

TEST(log_line, no_text_can_forge_a_field_or_a_line) {
    const std::pair<std::string_view, std::string_view> rows[] = {
        {"/plain-._~!$&'()*+,;:@%20", "/plain-._~!$&'()*+,;:@%20"},
        {"/a b", R"("/a b")"},
        {"/a=b", R"("/a=b")"},
        {"/\" status=200", R"("/\" status=200")"},
        {"/\\\" status=200", R"("/\\\" status=200")"},
        {"/\r\nevent=finished", R"("/\x0d\x0aevent=finished")"},
        {"/\nevent=finished", R"("/\x0aevent=finished")"},
        {"/\t\x1b[31m\x7f", R"("/\x09\x1b[31m\x7f")"},
        {"/\0"sv, R"("/\x00")"},
        {"/\xc3\xa9\xe2\x80\xa8", R"("/\xc3\xa9\xe2\x80\xa8")"},  // U+2028 is an end of line to some
        {"/\xff", R"("/\xff")"},
    };
    for (const auto& [path, shown] : rows)
        EXPECT_EQ(path_shown(path), shown);
    EXPECT_EQ(log_line({attempt_step::started, "GET\nevent=finished", "", "/"}),
              R"(event=started method="GET\x0aevent=finished" origin="" path=/ attempt=0)");
}

TEST(log_line, what_is_too_long_is_cut_and_says_so) {
    EXPECT_EQ(path_shown(std::string(512, 'a')), std::string(512, 'a'));
    EXPECT_EQ(path_shown(std::string(513, 'a')), std::string(512, 'a') + "...");
    EXPECT_EQ(path_shown(std::string(513, ' ')), "\"" + std::string(512, ' ') + "...\"");
}

// How many fields a reader of logfmt sees; -1 when the line is not proper.
int fields_in(std::string_view line) {
    int fields = 0;
    for (std::size_t i = 0; i < line.size(); ++fields) {
        while (i < line.size() && (line[i] == '_' || (line[i] >= 'a' && line[i] <= 'z')))
            ++i;
        if (i >= line.size() || line[i++] != '=') return -1;
        if (i < line.size() && line[i] == '"') {
            for (++i; i < line.size() && line[i] != '"'; ++i)
                i += line[i] == '\\' ? 1 : 0;
            if (i++ >= line.size()) return -1;
        }
        while (i < line.size() && line[i] != ' ') {
            if (line[i] == '"' || line[i] == '=') return -1;
            ++i;
        }
        ++i;
    }
    return fields;
}

TEST(log_line, random_bytes_leave_it_one_short_printable_line_of_as_many_fields) {
    for (std::uint64_t seed = 0; seed < 2000; ++seed) {
        std::mt19937_64 random(seed);
        const auto text = [&] {
            constexpr std::string_view likely = "\r\n\"\\= ?#@a";
            std::string out(random() % 1500, ' ');
            for (char& c : out)
                c = random() % 2 == 0 ? likely[random() % likely.size()] : static_cast<char>(random());
            return out;
        };
        const std::string method = text(), origin = text(), target = text();
        attempt_event e(attempt_step::will_repeat, method, origin, target);
        e.attempt = 7;
        e.status = 503;
        e.code = errc::app_unavailable;
        e.reason = repeat_reason::retry;
        e.wait = e.took = duration::max();
        e.trace = new_trace(random(), random(), random(), true);
        const std::string line = log_line(e);
        ASSERT_LE(line.size(), longest_log_line) << seed;
        ASSERT_TRUE(std::all_of(line.begin(), line.end(), [](char c) { return c >= 0x20 && c <= 0x7e; })) << line;
        ASSERT_EQ(fields_in(line), 12) << line;
    }
}

}  // namespace
}  // namespace dbxapps
