// libcurl, tuned: one multi handle on epoll, and easy handles that are made ready once and used call after call.
#include "curl_multi.hpp"
#include "peer.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace bench;

constexpr long patience_ms = 30'000;

struct list_releaser {
    void operator()(curl_slist* l) const noexcept { curl_slist_free_all(l); }
};
using list_ptr = std::unique_ptr<curl_slist, list_releaser>;

void append(list_ptr& list, const std::string& text) {
    curl_slist* const longer = curl_slist_append(list.get(), text.c_str());
    if (!longer) throw std::bad_alloc();
    static_cast<void>(list.release());
    list.reset(longer);
}

// An easy handle and what belongs to it.
struct transfer {
    struct releaser {
        void operator()(CURL* e) const noexcept { curl_easy_cleanup(e); }
    };
    list_ptr name;  // the address of its host
    std::unique_ptr<CURL, releaser> easy;
    std::string body;
    std::size_t slot = 0;
    bool looks = false;  // asks whether its connection resumed a session
    bool resumed = false;
};

class curl : public peer, curl_multi::listener {
public:
    explicit curl(const options& o);
    void run(work&, std::size_t in_flight) override;
    void drop() override;
    std::optional<std::uint64_t> resumed() const override;

private:
    static std::size_t take(char* data, std::size_t size, std::size_t count, void* to);
    void make_ready(transfer&, const std::string& host);
    void secure(CURL*);
    void start(std::size_t last, transfer*);
    void ended(CURL*, CURLcode) override;
    void renew_multi();

    options asked_;
    list_ptr headers_;
    std::vector<transfer> transfers_;
    std::unique_ptr<curl_multi> multi_;
    work* work_ = nullptr;
    bool opening_ = false;  // idle: the first call of each slot opens a connection
    std::uint64_t resumed_ = 0;
};

// An idle connection needs no easy handle: libcurl keeps it in the multi handle.
std::size_t transfers_for(const options& o) { return o.what == command::idle ? o.in_flight : o.slots(); }

curl::curl(const options& o) : asked_(o), transfers_(transfers_for(o)), opening_(o.what == command::idle) {
    append(headers_, "Accept: " + std::string(accepted_type));
    append(headers_, "Authorization: Bearer " + o.token);
    for (std::size_t n = 0; n < transfers_.size(); ++n)
        make_ready(transfers_[n], o.host_of(n));
    renew_multi();
}

void curl::secure(CURL* easy) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, asked_.ca.c_str());
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);  // with a directory the CA is never cached
    curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 86'400L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
}

void curl::make_ready(transfer& t, const std::string& host) {
    t.easy.reset(curl_easy_init());
    CURL* const easy = t.easy.get();
    if (!easy) throw std::bad_alloc();
    const std::string port = std::to_string(asked_.port);
    append(t.name, host + ":" + port + ":" + asked_.address);
    t.looks = asked_.what == command::fanout;
    curl_easy_setopt(easy, CURLOPT_URL, ("https://" + host + ":" + port + asked_.path).c_str());
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(easy, CURLOPT_USERAGENT, std::string(user_agent).c_str());
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_.get());
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &t);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, &t);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, patience_ms);
    secure(easy);
}

// The TLS sessions stay with the easy handles, so a new multi handle has no connection and all sessions.
void curl::renew_multi() {
    multi_.reset();
    multi_ = std::make_unique<curl_multi>(static_cast<long>(asked_.slots()));
    for (const transfer& t : transfers_) {
        multi_->watch(t.easy.get());
        curl_easy_setopt(t.easy.get(), CURLOPT_RESOLVE, t.name.get());  // names are known to one multi handle only
    }
}

void curl::drop() { renew_multi(); }

std::optional<std::uint64_t> curl::resumed() const { return resumed_; }

std::size_t curl::take(char* data, std::size_t size, std::size_t count, void* to) {
    auto& t = *static_cast<transfer*>(to);
    t.body.append(data, size * count);
    if (t.looks) {  // afterwards the connection is no longer the easy handle's
        curl_tlssessioninfo* tls = nullptr;
        const bool told = curl_easy_getinfo(t.easy.get(), CURLINFO_TLS_SSL_PTR, &tls) == CURLE_OK && tls;
        t.resumed = told && tls->internals && SSL_session_reused(static_cast<SSL*>(tls->internals)) == 1;
    }
    return size * count;
}

// A slot has its own easy handle, where connections are many and calls are few it takes the one that is given.
void curl::start(std::size_t last, transfer* given) {
    const std::size_t slot = work_->next(last);
    if (slot == work::none) return;
    transfer& t = asked_.what == command::idle ? *given : transfers_[slot];
    t.slot = slot;
    t.body.clear();
    t.resumed = false;
    if (asked_.what == command::idle) curl_easy_setopt(t.easy.get(), CURLOPT_FRESH_CONNECT, opening_ ? 1L : 0L);
    multi_->add(t.easy.get());
}

void curl::ended(CURL* easy, CURLcode result) {
    transfer* t = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &t);
    long status = 0;
    curl_off_t promised = -1;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &promised);
    resumed_ += t->resumed;
    if (result != CURLE_OK) {
        work_->failed(curl_easy_strerror(result));
    } else if (status != 200 || promised < 0 || static_cast<std::size_t>(promised) != t->body.size()) {
        work_->failed("the answer is not a 200 with a body of the length promised");
    } else {
        work_->succeeded(t->body.size());
    }
    start(t->slot, t);
}

void curl::run(work& w, std::size_t in_flight) {
    work_ = &w;
    for (std::size_t n = 0; n < in_flight; ++n)
        start(n, &transfers_[n % transfers_.size()]);
    multi_->run(*this);
    opening_ = false;
}

}  // namespace

int main(int argc, char** argv) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    return run_peer(argc, argv, [](const options& o) -> std::unique_ptr<peer> { return std::make_unique<curl>(o); });
}
