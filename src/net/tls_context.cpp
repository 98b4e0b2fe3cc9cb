#include <net/tls_context.hpp>
#include <net/tls_sessions.hpp>
#include <net/verified_chains.hpp>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <chrono>
#include <ctime>
#include <new>
#include <utility>

namespace dbxapps::net {
namespace {

struct free_x509 {
    void operator()(X509* c) const noexcept { X509_free(c); }
    void operator()(X509_STORE* s) const noexcept { X509_STORE_free(s); }
    void operator()(BIO* b) const noexcept { BIO_free(b); }
};
using store_ptr = std::unique_ptr<X509_STORE, free_x509>;

// Reading the machine's roots costs as much as a fan-out to 32 hosts, so it happens once.
X509_STORE* system_roots() {
    static const store_ptr roots = [] {
        store_ptr store(X509_STORE_new());
        if (store) X509_STORE_set_default_paths(store.get());
        ERR_clear_error();
        return store;
    }();
    return roots.get();
}

// False if the text has no certificate or is broken.
bool add_pem(X509_STORE* store, const std::string& pem) {
    const std::unique_ptr<BIO, free_x509> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    int added = 0;
    for (;; ++added) {
        const std::unique_ptr<X509, free_x509> cert(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
        if (!cert) break;
        if (X509_STORE_add_cert(store, cert.get()) != 1) return false;
    }
    const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    return at_end && added > 0;
}

// Those that are loaded already, and the directory that OpenSSL searches by need.
void add_system_roots(X509_STORE* to) {
    X509_STORE_lock(system_roots());  // other connections may be adding to them
    const STACK_OF(X509_OBJECT)* objects = X509_STORE_get0_objects(system_roots());
    for (int i = 0; i < sk_X509_OBJECT_num(objects); ++i) {
        if (X509* cert = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i))) X509_STORE_add_cert(to, cert);
    }
    X509_STORE_unlock(system_roots());
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
    SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION);
    SSL_CTX_set_verify(c, SSL_VERIFY_PEER, nullptr);
    const auto live = std::chrono::floor<std::chrono::seconds>(options.chains_live).count();
    if (live > 0) verified_chains::attach(c, static_cast<std::time_t>(live));
    SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_options(c, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_read_ahead(c, 1);  // head and body of a small answer in one recv
    SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(c, keep_session);
    static constexpr std::array<unsigned char, 9> alpn = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    SSL_CTX_set_alpn_protos(c, alpn.data(), alpn.size());
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

result<std::shared_ptr<tls_context>> tls_context::make(const tls_options& options) {
    auto out = std::shared_ptr<tls_context>(new tls_context);
    out->context_.reset(SSL_CTX_new(TLS_client_method()));
    if (!out->context_) return failure(errc::tls_failed, "OpenSSL makes no TLS context: " + openssl_words());
    configure(out->context_.get(), options);
    if (options.extra_ca_pem.empty()) {
        if (options.system_roots) SSL_CTX_set1_cert_store(out->context_.get(), system_roots());
        return out;
    }
    store_ptr store(X509_STORE_new());
    if (!add_pem(store.get(), options.extra_ca_pem)) {
        return failure(errc::bad_config,
                       "tls.extra_ca_pem is not PEM text of certificates: give the text of the file "
                       "(-----BEGIN CERTIFICATE-----...), not its name");
    }
    if (options.system_roots) add_system_roots(store.get());
    SSL_CTX_set_cert_store(out->context_.get(), store.release());
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

}  // namespace dbxapps::net
