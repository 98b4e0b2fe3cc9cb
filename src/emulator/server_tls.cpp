#include <emulator/server_tls.hpp>

#include <boost/asio/buffer.hpp>

#include <openssl/ssl.h>

namespace dbxapps::emulated {
namespace {

namespace asio = boost::asio;

constexpr unsigned char spoken[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

int choose_protocol(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* offered,
                    unsigned offered_size, void*) {
    unsigned char* chosen = nullptr;
    if (SSL_select_next_proto(&chosen, size, spoken, sizeof spoken, offered, offered_size) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

}  // namespace

asio::ssl::context server_tls(const certificates& certs) {
    asio::ssl::context context(asio::ssl::context::tls_server);
    context.use_certificate_chain(asio::buffer(certs.leaf_pem));
    context.use_private_key(asio::buffer(certs.leaf_key_pem), asio::ssl::context::pem);
    SSL_CTX* const native = context.native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);  // tickets carry the sessions
    SSL_CTX_set_num_tickets(native, 2);
    constexpr unsigned char id[] = "emulator";
    SSL_CTX_set_session_id_context(native, id, sizeof id - 1);
    SSL_CTX_set_alpn_select_cb(native, choose_protocol, nullptr);
    return context;
}

}  // namespace dbxapps::emulated
