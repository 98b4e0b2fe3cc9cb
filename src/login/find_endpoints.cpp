#include <login/find_endpoints.hpp>

#include <algorithm>
#include <utility>

namespace dbxapps::login {

boost::asio::awaitable<result<endpoints>> find_endpoints(transport& via, oauth::issuer where, time_point deadline) {
    oauth::discovery search(std::move(where));
    while (search.next().what == oauth::discovery_step::kind::ask) {
        const auto limit = search.next().within;
        transport_request question("GET", search.next().url);
        question.headers = {{"Accept", "application/json"}};
        question.repeatable = true;
        const auto until = limit ? std::min(deadline, clock::now() + *limit) : deadline;
        auto answer = co_await via.exchange(std::move(question), until);
        if (answer) {
            search.answered(answer->status(), answer->body());
        } else {
            const failure why = answer.error();
            if (why.is(errc::closed) || why.is(errc::cancelled)) co_return why;
            search.unreachable(why);
        }
    }
    const oauth::discovery_step& found = search.next();
    if (found.what == oauth::discovery_step::kind::fail) co_return found.why;
    endpoints out;
    out.token = found.url;
    out.authorize = found.authorize_url;
    out.audience = search.audience();
    out.guessed = found.guessed;
    co_return out;
}

}  // namespace dbxapps::login
