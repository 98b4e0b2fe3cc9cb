// What tls_options say, as the other side sees it.
#include <support/tls_server.hpp>

#include <net/tls_context.hpp>
#include <net/tls_sessions.hpp>

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace dbxapps::test {
namespace {

namespace fs = std::filesystem;

struct tls_option : testing::Test {
    asio::io_context io;
    const emulated::certificates own = emulated::make_certificates(emulator_certificate::good);
    fs::path directory;
    void SetUp() override {
        std::string name = (fs::temp_directory_path() / "dbxapps-tls-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        directory = name;
    }
    void TearDown() override { fs::remove_all(directory); }

    static tls_options trusting(const tls_server& s) {
        tls_options out;
        out.system_roots = false;
        out.extra_ca_pem = s.ca_pem();
        return out;
    }
    client with(const tls_options& tls) {
        client_options o;
        o.network.tls = tls;
        o.network.proxy.from_environment = false;
        o.allow_hosts = {"127.0.0.1"};
        o.retry.max_retries = 0;
        return {io.get_executor(), make_token_cache(io.get_executor(), fixed_token("a-token")), o};
    }
    result<response> answer(const tls_server& s, const tls_options& tls) { return call(io, with(tls), get(s.url())); }
    // Why no client can be made; empty: it can.
    std::string refusal(const tls_options& tls) {
        try {
            with(tls);
        } catch (const error& e) {
            EXPECT_TRUE(e.why().is(errc::bad_config)) << e.what();
            return e.why().detail;
        }
        return {};
    }
    std::string file(const char* name, const std::string& text) const {
        const auto path = (directory / name).string();
        std::ofstream(path) << text;
        return path;
    }
    static std::string text_of(const std::string& path) {
        std::stringstream out;
        out << std::ifstream(path).rdbuf();
        return out.str();
    }
};

bool contains(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

TEST_F(tls_option, TheClientsCertificateIsShownToAHostThatAsks) {
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        tls_server server({own.ca_pem, version});
        tls_options tls = trusting(server);
        tls.client_certificate_pem = own.leaf_pem;
        tls.client_key_pem = own.leaf_key_pem;
        const auto r = answer(server, tls);
        ASSERT_TRUE(r) << r.error().detail;
        EXPECT_EQ(server.shown(), 1);
    }
}

TEST_F(tls_option, AHostThatAsksRefusesACallerWithoutACertificate) {
    tls_server old({own.ca_pem, TLS1_2_VERSION});
    auto r = answer(old, trusting(old));
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::tls_failed)) << r.error().detail;
    // With TLS 1.3 that comes only behind the client's handshake (RFC 8446 section 4.4.2.4).
    tls_server server({own.ca_pem, TLS1_3_VERSION});
    r = answer(server, trusting(server));
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::tls_failed)) << r.error().detail;
    EXPECT_NE(r.error().detail.find("client_certificate_pem"), std::string::npos) << r.error().detail;
    EXPECT_EQ(old.shown() + server.shown(), 0);
}

TEST_F(tls_option, AHostThatDoesNotAskSeesNoCertificate) {
    tls_server server;
    tls_options tls = trusting(server);
    tls.client_certificate_pem = own.leaf_pem;
    tls.client_key_pem = own.leaf_key_pem;
    ASSERT_TRUE(answer(server, tls));
    EXPECT_EQ(server.shown(), 0);
}

TEST_F(tls_option, TheClientsCertificateIsNotForAProxy) {
    tls_options tls;
    tls.system_roots = false;
    tls.client_certificate_pem = own.leaf_pem + own.ca_pem;
    tls.client_key_pem = own.leaf_key_pem;
    const auto context = net::tls_context::make(tls);
    ASSERT_TRUE(context);
    net::tls_sessions sessions(1);
    const auto to_host = (*context)->new_connection("app.example", false, sessions);
    const auto to_proxy = (*context)->new_proxy_connection("proxy.example", false, sessions);
    EXPECT_NE(SSL_get_certificate(to_host.get()), nullptr);
    STACK_OF(X509)* chain = nullptr;
    SSL_get0_chain_certs(to_host.get(), &chain);
    EXPECT_EQ(sk_X509_num(chain), 1);
    EXPECT_EQ(SSL_get_certificate(to_proxy.get()), nullptr);
    EXPECT_EQ(SSL_get_privatekey(to_proxy.get()), nullptr);
}

std::string encrypted(const std::string& key_pem) {
    BIO* const in = BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size()));
    EVP_PKEY* const key = PEM_read_bio_PrivateKey(in, nullptr, nullptr, nullptr);
    BIO* const out = BIO_new(BIO_s_mem());
    PEM_write_bio_PKCS8PrivateKey(out, key, EVP_aes_256_cbc(), "pass", 4, nullptr, nullptr);
    char* text = nullptr;
    const long size = BIO_get_mem_data(out, &text);
    std::string pem(text, static_cast<std::size_t>(size));
    BIO_free(in);
    BIO_free(out);
    EVP_PKEY_free(key);
    return pem;
}

