#include <net/cipher_order.hpp>
#include <net/client_certificate.hpp>
#include <net/key_log.hpp>
#include <net/pem.hpp>
#include <net/tls_context.hpp>
#include <net/tls_sessions.hpp>
#include <net/verified_chains.hpp>

#include <text/ascii.hpp>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <mutex>
#include <new>
#include <utility>

namespace dbxapps::net {
namespace {

struct free_store {
    void operator()(X509_STORE* s) const noexcept { X509_STORE_free(s); }
};
using store_ptr = std::unique_ptr<X509_STORE, free_store>;

// Reading the machine's roots costs as much as a fan-out to 32 hosts, so it happens once; again only where none were
// found, as descriptors may have been short.
X509_STORE* system_roots() {
    static const store_ptr roots(X509_STORE_new());
    static std::mutex reading;
    static bool found = false;
    const std::lock_guard lock(reading);
    if (!roots || found) return roots.get();
    X509_STORE_set_default_paths(roots.get());
    ERR_clear_error();
    X509_STORE_lock(roots.get());
    found = sk_X509_OBJECT_num(X509_STORE_get0_objects(roots.get())) > 0;
    X509_STORE_unlock(roots.get());
    return roots.get();
}

// False if the text has no certificate or is broken.
bool add_pem(X509_STORE* store, const std::string& pem) {
    int added = 0;
    const bool whole = for_each_certificate(pem, [&](X509* cert) {
        ++added;
        return X509_STORE_add_cert(store, cert) == 1;
    });
    ERR_clear_error();
    return whole && added > 0;
}

failure unusable_file(const std::string& path, const char* why) {
    return {errc::bad_config, "tls.extra_ca_file '" + text::printable(path, 200) + "' cannot be used: " + why};
}

result<std::string> read_file(const std::string& path) {
    struct closer {
        void operator()(std::FILE* f) const noexcept { std::fclose(f); }
    };
    const std::unique_ptr<std::FILE, closer> file(std::fopen(path.c_str(), "rbe"));
    if (!file) return unusable_file(path, std::strerror(errno));
    std::string out;
    std::array<char, 4096> buffer;
    while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), file.get()))
        out.append(buffer.data(), n);
    if (std::ferror(file.get())) return unusable_file(path, std::strerror(errno));
    return out;
}

// Those that are loaded already, and the directory that OpenSSL searches by need.
void add_system_roots(X509_STORE* to) {
    X509_STORE* const roots = system_roots();
    X509_STORE_lock(roots);  // other connections may be adding to them
    const STACK_OF(X509_OBJECT)* objects = X509_STORE_get0_objects(roots);
    for (int i = 0; i < sk_X509_OBJECT_num(objects); ++i) {
        if (X509* cert = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i))) X509_STORE_add_cert(to, cert);
    }
    X509_STORE_unlock(roots);
    if (X509_LOOKUP* directory = X509_STORE_add_lookup(to, X509_LOOKUP_hash_dir())) {
        X509_LOOKUP_add_dir(directory, nullptr, X509_FILETYPE_DEFAULT);
    }
    ERR_clear_error();
}

// Called inside SSL_read when a ticket comes; owns one reference.
int keep_session(SSL* ssl, SSL_SESSION* session) noexcept {
    auto* sessions = static_cast<tls_sessions*>(SSL_get_app_data(ssl));
    if (!sessions || SSL_SESSION_is_resumable(session) != 1) return 0;
    ssl_session_ptr ours(session);
    try {
        sessions->keep(std::move(ours));
    } catch (const std::bad_alloc&) {  // not kept, then
    }
    return 1;
}

