#include <net/tls_sessions.hpp>

#include <gtest/gtest.h>

namespace dbxapps::net {
namespace {

constexpr std::time_t now = 1'000'000;

ssl_session_ptr session_of(int version) {
    ssl_session_ptr out(SSL_SESSION_new());
    SSL_SESSION_set_protocol_version(out.get(), version);
    return out;
}

// Keeps a new session and says which.
SSL_SESSION* keep_one(tls_sessions& kept, int version) {
    auto session = session_of(version);
    SSL_SESSION* const which = session.get();
    kept.keep(std::move(session));
    return which;
}

TEST(tls_sessions, has_nothing_at_first) { EXPECT_EQ(tls_sessions(4).take(now), nullptr); }

TEST(tls_sessions, gives_the_newest_first_and_each_ticket_of_tls_1_3_once) {
    tls_sessions kept(4);
    SSL_SESSION* const first = keep_one(kept, TLS1_3_VERSION);
    SSL_SESSION* const second = keep_one(kept, TLS1_3_VERSION);
    const auto newest = kept.take(now);
    EXPECT_EQ(newest.get(), second);
    const auto older = kept.take(now);
    EXPECT_EQ(older.get(), first);
    EXPECT_EQ(kept.take(now), nullptr);
}

TEST(tls_sessions, gives_a_session_of_tls_1_2_again_and_again) {
    tls_sessions kept(4);
    SSL_SESSION* const only = keep_one(kept, TLS1_2_VERSION);
    const auto one = kept.take(now);
    const auto two = kept.take(now);
    const auto three = kept.take(now);
    EXPECT_EQ(one.get(), only);
    EXPECT_EQ(two.get(), only);
    EXPECT_EQ(three.get(), only);
}

TEST(tls_sessions, prefers_a_newer_ticket_to_an_older_session_of_tls_1_2) {
    tls_sessions kept(4);
    SSL_SESSION* const old = keep_one(kept, TLS1_2_VERSION);
    SSL_SESSION* const ticket = keep_one(kept, TLS1_3_VERSION);
    const auto first = kept.take(now);
    const auto second = kept.take(now);
    EXPECT_EQ(first.get(), ticket);
    EXPECT_EQ(second.get(), old);
}

TEST(tls_sessions, drops_the_oldest_beyond_its_bound) {
    tls_sessions kept(2);
    const auto watched = session_of(TLS1_3_VERSION);
    ASSERT_EQ(SSL_SESSION_up_ref(watched.get()), 1);
    kept.keep(ssl_session_ptr(watched.get()));
    SSL_SESSION* const second = keep_one(kept, TLS1_3_VERSION);
    SSL_SESSION* const third = keep_one(kept, TLS1_3_VERSION);
    const auto a = kept.take(now);
    const auto b = kept.take(now);
    EXPECT_EQ(a.get(), third);
    EXPECT_EQ(b.get(), second);
    EXPECT_EQ(kept.take(now), nullptr);
}

TEST(tls_sessions, with_room_for_none_keeps_none) {
    tls_sessions kept(0);
    keep_one(kept, TLS1_2_VERSION);
    EXPECT_EQ(kept.take(now), nullptr);
}

}  // namespace
}  // namespace dbxapps::net
