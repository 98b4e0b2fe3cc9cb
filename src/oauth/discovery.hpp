// Where is the token endpoint? The order of questions of facts/authentication 1.9 and 1.10 as a pure machine.
//
// next() says what to do; answered() or unreachable() reports what came of a question. Host metadata is best effort:
// whatever goes wrong with it is passed over. Fall-backs: a metadata document that cannot be used leads on to the fixed
// or well-known place, and a workspace without a readable document to {host}/oidc/v1/token.
#pragma once

#include <oauth/host_metadata.hpp>

#include <dbxapps/error.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace dbxapps::oauth {

struct issuer {
    std::string host;           // normal: https://<host>[:port]
    std::string account_id;     // may be empty
    std::string discovery_url;  // explicit; may be empty
};

struct discovery_step {
    enum class kind {
        ask,   // GET `url`, without credentials
        done,  // `url` is the token endpoint
        fail,  // `why`
    };
    kind what = kind::ask;
    std::string url;
    std::string authorize_url;       // done: where a person logs in, if a document says or the rule does
    std::optional<duration> within;  // ask for this long at most
    failure why;
    bool guessed = false;  // done without a document's word: good for one try, not to be kept
};

class discovery {
public:
    explicit discovery(issuer);
    const discovery_step& next() const noexcept { return step_; }
    void answered(int status, std::string_view body);
    void unreachable(const failure&);
    // Once it is done: for whom an ID token that is exchanged there has to be made out, if nobody said otherwise
    // (facts/authentication 2.7).
    std::string audience() const;

private:
    enum class stage { explicit_document, metadata, named_document, well_known, unified_document };
    void after_metadata();
    void after_named_document();
    void ask(stage, std::string url, std::optional<duration> within = std::nullopt);
    void done(std::string endpoint, std::string authorize_url, bool guessed = false);
    void fail(errc, std::string words);
    bool use_document(std::string_view body);  // done, if it names an endpoint
    void document_missing(int status, const failure* why);
    std::string well_known_url() const;
    bool is_account() const;
    bool is_unified() const;

    issuer issuer_;
    stage stage_ = stage::metadata;
    std::optional<host_metadata> metadata_;
    discovery_step step_;
};

}  // namespace dbxapps::oauth
