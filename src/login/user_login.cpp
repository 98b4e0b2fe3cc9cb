// A person's login: from the store, by its refresh token, or by asking the person; see dbxapps/user_login.hpp.
//
// Before a refresh token is sent, the store says so: a process that ends meanwhile, or whose answer gets lost, leaves
// it marked as in doubt, and a store that cannot be written is found out before the token is spent.
#include <dbxapps/user_login.hpp>

#include <login/ask_person.hpp>
#include <login/find_endpoints.hpp>
#include <login/look_again.hpp>
#include <login/send.hpp>
#include <login/token_store.hpp>
#include <login/user_login_options.hpp>
#include <net/digest.hpp>
#include <oauth/user_grant.hpp>
#include <text/encoding.hpp>

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

namespace dbxapps {
namespace {

using namespace std::chrono_literals;
using boost::asio::awaitable;
using oauth::stored_login;

// A stored token with less life than this is renewed at once.
constexpr std::int64_t least_life_seconds = 60;
constexpr std::int64_t longest_life_seconds = std::int64_t{10} * 366 * 86400;  // as of an answer's
// A refresh token in doubt rests this long at least: whoever sent it may still be answered.
constexpr std::int64_t doubt_rests_seconds = 60;
// With less time than this, or than half of what there was, no refresh token is sent: its answer would be missed.
constexpr duration time_for_answer = 5s;
// Whatever takes no person. The cache's own limit is wider, when a person may be asked.
constexpr duration request_within = 30s;

class user_login_source final : public token_source {
public:
    explicit user_login_source(user_login_options o)
        : options_(std::move(o)),
          scope_(login::key_of(options_).scopes),
          store_(options_.store, login::key_of(options_)) {}

    std::string host() const override { return options_.host; }
    bool may_repeat() const noexcept override { return false; }
    void close() noexcept override { ends_->stop(); }
    duration needs() const noexcept override {
        return interactive() ? options_.login_within + 2 * request_within : duration{};
    }

    awaitable<result<token>> fetch(transport& via, time_point deadline) override {
        if (options_.always_ask && last_.empty()) {
            auto asked = co_await log_in(via, deadline);
            if (!asked) co_return std::move(asked).error();
            co_return hand_out(std::move(*asked));
        }
        auto known = look();
        if (!known) co_return std::move(known).error();
        if (auto good = usable(*known)) co_return hand_out(std::move(*good));
        if (*known && !(*known)->refresh_token.empty()) {
            auto refreshed = co_await refresh(via, std::min(deadline, clock::now() + request_within));
            if (refreshed) co_return hand_out(std::move(*refreshed));
            failure why = std::move(refreshed).error();
            if (!interactive()) co_return login::to_look_again(std::move(why));
            if (!why.is(errc::login_required)) co_return why;
        }
        if (!interactive()) co_return login::to_look_again(login_required("no login that could be used is stored"));
        auto fresh = co_await log_in(via, deadline);
        if (!fresh) co_return std::move(fresh).error();
        co_return hand_out(std::move(*fresh));
    }

private:
    bool interactive() const noexcept { return options_.open || options_.ask; }
    std::int64_t now() const {
        const auto at = options_.clock ? options_.clock() : std::chrono::system_clock::now();
        return std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
    }
    void warn(const std::string& words) const {
        if (options_.warn && !words.empty()) options_.warn(words);
    }
    failure login_required(const std::string& why) const {
        return {errc::login_required,
                why + " for " + options_.host + " (client " + options_.client_id + "); run: " + options_.login_command};
    }

    result<std::optional<stored_login>> look() const {
        auto found = store_.read();
        if (!found) return std::move(found).error();
        warn(found->warning);
        return std::move(found->login);
    }

    // Not the one that was handed out last: whoever asks again wants another one.
    std::optional<token> usable(const std::optional<stored_login>& known) const {
        if (!known || known->access_token == last_.access_token()) return std::nullopt;
        if (!known->expires_at) return token(known->access_token);
        const std::int64_t left = *known->expires_at - now();
        if (left < least_life_seconds) return std::nullopt;
        return token(known->access_token, std::chrono::seconds(std::min(left, longest_life_seconds)));
    }
    token hand_out(token t) {
        last_ = t;
        return t;
    }

