#include <gtest/gtest.h>
#include <openssl/x509v3.h>

#include "emulator_fixture.hpp"

namespace dbxapps::emulated {
namespace {

long verified(emulator_certificate kind, const std::string& host = {}) {
    emulator_options options;
    options.certificate = kind;
    const talking_to t(options);
    dial_options how = t.to_app();
    if (!host.empty()) how.host = host;
    const tls_client client(t.app_port(), how);
    EXPECT_EQ(client.open(), client.verify_result() == X509_V_OK);
    return client.verify_result();
}

TEST(emulator_tls, the_good_certificate_holds_for_its_hosts_only) {
    for (const char* host : {"emulated.cloud.databricks.com", "adb-1.cloud.databricks.com", "localhost",
                             "orders-1234567890123456.aws.databricksapps.com"})
        EXPECT_EQ(verified(emulator_certificate::good, host), X509_V_OK) << host;
    EXPECT_EQ(verified(emulator_certificate::good, "example.com"), X509_V_ERR_HOSTNAME_MISMATCH);
    EXPECT_EQ(verified(emulator_certificate::good, "a.b.aws.databricksapps.com"), X509_V_ERR_HOSTNAME_MISMATCH);
}

TEST(emulator_tls, the_good_certificate_holds_for_the_loopback_address) {
    const talking_to t;
    tls_client client(t.app_port(), t.to_app());
    X509* const shown = SSL_get1_peer_certificate(client.ssl());
    EXPECT_EQ(X509_check_ip_asc(shown, "127.0.0.1", 0), 1);
    EXPECT_EQ(X509_check_ip_asc(shown, "127.0.0.2", 0), 0);
    X509_free(shown);
}

TEST(emulator_tls, each_bad_certificate_is_bad_in_its_own_way_only) {
    EXPECT_EQ(verified(emulator_certificate::expired), X509_V_ERR_CERT_HAS_EXPIRED);
    EXPECT_EQ(verified(emulator_certificate::wrong_name), X509_V_ERR_HOSTNAME_MISMATCH);
    EXPECT_EQ(verified(emulator_certificate::wrong_name, "other.example"), X509_V_OK);
    const long untrusted = verified(emulator_certificate::untrusted);
    EXPECT_TRUE(untrusted == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
                untrusted == X509_V_ERR_CERT_SIGNATURE_FAILURE)
        << untrusted;
}

TEST(emulator_tls, both_versions_are_spoken_and_nothing_older) {
    const talking_to t;
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        dial_options how = t.to_app();
        how.version = version;
        tls_client client(t.app_port(), how);
        ASSERT_TRUE(client.open());
        EXPECT_EQ(SSL_version(client.ssl()), version);
    }
    dial_options old = t.to_app();
    old.version = TLS1_1_VERSION;
    EXPECT_FALSE(tls_client(t.app_port(), old).open());
}

TEST(emulator_tls, http_1_1_is_agreed_on_and_anything_else_refused) {
    const talking_to t;
    dial_options how = t.to_app();
    how.alpn = "http/1.1";
    tls_client client(t.app_port(), how);
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(client.ssl(), &name, &size);
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(name), size), "http/1.1");
    how.alpn = "h2";
    EXPECT_FALSE(tls_client(t.app_port(), how).open());
}

TEST(emulator_tls, a_session_is_resumed_in_both_versions_and_counted) {
    const talking_to t;
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        const auto before = t.emu.count();
        dial_options how = t.to_app();
        how.version = version;
        tls_session ticket;
        {
            tls_client first(t.app_port(), how);
            EXPECT_EQ(first.ask("GET", "/api/hello", {}).status, 401);
            ticket = first.ticket();
        }
        ASSERT_TRUE(ticket);
        how.session = ticket.get();
        tls_client second(t.app_port(), how);
        EXPECT_EQ(second.ask("GET", "/api/hello", {}).status, 401);
        EXPECT_TRUE(SSL_session_reused(second.ssl()));
        EXPECT_EQ(t.emu.count().full_handshakes, before.full_handshakes + 1);
        EXPECT_EQ(t.emu.count().resumed_handshakes, before.resumed_handshakes + 1);
    }
}

TEST(emulator_tls, a_client_that_speaks_no_tls_is_dropped) {
    const talking_to t;
    dial_options how;
    how.plain = true;
    EXPECT_EQ(tls_client(t.app_port(), how).plain("GET / HTTP/1.1\r\nHost: a\r\n\r\n").find("HTTP"), std::string::npos);
    tls_client app(t.app_port(), t.to_app());
    EXPECT_EQ(app.ask("GET", "/api/hello", {}).status, 401);
}

}  // namespace
}  // namespace dbxapps::emulated
