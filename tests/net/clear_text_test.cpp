#include <net/clear_text.hpp>

#include <gtest/gtest.h>

namespace dbxapps::net {
namespace {

bool may(const char* to, bool metadata) { return may_go_in_the_clear(boost::asio::ip::make_address(to), metadata); }

TEST(ClearText, OnlyTwoNamesAreMetadataServicesAndOnlyAtTheirPort) {
    EXPECT_TRUE(is_instance_metadata("169.254.169.254", 80));
    EXPECT_TRUE(is_instance_metadata("metadata.google.internal", 80));
    for (const char* other : {"169.254.169.253", "169.254.170.2", "100.100.100.200", "metadata.google.internal.example",
                              "x.metadata.google.internal", "metadata", "fd20:ce::254", "", "127.0.0.1"}) {
        EXPECT_FALSE(is_instance_metadata(other, 80)) << other;
    }
    EXPECT_FALSE(is_instance_metadata("169.254.169.254", 8080));
    EXPECT_FALSE(is_instance_metadata("metadata.google.internal", 443));
}

TEST(ClearText, LoopbackMayAlwaysBeReachedAndMetadataOnRequest) {
    for (const char* here : {"127.0.0.1", "127.8.9.10", "::1"}) {
        EXPECT_TRUE(may(here, false)) << here;
        EXPECT_TRUE(may(here, true)) << here;
    }
    for (const char* metadata : {"169.254.169.254", "fd20:ce::254"}) {
        EXPECT_FALSE(may(metadata, false)) << metadata;
        EXPECT_TRUE(may(metadata, true)) << metadata;
    }
    for (const char* other : {"169.254.169.253", "192.0.2.1", "10.0.0.1", "fe80::1", "fd20:ce::255", "2001:db8::1"}) {
        EXPECT_FALSE(may(other, false)) << other;
        EXPECT_FALSE(may(other, true)) << other;
    }
}

}  // namespace
}  // namespace dbxapps::net
