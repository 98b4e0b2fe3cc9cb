// dbxapps auth login and logout: a person's login, kept for later runs.
#include <cli/ask.hpp>
#include <cli/commands.hpp>
#include <cli/signals.hpp>

#include <login/login_options_of.hpp>
#include <login/surroundings.hpp>

#include <dbxapps/token_cache.hpp>
#include <dbxapps/user_login.hpp>

#include <boost/asio/this_coro.hpp>

#include <iostream>

namespace dbxapps::cli {
namespace {

user_login_options login_of(const options& o) {
    const auto resolved = login::resolve(o.settings, login::process_surroundings());
    if (!resolved) throw error(resolved.error());
    if (!resolved->values.has(config::attribute::host)) {
        throw error(config::failed(config::config_error::no_host,
                                   "which workspace? Give --host, a --profile with one, or DATABRICKS_HOST"));
    }
    return login::login_options_of(resolved->values);
}

boost::asio::awaitable<bool> log_in(user_login_options how, network_options network) {
    token_options fetching;
    fetching.network = std::move(network);
    const duration within = how.login_within + std::chrono::minutes(1);
    auto source = user_login(std::move(how));
    const auto cache = make_token_cache(co_await boost::asio::this_coro::executor, std::move(source), fetching);
    const auto got = co_await cache->get(clock::now() + within);
    cache->close();
    if (!got) throw error(got.error());
    co_return true;
}

}  // namespace

// A login that is stored already is asked for anew: that is what the person wants.
int login(const options& o) {
    user_login_options how = login_of(o);
    const std::string host = how.host;
    if (o.browser) {
        how.open = open_browser;
    } else {
        how.ask = ask_for_redirect;
    }
    how.warn = warn;
    how.always_ask = true;
    run_interruptibly(log_in(std::move(how), network_of(o)));
    std::cout << "logged in to " << host << "\n";
    return 0;
}

int logout(const options& o) {
    const user_login_options how = login_of(o);
    const bool was_there = run_interruptibly(forget_user_login(how));
    std::cout << (was_there ? "logged out of " : "nobody was logged in to ") << how.host << "\n";
    return 0;
}

}  // namespace dbxapps::cli