void configure(SSL_CTX* c, const tls_options& options) {
    SSL_CTX_set_min_proto_version(c, options.minimum_version == tls_version::tls_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
    SSL_CTX_set_verify(c, SSL_VERIFY_PEER, nullptr);
    const auto live = std::chrono::floor<std::chrono::seconds>(options.chains_live).count();
    if (live > 0) verified_chains::attach(c, static_cast<std::time_t>(live));
    SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_options(c, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    prefer_aes_128(c);
    SSL_CTX_set_read_ahead(c, 1);  // head and body of a small answer in one recv
    SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(c, keep_session);
    static constexpr std::array<unsigned char, 9> alpn = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    SSL_CTX_set_alpn_protos(c, alpn.data(), alpn.size());
}

result<void> trust(SSL_CTX* c, const tls_options& options) {
    if (options.extra_ca_pem.empty() && options.extra_ca_file.empty()) {
        if (options.system_roots) SSL_CTX_set1_cert_store(c, system_roots());
        return {};
    }
    store_ptr store(X509_STORE_new());
    if (!options.extra_ca_pem.empty() && !add_pem(store.get(), options.extra_ca_pem)) {
        return failure(errc::bad_config,
                       "tls.extra_ca_pem is not PEM text of certificates: give the text of the file "
                       "(-----BEGIN CERTIFICATE-----...), or its name as tls.extra_ca_file");
    }
    if (!options.extra_ca_file.empty()) {
        const auto text = read_file(options.extra_ca_file);
        if (!text) return text.error();
        if (!add_pem(store.get(), *text)) return unusable_file(options.extra_ca_file, "no PEM text of certificates");
    }
    if (options.system_roots) add_system_roots(store.get());
    SSL_CTX_set_cert_store(c, store.release());
    return {};
}

// No connection rather than one whose name is not checked.
bool expect_host(SSL* ssl, const std::string& host, bool ip_literal) {
    if (ip_literal) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set_tlsext_host_name(ssl, host.c_str()) == 1 && SSL_set1_host(ssl, host.c_str()) == 1;
}

}  // namespace

std::string openssl_words(unsigned long code) {
    if (code == 0) return {};
    const char* reason = ERR_reason_error_string(code);
    return reason ? reason : "OpenSSL error " + std::to_string(ERR_GET_REASON(code));
}

std::string openssl_words() {
    const unsigned long code = ERR_peek_error();
    ERR_clear_error();
    return openssl_words(code);
}

bool refuses_our_certificate(unsigned long code) noexcept {
    constexpr std::array alerts{SSL_AD_BAD_CERTIFICATE,     SSL_AD_UNSUPPORTED_CERTIFICATE, SSL_AD_CERTIFICATE_REVOKED,
                                SSL_AD_CERTIFICATE_EXPIRED, SSL_AD_CERTIFICATE_UNKNOWN,     SSL_AD_UNKNOWN_CA,
                                SSL_AD_ACCESS_DENIED,       SSL_AD_CERTIFICATE_REQUIRED};
    const int alert = ERR_GET_REASON(code) - SSL_AD_REASON_OFFSET;
    return ERR_GET_LIB(code) == ERR_LIB_SSL && std::find(alerts.begin(), alerts.end(), alert) != alerts.end();
}

result<std::shared_ptr<tls_context>> tls_context::make(const tls_options& options) {
    auto out = std::shared_ptr<tls_context>(new tls_context);
    out->context_.reset(SSL_CTX_new(TLS_client_method()));
    if (!out->context_) return failure(errc::tls_failed, "OpenSSL makes no TLS context: " + openssl_words());
    SSL_CTX* const c = out->context_.get();
    configure(c, options);
    if (auto trusted = trust(c, options); !trusted) return trusted.error();
    auto shown = use_client_certificate(c, options.client_certificate_pem, options.client_key_pem);
    if (!shown) return shown.error();
    if (!options.key_log_file.empty()) {
        if (auto logged = key_log::attach(c, options.key_log_file); !logged) return logged.error();
    }
    return out;
}

ssl_ptr tls_context::new_connection(const std::string& host, bool ip_literal, tls_sessions& sessions) {
    ssl_ptr ssl(SSL_new(context_.get()));
    if (!ssl) return nullptr;
    SSL_set_app_data(ssl.get(), &sessions);
    if (!expect_host(ssl.get(), host, ip_literal)) return nullptr;
    if (const auto kept = sessions.take(std::time(nullptr))) SSL_set_session(ssl.get(), kept.get());
    SSL_set_connect_state(ssl.get());
    return ssl;
}

ssl_ptr tls_context::new_proxy_connection(const std::string& host, bool ip_literal, tls_sessions& sessions) {
    ssl_ptr ssl = new_connection(host, ip_literal, sessions);
    if (ssl) SSL_certs_clear(ssl.get());
    return ssl;
}

}  // namespace dbxapps::net