    stored_login to_store(const oauth::grant& g, std::int64_t asked_at) const {
        stored_login out;
        out.access_token = g.access.access_token();
        out.refresh_token = g.refresh_token;
        if (const auto life = g.access.life())
            out.expires_at = asked_at + std::chrono::duration_cast<std::chrono::seconds>(*life).count();
        return out;
    }

    awaitable<result<login::endpoints>> endpoints(transport& via, time_point deadline) {
        if (known_.token.empty()) {
            oauth::issuer where = {options_.host, options_.account_id, options_.discovery_url};
            auto found = co_await login::find_endpoints(via, std::move(where), deadline);
            if (!found || found->guessed) co_return found;
            known_ = std::move(*found);
        }
        co_return known_;
    }

    // Words for a refresh token that is not to be sent now; nothing if it may be.
    std::optional<failure> in_doubt(const stored_login& known) const {
        if (!known.in_doubt_since) return std::nullopt;
        const std::int64_t at = now();
        std::int64_t until = *known.in_doubt_since + doubt_rests_seconds;
        // As long as the access token is of use there is a login to lose; one that does not expire counts as dead.
        if (known.expires_at) until = std::max(until, *known.expires_at - least_life_seconds);
        if (at >= until) return std::nullopt;
        return failure(errc::token_unavailable,
                       "an earlier refresh of the login for " + options_.host +
                           " was not answered, and may have used up its refresh token; it is tried once more in " +
                           std::to_string(until - at) + " s, or log in again: " + options_.login_command);
    }

    // The clock was set back since: both times were by the other one. True if so.
    bool set_back(stored_login& known) const {
        const std::int64_t at = now();
        if (!known.in_doubt_since || *known.in_doubt_since <= at) return false;
        if (known.expires_at) *known.expires_at = std::max(at, *known.expires_at - (*known.in_doubt_since - at));
        known.in_doubt_since = at;
        return true;
    }

    awaitable<result<token>> refresh(transport& via, time_point deadline) {
        const duration enough = std::min<duration>(time_for_answer, (deadline - clock::now()) / 2);
        const auto where = co_await endpoints(via, deadline);
        if (!where) co_return where.error();
        const auto held = co_await store_.lock(deadline, ends_);
        if (!held) co_return held.error();
        auto known = look();  // whoever had the lock may have renewed it
        if (!known) co_return std::move(known).error();
        if (auto newer = usable(*known)) co_return std::move(*newer);
        if (!*known || (*known)->refresh_token.empty()) co_return login_required("the stored login is gone");
        stored_login& login = **known;
        result<void> written;
        if (set_back(login)) written = store_.write(*held, login);
        if (auto why = in_doubt(login)) co_return std::move(*why);
        if (deadline - clock::now() < enough) {
            co_return failure(errc::timed_out, "no time was left to refresh the login for " + options_.host);
        }
        login.in_doubt_since = now();
        if (written) written = store_.write(*held, login);
        if (!written) co_return written.error();
        auto form = oauth::refresh_request(where->token, options_.client_id, login.refresh_token);
        auto answer = co_await post(via, std::move(form), deadline);
        co_return settle(*held, login, where->token, std::move(answer));
    }

    // What came of it goes into the store before anything else.
    result<token> settle(const login::store_lock& held, stored_login& login, const std::string& endpoint,
                         result<response> answer) {
        oauth::refresh_verdict verdict;
        failure why;
        if (answer) {
            auto granted = read(endpoint, *answer, login.refresh_token, {login.refresh_token});
            if (granted) {
                if (auto kept = store_.write(held, to_store(*granted, *login.in_doubt_since)); !kept)
                    warn(kept.error().detail + "; the login lasts as long as this access token");
                return std::move(granted->access);
            }
            verdict = oauth::judge_refresh(answer->status(), answer->body());
            why = std::move(granted).error();
            if (answer->status() == 404) known_ = {};  // it may have moved: look again next time
        } else {
            verdict = oauth::judge_refresh(answer.error());
            why = std::move(answer).error();
        }
        if (verdict == oauth::refresh_verdict::kept) {
            login.in_doubt_since.reset();
            if (auto kept = store_.write(held, login); !kept) warn(kept.error().detail);
        } else if (verdict == oauth::refresh_verdict::dead) {
            if (auto gone = store_.erase(held); !gone) warn(gone.error().detail);
            why.code = make_error_code(errc::login_required);
            why.detail = "the login is over: " + why.detail + "; run: " + options_.login_command;
        }
        return why;
    }

