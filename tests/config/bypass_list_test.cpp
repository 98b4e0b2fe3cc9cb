#include <config/bypass_list.hpp>

#include <gtest/gtest.h>

namespace dbxapps::config {
namespace {

struct row {
    const char* entries;
    const char* host;
    bool covered;
    std::uint16_t port = 443;
};

TEST(bypass_list, covers_what_no_proxy_says_and_nothing_else) {
    const row rows[] = {
        {"", "example.com", false},
        {" , ,, ", "example.com", false},
        {"*", "example.com", true},
        {"*", "10.0.0.1", true},
        {"*:8443", "example.com", false},
        {"*:8443", "example.com", true, 8443},
        // Names.
        {"example.com", "example.com", true},
        {"example.com", "app.example.com", true},
        {"example.com", "a.b.example.com", true},
        {"example.com", "notexample.com", false},
        {"example.com", "example.com.evil.test", false},
        {"example.com", "com", false},
        {".example.com", "example.com", true},
        {".example.com", "app.example.com", true},
        {".example.com", "notexample.com", false},
        {"*.example.com", "app.example.com", true},
        {"*.example.com", "notexample.com", false},
        {"app.*.com", "app.example.com", false},
        {"EXAMPLE.Com", "app.example.com", true},
        {"example.com.", "app.example.com", true},
        {".example.com.", "app.example.com", true},
        {"example.com..", "example.com", false},
        {".", "example.com", false},
        {"https://example.com", "example.com", false},
        {"example.com/", "example.com", false},
        {"exam ple.com", "example.com", false},
        // Ports.
        {"example.com:443", "example.com", true},
        {"example.com:443", "app.example.com", true},
        {"example.com:443", "example.com", false, 8443},
        {"example.com.:8443", "example.com", true, 8443},
        {"example.com:", "example.com", false},
        {"example.com:0", "example.com", false},
        {"example.com:65536", "example.com", false},
        {"example.com:https", "example.com", false},
        // Addresses.
        {"10.1.2.3", "10.1.2.3", true},
        {"10.1.2.3", "10.1.2.30", false},
        {"2.3", "10.1.2.3", false},
        {"10.1.2.3:8443", "10.1.2.3", false},
        {"10.1.2.3:8443", "10.1.2.3", true, 8443},
        {"fd00::1", "fd00::1", true},
        {"fd00:0:0::1", "fd00::1", true},
        {"FD00::A", "fd00::a", true},
        {"[fd00::1]", "fd00::1", true},
        {"[fd00::1]:8443", "fd00::1", true, 8443},
        {"[fd00::1]:8443", "fd00::1", false},
        {"[fd00::1]x", "fd00::1", false},
        {"[fd00::1", "fd00::1", false},
        {"[example.com]", "example.com", false},
        {"10.1.2.3", "::ffff:10.1.2.3", true},
        // Networks.
        {"10.0.0.0/8", "10.255.255.255", true},
        {"10.0.0.0/8", "11.0.0.0", false},
        {"10.128.0.0/9", "10.127.255.255", false},
        {"10.128.0.0/9", "10.128.0.1", true},
        {"10.1.2.3/8", "10.9.9.9", true},
        {"10.1.2.3/32", "10.1.2.3", true},
        {"10.1.2.3/32", "10.1.2.2", false},
        {"0.0.0.0/0", "203.0.113.9", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"10.0.0.0/33", "10.0.0.1", false},
        {"10.0.0.0/", "10.0.0.1", false},
        {"10.0.0.0/-1", "10.0.0.1", false},
        {"10.0.0.0/8/8", "10.0.0.1", false},
        {"10/8", "10.0.0.1", false},
        {"fd00::/8", "fdff::1", true},
        {"fd00::/8", "fe00::1", false},
        {"2001:db8::/33", "2001:db8:7fff::1", true},
        {"2001:db8::/33", "2001:db8:8000::1", false},
        {"::/0", "2001:db8::1", true},
        {"::/0", "203.0.113.9", false},
        {"fd00::/129", "fd00::1", false},
        {"10.0.0.0/8", "ten.example.com", false},
        // Lists.
        {"a.test,b.test", "b.test", true},
        {"a.test b.test", "b.test", true},
        {" a.test ,\tb.test, ", "b.test", true},
        {"nonsense:port:here, b.test", "b.test", true},
    };
    for (const auto& [entries, host, covered, port] : rows) {
        bypass_list list;
        list.add_all(entries);
        EXPECT_EQ(list.covers(host, port), covered) << "'" << entries << "' and " << host << ":" << port;
    }
}

TEST(bypass_list, says_which_entry_makes_no_sense) {
    bypass_list list;
    EXPECT_TRUE(list.add(" example.com "));
    EXPECT_FALSE(list.add(""));
    EXPECT_FALSE(list.add("10.0.0.0/40"));
    EXPECT_FALSE(list.add("a.test,b.test"));
    EXPECT_FALSE(list.add(std::string_view("10.0.0.1\0", 9)));
}

TEST(bypass_list, this_machine_its_link_and_the_metadata_services_of_clouds_are_always_bypassed) {
    for (const char* host :
         {"localhost", "app.localhost", "127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "169.254.169.254",
          "169.254.170.2", "fe80::1", "metadata.google.internal", "fd00:ec2::254", "168.63.129.16", "100.100.100.200"})
        EXPECT_TRUE(always_bypassed().covers(host, 443)) << host;
    for (const char* host : {"localhost.evil.test", "128.0.0.1", "169.253.169.254", "google.internal", "fd00:ec2::253",
                             "168.63.129.17", "orders-1.aws.databricksapps.com"})
        EXPECT_FALSE(always_bypassed().covers(host, 443)) << host;
}

}  // namespace
}  // namespace dbxapps::config
