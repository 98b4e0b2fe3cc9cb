// dbxapps auth token: an access token, as the official CLI prints it.
#include <cli/commands.hpp>
#include <cli/json_text.hpp>
#include <cli/signals.hpp>

#include <dbxapps/token_cache.hpp>
#include <dbxapps/unified_login.hpp>

#include <boost/asio/this_coro.hpp>
#include <boost/json/object.hpp>

#include <array>
#include <ctime>
#include <iostream>

namespace dbxapps::cli {
namespace {

// For a person who may have to act, or a program that has to be asked.
constexpr duration within = std::chrono::minutes(2);

boost::asio::awaitable<token_ptr> fetch(const options& o) {
    token_options how;
    how.network = network_of(o);
    auto source = unified_login(o.settings, warn);
    const auto cache = make_token_cache(co_await boost::asio::this_coro::executor, std::move(source), std::move(how));
    const auto got = co_await cache->get(clock::now() + within);
    cache->close();
    if (!got) throw error(got.error());
    co_return *got;
}

// RFC 3339, in UTC.
std::string expiry_of(duration life) {
    const auto at = std::chrono::system_clock::now() + std::chrono::duration_cast<std::chrono::seconds>(life);
    const std::time_t seconds = std::chrono::system_clock::to_time_t(at);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 32> out{};
    std::strftime(out.data(), out.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return out.data();
}

}  // namespace

int token(const options& o) {
    const token_ptr t = run_interruptibly(fetch(o));
    if (!t->authorization().starts_with("Bearer ")) {
        throw error(failure(errc::bad_config, "the login is " + std::string(t->unfit_for_apps()) +
                                                  ": there is no token; choose another --auth-type"));
    }
    if (!o.json) {
        std::cout << t->access_token() << "\n";
        return 0;
    }
    boost::json::object out{{"access_token", t->access_token()}, {"token_type", "Bearer"}};
    if (const auto life = t->life()) out["expiry"] = expiry_of(*life);
    std::cout << json_text(out) << "\n";
    return 0;
}

}  // namespace dbxapps::cli