    awaitable<result<token>> log_in(transport& via, time_point deadline) {
        const auto where = co_await endpoints(via, std::min(deadline, clock::now() + request_within));
        if (!where) co_return where.error();
        if (where->authorize.empty()) {
            co_return failure(errc::bad_config, "the OAuth metadata of " + options_.host +
                                                    " names no https authorization_endpoint: nobody can log in there");
        }
        auto random = net::random_bytes(oauth::login_attempt::random_bytes);
        if (!random) co_return std::move(random).error();
        const auto attempt = std::make_shared<const oauth::login_attempt>(*random);
        explicit_bzero(random->data(), random->size());
        const auto until = std::min(deadline - request_within, clock::now() + options_.login_within);
        auto person = co_await login::ask_person(options_, where->authorize, scope_, attempt, until, ends_);
        if (!person) co_return std::move(person).error();
        if (ends_->stopped()) co_return failure(errc::closed, "closed before the login was finished");
        const std::int64_t asked_at = now();
        auto form = oauth::code_request(where->token, options_.client_id, person->code, person->redirect_uri,
                                        attempt->verifier);
        auto answer = co_await post(via, std::move(form), std::min(deadline, clock::now() + request_within));
        if (!answer) co_return std::move(answer).error();
        auto granted = read(where->token, *answer, "", {person->code, attempt->verifier});
        if (!granted) co_return std::move(granted).error();
        // Also when the cache closes: the code is spent, and the login would be lost.
        const auto held = co_await store_.lock(std::min(deadline, clock::now() + request_within));
        auto kept = held ? store_.write(*held, to_store(*granted, asked_at)) : result<void>(held.error());
        if (!kept) warn(kept.error().detail + "; the login lasts as long as this access token");
        co_return std::move(granted->access);
    }

    static awaitable<result<response>> post(transport& via, oauth::http_request form, time_point deadline) {
        auto out = login::outgoing(std::move(form), false);  // the grant is spent by its use
        return via.exchange(std::move(out), deadline);
    }

    // `secrets` in every spelling that a server may have seen and may repeat.
    static result<oauth::grant> read(const std::string& endpoint, response& answer, std::string_view old_refresh_token,
                                     std::vector<std::string> secrets) {
        for (std::size_t i = 0, plain = secrets.size(); i < plain; ++i)
            secrets.push_back(text::form_encoded(secrets[i]));
        auto out = oauth::read_grant_answer(endpoint, answer.status(), answer.body(), old_refresh_token,
                                            login::retry_after_of(answer), secrets);
        if (out) explicit_bzero(answer.body().data(), answer.body().size());
        return out;
    }

    const user_login_options options_;
    const std::string scope_;
    const login::token_store store_;
    const std::shared_ptr<net::stops> ends_ = std::make_shared<net::stops>();
    login::endpoints known_;  // by a document's word
    token last_;              // handed out
};

}  // namespace

std::unique_ptr<token_source> user_login(user_login_options options) {
    return std::make_unique<user_login_source>(login::completed(std::move(options)));
}

boost::asio::awaitable<bool> forget_user_login(user_login_options options) {
    const user_login_options o = login::completed(std::move(options));
    const login::token_store store(o.store, login::key_of(o));
    const auto known = store.read();
    // One that cannot be read goes as well, and what a writer left that was killed.
    if (known && !known->login && !store.left_over()) co_return false;
    const auto held = co_await store.lock(clock::now() + request_within);
    if (!held) throw error(held.error());
    const auto gone = store.erase(*held);
    if (!gone) throw error(gone.error());
    co_return true;
}

}  // namespace dbxapps