TEST_F(tls_option, ACertificateAndAKeyThatDoNotFitAreRefusedWithoutAWordOfTheKey) {
    const std::string other_key = emulated::make_certificates(emulator_certificate::good).leaf_key_pem;
    const std::string broken = own.leaf_pem.substr(0, own.leaf_pem.size() / 2);
    struct row {
        std::string certificate, key, words;
    };
    const row rows[] = {
        {own.leaf_pem, "", "one needs the other"},
        {"", own.leaf_key_pem, "one needs the other"},
        {"nonsense", own.leaf_key_pem, "the former is not PEM text of certificates"},
        {broken, own.leaf_key_pem, "the former is not PEM text of certificates"},
        {own.leaf_pem + broken, own.leaf_key_pem, "the former is not PEM text of certificates"},
        {own.leaf_key_pem, own.leaf_key_pem, "the former is not PEM text of certificates"},
        {own.leaf_pem, "s3cret nonsense", "the latter is not PEM text of a private key"},
        {own.leaf_pem, own.leaf_pem, "the latter is not PEM text of a private key"},
        {own.leaf_pem, encrypted(own.leaf_key_pem), "without a pass phrase"},
        {own.leaf_pem, other_key, "the key is not that of the certificate"},
        {own.ca_pem, own.leaf_key_pem, "the key is not that of the certificate"},
    };
    for (const auto& r : rows) {
        tls_options tls;
        tls.system_roots = false;
        tls.client_certificate_pem = r.certificate;
        tls.client_key_pem = r.key;
        const std::string why = refusal(tls);
        EXPECT_TRUE(contains(why, r.words)) << why;
        EXPECT_FALSE(contains(why, "s3cret")) << why;
        EXPECT_FALSE(contains(why, own.leaf_key_pem.substr(30, 20))) << why;
    }
}

TEST_F(tls_option, AServerBelowTheMinimumVersionIsRefused) {
    tls_server old({"", TLS1_2_VERSION});
    tls_options tls = trusting(old);
    ASSERT_TRUE(answer(old, tls));
    tls.minimum_version = tls_version::tls_1_3;
    const auto r = answer(old, tls);
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::tls_failed)) << r.error().detail;
    tls_server server({"", TLS1_3_VERSION});
    tls.extra_ca_pem = server.ca_pem();
    EXPECT_TRUE(answer(server, tls));
}

TEST_F(tls_option, RootsCanBeNamedByTheirFile) {
    tls_server server;
    tls_options tls = trusting(server);
    tls.extra_ca_pem = own.ca_pem;
    EXPECT_FALSE(answer(server, tls));
    tls.extra_ca_file = file("ca.pem", "For readers: the roots.\n" + own.ca_pem + server.ca_pem());
    EXPECT_TRUE(answer(server, tls)) << "both count";
    tls.extra_ca_pem.clear();
    EXPECT_TRUE(answer(server, tls));
}

TEST_F(tls_option, AFileOfRootsThatCannotBeUsedIsRefusedByItsName) {
    tls_options tls;
    tls.system_roots = false;
    const std::string missing = (directory / "missing.pem").string();
    for (const auto& [path, words] :
         {std::pair{missing, "No such file or directory"}, std::pair{directory.string(), "Is a directory"},
          std::pair{file("empty.pem", ""), "no PEM text of certificates"},
          std::pair{file("key.pem", own.leaf_key_pem), "no PEM text of certificates"}}) {
        tls.extra_ca_file = path;
        const std::string why = refusal(tls);
        EXPECT_TRUE(contains(why, "tls.extra_ca_file '" + path + "' cannot be used: " + words)) << why;
    }
}

TEST_F(tls_option, TheKeyLogHasTheSecretsOfEveryConnectionForItsOwnerAlone) {
    tls_server server({"", TLS1_3_VERSION}), old({"", TLS1_2_VERSION});
    tls_options tls = trusting(server);
    tls.extra_ca_pem += old.ca_pem();
    tls.key_log_file = file("keys", "# what was there stays\n");
    ASSERT_EQ(::chmod(tls.key_log_file.c_str(), 0644), 0);
    ASSERT_TRUE(answer(server, tls));
    ASSERT_TRUE(answer(old, tls));
    const std::string log = text_of(tls.key_log_file);
    EXPECT_EQ(log.rfind("# what was there stays\n", 0), 0u) << log;
    for (const char* label : {"\nCLIENT_HANDSHAKE_TRAFFIC_SECRET ", "\nCLIENT_TRAFFIC_SECRET_0 ",
                              "\nSERVER_TRAFFIC_SECRET_0 ", "\nCLIENT_RANDOM "})
        EXPECT_TRUE(contains(log, label)) << label << log;
    EXPECT_EQ(log.back(), '\n');
    EXPECT_EQ(fs::status(tls.key_log_file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    tls.key_log_file = (directory / "new").string();
    ASSERT_TRUE(answer(server, tls));
    EXPECT_EQ(fs::status(tls.key_log_file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(tls_option, NoKeyIsLoggedUnlessAFileIsNamed) {
    tls_options tls;
    tls.system_roots = false;
    net::tls_sessions sessions(1);
    const auto logs = [&] {
        const auto context = net::tls_context::make(tls);
        const auto ssl = (*context)->new_connection("app.example", false, sessions);
        return SSL_CTX_get_keylog_callback(SSL_get_SSL_CTX(ssl.get())) != nullptr;
    };
    EXPECT_FALSE(logs());
    tls.key_log_file = (directory / "keys").string();
    EXPECT_TRUE(logs());
}

TEST_F(tls_option, AKeyLogThatCannotBeWrittenIsRefusedByItsName) {
    tls_options tls;
    tls.system_roots = false;
    const std::string link = (directory / "link").string(), pipe = (directory / "pipe").string();
    fs::create_symlink(file("target", ""), link);
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    for (const std::string& path : {(directory / "no/keys").string(), directory.string(), link, pipe}) {
        tls.key_log_file = path;
        const std::string why = refusal(tls);
        EXPECT_TRUE(contains(why, "tls.key_log_file '" + path + "' cannot be written: ")) << why;
    }
    EXPECT_TRUE(refusal({}).empty());
}

}  // namespace
}  // namespace dbxapps::test
