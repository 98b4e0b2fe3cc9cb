#include <text/url.hpp>

#include <gtest/gtest.h>

#include <random>

namespace dbxapps::text {
namespace {

using namespace std::string_view_literals;

// As "https|http host port target", so that a table stays readable.
std::string taken_apart(std::string_view text) {
    const auto u = parse_url(text);
    if (!u) return "refused";
    return (u->secure ? "https " : "http ") + u->host + " " + std::to_string(u->port) + " " + u->target;
}

std::string why_not(std::string_view text) {
    const auto u = parse_url(text);
    if (u) return "accepted";
    EXPECT_TRUE(u.error().is(errc::bad_request)) << text;
    return u.error().detail;
}

constexpr std::pair<std::string_view, std::string_view> proper[] = {
    {"https://a.example/x/y?z=1", "https a.example 443 /x/y?z=1"},
    {"https://a.example", "https a.example 443 /"},
    {"https://a.example/", "https a.example 443 /"},
    {"https://a.example?q=1", "https a.example 443 /?q=1"},
    {"https://a.example?", "https a.example 443 /?"},
    {"https://a.example?a/b", "https a.example 443 /?a/b"},
    {"https://a.example#frag", "https a.example 443 /"},
    {"https://a.example/p#f?q=1", "https a.example 443 /p"},
    {"https://a.example/p?q#f#g", "https a.example 443 /p?q"},
    {"https://a.example#@b.example/", "https a.example 443 /"},
    {"https://a.example//b.example/", "https a.example 443 //b.example/"},
    {"https://a.example/../x", "https a.example 443 /../x"},
    {"https://a.example/@b.example", "https a.example 443 /@b.example"},
    {"https://a.example?x=u@b.example", "https a.example 443 /?x=u@b.example"},
    {"https://a.example/?u=https://b.example/", "https a.example 443 /?u=https://b.example/"},
    {"https://a.example/%2F%00%0d%0a", "https a.example 443 /%2F%00%0d%0a"},
    {"HTTPS://A.EXAMPLE/Path", "https a.example 443 /Path"},
    {"hTTp://A.example", "http a.example 80 /"},
    {"https://a.example:443/", "https a.example 443 /"},
    {"https://a.example:80/", "https a.example 80 /"},
    {"http://a.example:443/", "http a.example 443 /"},
    {"https://a.example:1", "https a.example 1 /"},
    {"https://a.example:65535?x", "https a.example 65535 /?x"},
    {"https://a.example:00443/", "https a.example 443 /"},
    {"https://localhost", "https localhost 443 /"},
    {"https://my_app.a-b.example", "https my_app.a-b.example 443 /"},
    {"https://xn--bcher-kva.example", "https xn--bcher-kva.example 443 /"},
    {"https://1a.2b.3c", "https 1a.2b.3c 443 /"},
    {"https://127.0.0.1:8443/x", "https 127.0.0.1 8443 /x"},
    {"https://[::1]/x", "https ::1 443 /x"},
    {"https://[2001:DB8::A]:8443?x", "https 2001:db8::a 8443 /?x"},
    {"https://[::ffff:127.0.0.1]", "https ::ffff:127.0.0.1 443 /"},
};

TEST(url, proper_ones_are_taken_apart) {
    for (const auto& [text, parts] : proper)
        EXPECT_EQ(taken_apart(text), parts) << text;
}

TEST(url, what_does_not_begin_with_a_scheme_of_ours_is_refused) {
    for (const auto text : {""sv, "https"sv, "https:"sv, "https:/"sv, "https:/a.example"sv, "https:a.example"sv,
                            "//a.example"sv, "a.example"sv, "a.example/x"sv, "/x"sv, "://a.example"sv,
                            "ftp://a.example"sv, "file:///etc/passwd"sv, "httpss://a.example"sv, "xhttps://a.example"sv,
                            "ws://a.example"sv, "javascript:https://a.example"sv, "a.example?u=https://b.example"sv}) {
        EXPECT_NE(why_not(text).find("does not begin with https://"), std::string::npos) << text;
    }
}

TEST(url, what_stands_for_the_host_has_to_be_a_name_or_a_usual_address) {
    const std::string label(64, 'a');
    for (const std::string_view host : {"",
                                        ".",
                                        "..",
                                        "a..example",
                                        ".a.example",
                                        "a.example.",
                                        "a.example..",
                                        "-a.example",
                                        "a-.example",
                                        "a.-example",
                                        "a%2eexample",
                                        "%61.example",
                                        "a.example%00",
                                        "a,b",
                                        "a;b",
                                        "a!b",
                                        "*.example",
                                        "a'b",
                                        "a\"b",
                                        "a<b",
                                        "a|b",
                                        "a{b}",
                                        "$(a)",
                                        "a=b",
                                        "a&b",
                                        "a+b",
                                        "a~b",
                                        "127.1",
                                        "127.0.1",
                                        "2130706433",
                                        "0x7f.1",
                                        "0x7f000001",
                                        "0X7F.0.0.1",
                                        "0177.0.0.1",
                                        "017700000001",
                                        "127.0.0.01",
                                        "127.0.0.1.",
                                        "256.0.0.1",
                                        "1.2.3.4.5",
                                        "1.2.3.0x4",
                                        "a.example.1",
                                        "a.0x1f",
                                        "999999999999",
                                        "0",
                                        "app.databricksapps.com.",
                                        "app..databricksapps.com",
                                        "]",
                                        "a]",
                                        "::1",
                                        "2001:db8::a",
                                        label.c_str()}) {
        const std::string text = "https://" + std::string(host) + "/x";
        EXPECT_EQ(taken_apart(text), "refused") << text;
    }
    EXPECT_NE(why_not("https:///x").find("has no proper host name"), std::string::npos);
    EXPECT_NE(why_not("https://127.1/x").find("has no proper host name"), std::string::npos);
    EXPECT_NE(why_not("https://:443/").find("has no proper host name"), std::string::npos);
}

TEST(url, names_are_as_long_as_dns_lets_them) {
    const std::string label(63, 'a');
    const std::string longest = label + "." + label + "." + label + "." + std::string(61, 'b');
    ASSERT_EQ(longest.size(), 253U);
    EXPECT_EQ(taken_apart("https://" + longest), "https " + longest + " 443 /");
    EXPECT_EQ(taken_apart("https://" + longest + "b"), "refused");
    EXPECT_EQ(taken_apart("https://" + label + "a.example"), "refused");
}

TEST(url, addresses_in_brackets_have_to_be_ipv6) {
    for (const auto text :
         {"https://[]"sv, "https://[127.0.0.1]"sv, "https://[a.example]"sv, "https://[:::1]"sv, "https://[::g]"sv,
          "https://[fe80::1%25eth0]"sv, "https://[v1.x]"sv, "https://[::1 ]"sv, "https://[1:2:3:4:5:6:7:8:9]"sv}) {
        EXPECT_EQ(taken_apart(text), "refused") << text;
    }
    EXPECT_NE(why_not("https://[a]/").find("no IPv6 address between its brackets"), std::string::npos);
    EXPECT_NE(why_not("https://[::1").find("'[' without its ']'"), std::string::npos);
    EXPECT_NE(why_not("https://[::1]x/").find("something else than a port after its host"), std::string::npos);
    EXPECT_NE(why_not("https://[::1].example").find("something else than a port after its host"), std::string::npos);
    EXPECT_NE(why_not("https://[::1][::1]").find("something else than a port after its host"), std::string::npos);
}

TEST(url, a_port_is_a_number_between_1_and_65535) {
    for (const auto port :
         {"", "0", "00", "65536", "99999999999999999999", "-1", "+1", "8o", "80:80", "0x50", "80a", "1.", "%38"}) {
        for (const std::string host : {"https://a.example:", "http://127.0.0.1:", "https://[::1]:"}) {
            EXPECT_NE(why_not(host + port + "/").find("has a port that is not between 1 and 65535"), std::string::npos)
                << host << port;
        }
    }
}

TEST(url, whatever_two_readers_could_read_differently_is_refused) {
    for (int i = 0; i < 256; ++i) {
        const char c = static_cast<char>(i);
        const bool refused = i <= 0x20 || i >= 0x7f || c == '\\';
        for (const std::string before : {"https://a.example/p", "https://a.example?q", "https://a.example/#f"}) {
            EXPECT_EQ(!parse_url(before + c), refused) << before << " and byte " << i;
        }
        if (refused) {
            EXPECT_FALSE(parse_url(std::string("https://a") + c + ".example/")) << i;
            EXPECT_FALSE(parse_url(c + std::string("https://a.example/"))) << i;
        }
    }
    EXPECT_NE(why_not("https://good.example\\@evil.example/").find("a backslash"), std::string::npos);
    EXPECT_NE(why_not("https://a.example/x\r\nHost: b").find("percent-encoded"), std::string::npos);
    EXPECT_NE(why_not("https://\xd0\xb0pp.databricksapps.com/").find("percent-encoded"), std::string::npos);
}

TEST(url, user_names_and_passwords_are_refused_and_told_how_to_mend) {
    for (const auto text : {"https://user@a.example/"sv, "https://user:pw@a.example/"sv, "https://@a.example/"sv,
                            "https://a.example@b.example"sv, "https://a.example:443@b.example/"sv,
                            "https://a.example@?x"sv, "https://u@[::1]/"sv}) {
        const std::string why = why_not(text);
        EXPECT_NE(why.find("user name or password"), std::string::npos) << text;
        EXPECT_NE(why.find("take the part before '@' out of it"), std::string::npos) << text;
    }
}

TEST(url, no_secret_of_a_refused_url_gets_into_the_words) {
    for (const auto text :
         {"https://a.example:0/p?token=s3cret"sv, "https://a.example:0/p#s3cret"sv, "https://user:s3cret@a.example/"sv,
          "https://user:s3cret @a.example/"sv, "https://user:\\s3cret@a.example/"sv, "ftp://user:s3cret@a.example/"sv,
          "user:s3cret@a.example"sv, "https://user:s3cret/x@a.example/"sv, "https://user:s3cret#x@a.example/"sv,
          "https://user:s3cret?x@a.example/"sv, "https://s3cret@a.example:0/"sv, "https://a b/?token=s3cret"sv}) {
        const std::string why = why_not(text);
        EXPECT_NE(why, "accepted") << text;
        EXPECT_EQ(why.find("s3cret"), std::string::npos) << why;
    }
}

TEST(url, words_of_refusal_show_the_url_what_is_wrong_and_what_is_wanted) {
    EXPECT_EQ(
        why_not("https://a.example:0/p?q=1"),
        "the URL 'https://a.example:0/p' has a port that is not between 1 and 65535; wanted: https://<host>/<path>");
    EXPECT_EQ(why_not("ftp://\x1b[31m"),
              "the URL 'ftp://.[31m' contains a space, a backslash, or a character that has to be percent-encoded; "
              "wanted: https://<host>/<path>");
    EXPECT_LT(why_not("ftp://a.example/" + std::string(60000, 'x')).size(), 400U);
}

TEST(url, sixty_four_kib_are_taken_and_not_a_byte_more) {
    const std::string begin = "https://a.example/";
    const std::string longest = begin + std::string(65536 - begin.size(), 'x');
    const auto u = parse_url(longest);
    ASSERT_TRUE(u);
    EXPECT_EQ(u->target.size(), 65536 - begin.size() + 1);
    EXPECT_NE(why_not(longest + "x").find("is longer than 64 KiB"), std::string::npos);
    EXPECT_LT(why_not(longest + "x").size(), 400U);
    EXPECT_FALSE(parse_url("https://" + std::string(60000, 'a')));
    EXPECT_FALSE(parse_url("https://[" + std::string(60000, ':')));
}

TEST(url, literals_are_known_from_names) {
    EXPECT_TRUE(parse_url("https://127.0.0.1")->ip_literal);
    EXPECT_TRUE(parse_url("https://[::1]")->ip_literal);
    EXPECT_FALSE(parse_url("https://127.0.0.1.example")->ip_literal);
    EXPECT_FALSE(parse_url("https://localhost")->ip_literal);
}

TEST(url, authority_has_brackets_where_needed_and_a_port_only_if_it_is_not_the_usual) {
    constexpr struct {
        std::string_view text, authority, origin, without_query;
    } rows[] = {
        {"https://A.example:443/p?q", "a.example", "https://a.example:443", "https://a.example/p"},
        {"https://a.example:80?q", "a.example:80", "https://a.example:80", "https://a.example:80/"},
        {"http://a.example:80/p", "a.example", "http://a.example:80", "http://a.example/p"},
        {"http://a.example:443/", "a.example:443", "http://a.example:443", "http://a.example:443/"},
        {"https://[::1]/?q", "[::1]", "https://[::1]:443", "https://[::1]/"},
        {"https://[::1]:8443/a?b?c", "[::1]:8443", "https://[::1]:8443", "https://[::1]:8443/a"},
    };
    for (const auto& row : rows) {
        const auto u = parse_url(row.text);
        ASSERT_TRUE(u) << row.text;
        EXPECT_EQ(u->authority(), row.authority);
        EXPECT_EQ(u->origin(), row.origin);
        EXPECT_EQ(u->without_query(), row.without_query);
    }
}

TEST(url, loopback_is_localhost_127_and_the_one_of_ipv6) {
    for (const auto host : {"localhost", "127.0.0.1", "127.255.255.254", "127.0.0.0", "::1"}) {
        EXPECT_TRUE(is_loopback(host)) << host;
    }
    for (const auto host : {"", "localhost.", "localhost.example", "x.localhost", "localhosts", "126.255.255.255",
                            "128.0.0.1", "0.0.0.0", "127.1", "127", "127.0.0.1.example", "127.0.0.1 ", "2130706433",
                            "0x7f000001", "::", "::2", "::ffff:127.0.0.1", "[::1]", "10.0.0.1"}) {
        EXPECT_FALSE(is_loopback(host)) << host;
    }
    EXPECT_FALSE(is_loopback("127.0.0.1\0"sv));
}

// What parse_url accepts is a fixed point: written out again it means the same, and nothing in it can end a line.
void expect_settled(const url& u) {
    const auto again = parse_url(u.origin() + u.target);
    ASSERT_TRUE(again) << u.origin() << u.target;
    EXPECT_EQ(again->secure, u.secure);
    EXPECT_EQ(again->host, u.host);
    EXPECT_EQ(again->port, u.port);
    EXPECT_EQ(again->target, u.target);
    EXPECT_EQ(again->ip_literal, u.ip_literal);
    const std::string on_the_wire = u.authority() + u.target;
    EXPECT_EQ(on_the_wire.find_first_of("\r\n\t \\#"sv), std::string::npos);
    EXPECT_EQ(on_the_wire.find('\0'), std::string::npos);
    EXPECT_EQ(u.host.find_first_of("@/?%ABCDEFGHIJKLMNOPQRSTUVWXYZ"), std::string::npos) << u.host;
    EXPECT_NE(u.port, 0);
}

TEST(url, mutated_ones_are_refused_or_settled) {
    std::mt19937 random(20240501);
    const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
    constexpr auto favourites = ":/?#[]@.-%\\0x7f\r\n\t \0~_1aZ\xff"sv;
    int accepted = 0, refused = 0;
    for (int round = 0; round < 30000; ++round) {
        std::string text(proper[below(std::size(proper))].first);
        for (std::size_t edits = below(4); edits > 0; --edits) {
            const std::size_t at = below(text.size() + 1);
            const char c = below(4) ? favourites[below(favourites.size())] : static_cast<char>(below(256));
            if (below(3) == 0)
                text.insert(at, 1, c);
            else if (below(2) == 0)
                text.erase(at, 1 + below(4));
            else if (at < text.size())
                text[at] = c;
        }
        const auto u = parse_url(text);
        ++(u ? accepted : refused);
        if (u) expect_settled(*u);
        if (HasFatalFailure()) FAIL() << "from " << testing::PrintToString(text);
    }
    EXPECT_GT(accepted, 5000);
    EXPECT_GT(refused, 5000);
}

TEST(shown_url, tells_neither_user_nor_query_nor_fragment) {
    EXPECT_EQ(shown_url("https://w.example/a/b?key=secret#part"), "https://w.example/a/b");
    EXPECT_EQ(shown_url("https://user:secret@w.example/a@b"), "https://w.example/a@b");
    EXPECT_EQ(shown_url("https://w.example#secret"), "https://w.example");
    EXPECT_EQ(shown_url("no url\n"), "no url.");
    EXPECT_EQ(shown_url(""), "");
    EXPECT_LE(shown_url("https://" + std::string(1000, 'x')).size(), 203u);
}

}  // namespace
}  // namespace dbxapps::text
