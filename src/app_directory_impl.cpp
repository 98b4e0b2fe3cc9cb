#include <app_directory_impl.hpp>

#include <core/deadline.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <set>
#include <utility>

namespace dbxapps {
namespace {

using namespace std::chrono_literals;
using action = apps::app_action::kind;

constexpr int most_pages = 1000;
// A URL that is older than it should be is believed for so long while the workspace cannot be asked.
constexpr duration old_urls_live = 10s;

apps::question words_for(const request& r, std::string_view name) {
    return {std::string(r.method()) + " " + std::string(r.url().substr(0, r.url().find('?'))), name, nullptr};
}

failure without_url(const app_info& app, const std::string& host) {
    return failure(errc::app_unavailable, "the app " + app.name + " of " + host +
                                              " has no URL yet; deploy it, and wait until it serves "
                                              "(app_directory::wait_until_serving)");
}

std::optional<failure> wrong_call(const std::string& name, const request& r) {
    if (auto named = apps::check_name(name); !named) return std::move(named).error();
    if (!r.problem().empty()) return failure(errc::bad_request, std::string(r.problem()));
    if (r.url().starts_with('/')) return std::nullopt;
    return failure(errc::bad_request, "a call by name has a path as its URL, as in get(\"/api/hello\")");
}

failure ended_by(net::wake why, const std::string& what) {
    if (why == net::wake::cancelled) return {errc::cancelled, "cancelled while " + what};
    if (why == net::wake::rung) return {errc::closed, "the client was closed while " + what};
    return {errc::timed_out, "the deadline passed while " + what};
}

}  // namespace

// One look-up. It lands also when the client's io_context goes before it has begun or ended.
struct app_directory::impl::flight {
    flight(std::shared_ptr<impl> o, std::string n) : of(std::move(o)), name(std::move(n)) {}
    flight(const flight&) = delete;
    flight& operator=(const flight&) = delete;
    ~flight() {
        if (!landed) of->land(name, failure(errc::closed, "the client's io_context is gone"));
    }
    const std::shared_ptr<impl> of;
    const std::string name;
    bool landed = false;
};

app_directory::impl::impl(client c, std::shared_ptr<client::impl> below, std::string host, app_directory_options o)
    : client_(std::move(c)), below_(std::move(below)), host_(std::move(host)), options_(o) {}

app_directory::impl::place app_directory::impl::known(const std::string& name, const place& failed) {
    std::lock_guard lock(mutex_);
    const auto found = entries_.find(name);
    return found == entries_.end() ? nullptr : found->second.good(failed);
}

app_directory::impl::place app_directory::impl::join(const std::string& name, const place& failed,
                                                     std::shared_ptr<answer> to) {
    {
        std::lock_guard lock(mutex_);
        entry& e = entries_[name];
        if (auto known = e.good(failed)) return known;
        if (e.known == failed) e.known.reset();
        e.waiting.push_back(std::move(to));
        if (std::exchange(e.looking, true)) return nullptr;
    }
    const auto f = std::make_shared<flight>(shared_from_this(), name);
    below_->where().post([f] { asio::co_spawn(f->of->below_->where().executor(), fly(f), asio::detached); });
    return nullptr;
}

asio::awaitable<void> app_directory::impl::fly(std::shared_ptr<flight> f) {
    auto found = co_await ask(f->of, f->name, f->of->options_.look_up_within);
    f->landed = true;
    f->of->land(f->name, std::move(found));
}

result<app_directory::impl::place> app_directory::impl::settle(entry& e, result<app_info> found) const {
    const time_point now = clock::now();
    if (!found) {
        if (!e.known || !apps::may_pass(found.error())) return std::move(found).error();
        e.good_until = core::no_later_than(time_point::max(), now, std::min(options_.urls_live, old_urls_live));
        return e.known;
    }
    if (found->url.empty()) return without_url(*found, host_);
    e.known = std::make_shared<const app_info>(std::move(*found));
    e.good_until = core::no_later_than(time_point::max(), now, options_.urls_live);
    return e.known;
}

void app_directory::impl::land(const std::string& name, result<app_info> found) {
    std::unique_lock lock(mutex_);
    entry& e = entries_[name];
    const auto outcome = settle(e, std::move(found));
    const auto waiting = std::exchange(e.waiting, {});
    e.looking = false;
    if (!outcome) entries_.erase(name);  // only what exists is kept
    lock.unlock();
    for (const auto& each : waiting)
        each->deliver(outcome);
}

void app_directory::impl::remember(const app_info& app) {
    if (app.url.empty()) return;
    std::lock_guard lock(mutex_);
    entry& e = entries_[app.name];
    if (!e.known || e.known->url != app.url) e.known = std::make_shared<const app_info>(app);
    e.good_until = core::no_later_than(time_point::max(), clock::now(), options_.urls_live);
}

asio::awaitable<result<app_directory::impl::place>> app_directory::impl::look_up(std::shared_ptr<impl> self,
                                                                                 std::string name, place failed,
                                                                                 time_point deadline) {
    const auto to = std::make_shared<answer>(co_await asio::this_coro::executor);
    struct leaver {
        answer& to;
        ~leaver() { to.abandon(); }
    } leaver{*to};
    if (auto known = self->join(name, failed, to)) co_return known;
    const net::stops::wait closing(self->below_->waits(), to->bell());
    const net::wake why = co_await net::wait_for_bell(to->bell(), deadline);
    if (auto came = to->take()) co_return std::move(*came);
    co_return ended_by(why, "looking up the app " + name + " at " + self->host_);
}

asio::awaitable<result<response>> app_directory::impl::call(std::shared_ptr<impl> self, std::string name, request r) {
    if (auto wrong = wrong_call(name, r)) co_return std::move(*wrong);
    const duration within = r.within().value_or(self->below_->within());
    const time_point deadline = core::no_later_than(time_point::max(), clock::now(), within);
    failure lost;  // why it found nothing where the app was
    for (place failed;;) {
        place at = self->known(name, failed);
        if (!at) {
            auto found = co_await look_up(self, name, failed, deadline);
            if (!found && failed && apps::may_pass(found.error())) co_return lost;
            if (!found) co_return std::move(found).error();
            at = std::move(*found);
        }
        const duration left = deadline - clock::now();
        if (left <= duration::zero()) co_return ended_by(net::wake::timed_out, "looking up the app " + name);
        const std::string url = at->url + std::string(r.url());
        request sent = failed ? std::move(r).to(url) : r.to(url);
        auto out = co_await self->client_.try_send(std::move(sent.within(left)));
        if (out || failed || !out.error().is(errc::resolve_failed)) co_return out;
        lost = std::move(out).error();
        failed = std::move(at);
    }
}

request app_directory::impl::question(std::string_view method, const std::string& path,
                                      std::optional<duration> within) const {
    request r = request(method, host_ + path).with("Accept", "application/json");
    if (within) r.within(*within);
    return r;
}

asio::awaitable<result<app_info>> app_directory::impl::ask(std::shared_ptr<impl> self, std::string name,
                                                           std::optional<duration> within) {
    request r = self->question("GET", apps::app_path(name), within);
    apps::question asked = words_for(r, name);
    auto out = co_await self->client_.try_send(std::move(r));
    if (!out) co_return std::move(out).error();
    asked.presented = self->presented();
    co_return apps::read_app(*out, asked);
}

asio::awaitable<result<app_info>> app_directory::impl::find(std::shared_ptr<impl> self, std::string name) {
    if (auto named = apps::check_name(name); !named) co_return std::move(named).error();
    auto found = co_await ask(self, name, std::nullopt);
    if (found) self->remember(*found);
    co_return found;
}

asio::awaitable<result<apps::app_page>> app_directory::impl::ask_page(std::shared_ptr<impl> self, std::string token) {
    request r = self->question("GET", apps::page_path(token), std::nullopt);
    apps::question asked = words_for(r, {});
    auto out = co_await self->client_.try_send(std::move(r));
    if (!out) co_return std::move(out).error();
    asked.presented = self->presented();
    co_return apps::read_page(*out, asked);
}

asio::awaitable<result<std::vector<app_info>>> app_directory::impl::list(std::shared_ptr<impl> self) {
    std::vector<app_info> all;
    std::set<std::string> seen;
    std::string next;
    do {
        auto page = co_await ask_page(self, next);
        if (!page) co_return std::move(page).error();
        for (app_info& app : page->apps) {
            self->remember(app);
            all.push_back(std::move(app));
        }
        next = std::move(page->next);
        const bool endless = !seen.insert(next).second || seen.size() > most_pages;
        if (endless && !next.empty()) {
            co_return failure(errc::bad_response, "the list of apps of " + self->host_ + " has no end: after " +
                                                      std::to_string(seen.size()) +
                                                      " pages, their tokens repeat or go on");
        }
    } while (!next.empty());
    co_return all;
}

// Twice does no harm: the second is refused for a state that is on its way to the wanted one.
asio::awaitable<result<void>> app_directory::impl::command(std::shared_ptr<impl> self, std::string name,
                                                           std::string_view verb, duration within) {
    request r = self->question("POST", apps::app_path(name) + "/" + std::string(verb), within);
    r.body("{}", "application/json").repeatable();
    apps::question asked = words_for(r, name);
    auto out = co_await self->client_.try_send(std::move(r));
    if (!out) co_return std::move(out).error();
    asked.presented = self->presented();
    co_return apps::read_command(*out, asked);
}

asio::awaitable<std::optional<failure>> app_directory::impl::pause(std::shared_ptr<impl> self, duration how_long) {
    const net::bell over(co_await asio::this_coro::executor);
    const net::stops::wait closing(self->below_->waits(), over);
    const net::wake why = co_await net::wait_for_bell(over, clock::now() + how_long);
    if (why == net::wake::timed_out) co_return std::nullopt;
    co_return ended_by(why, "waiting for an app");
}

asio::awaitable<result<app_info>> app_directory::impl::wait(std::shared_ptr<impl> self, std::string name,
                                                            apps::app_goal goal, duration within, progress tell) {
    if (auto named = apps::check_name(name); !named) co_return std::move(named).error();
    if (within <= 0s) co_return failure(errc::bad_request, "waiting for an app needs a time of more than nothing");
    apps::app_wait machine(goal, "the app " + name + " of " + self->host_, clock::now(), within);
    app_info last;
    apps::app_action next = machine.begin();
    while (next.what != action::done && next.what != action::fail) {
        const duration limit = machine.request_within(clock::now());
        if (next.what == action::wait) {
            auto ended = co_await pause(self, next.delay);
            if (ended) co_return std::move(*ended);
            next = machine.woke(clock::now());
        } else if (next.what == action::command) {
            auto took = co_await command(self, name, goal == apps::app_goal::stopped ? "stop" : "start", limit);
            next = took ? machine.took() : machine.failed(took.error(), clock::now(), client::impl::random());
        } else {
            auto seen = co_await ask(self, name, limit);
            next = seen ? machine.saw(*seen, clock::now(), client::impl::random())
                        : machine.failed(seen.error(), clock::now(), client::impl::random());
            if (!seen) continue;
            last = std::move(*seen);
            self->remember(last);
            if (machine.news() && tell) tell(last);
        }
    }
    if (next.what == action::fail) co_return std::move(next.why);
    co_return last;
}

}  // namespace dbxapps
