#include <net/engine_transport.hpp>

#include <text/ascii.hpp>
#include <user_agent.hpp>

namespace dbxapps::net {

asio::awaitable<result<response>> engine_transport::exchange(transport_request request, time_point deadline) {
    return run(engine_, std::move(request), deadline);
}

asio::awaitable<result<response>> engine_transport::run(std::shared_ptr<engine> with, transport_request request,
                                                        time_point deadline) {
    const auto to = text::parse_url(request.url);
    if (!to) co_return to.error();
    if (!to->secure && !text::is_loopback(to->host)) {
        co_return failure(errc::bad_request, "plain http goes to loopback hosts only, not to " + to->host);
    }
    std::string fields;
    for (const auto& [name, value] : request.headers) {
        if (!text::is_token(name) || !text::is_field_value(value)) {
            co_return failure(errc::bad_request, "the header '" + text::printable(name, 40) + "' cannot be sent");
        }
        fields.append(name).append(": ").append(value).append("\r\n");
    }
    wire_request wire(origin_of(*to));
    const bool has_body = request.method != "GET" && request.method != "HEAD";
    wire.head = request_head(request.method, *to, fields, product(), {},
                             has_body ? std::optional(request.body.size()) : std::nullopt);
    wire.head += request.body;
    wire.repeatable = request.repeatable;
    wire.answers_head = request.method == "HEAD";
    auto answer = co_await engine::exchange(with, wire, deadline);
    if (answer) co_return answer;
    failure why = answer.error();
    why.detail = request.method + " " + to->without_query() + ": " + why.detail;
    co_return why;
}

}  // namespace dbxapps::net
