#include <net/engine_transport.hpp>

#include <net/clear_text.hpp>
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
    origin where = origin_of(*to);
    where.instance_metadata = request.to_instance_metadata && !to->secure && is_instance_metadata(to->host, to->port);
    if (!to->secure && !where.instance_metadata && !text::is_loopback(to->host)) {
        co_return failure(errc::bad_request, "plain http goes to loopback hosts only, not to " + to->host);
    }
    std::string fields;
    for (const auto& [name, value] : request.headers) {
        if (!text::is_token(name) || !text::is_field_value(value)) {
            co_return failure(errc::bad_request, "the header '" + text::printable(name, 40) + "' cannot be sent");
        }
        fields.append(name).append(": ").append(value).append("\r\n");
    }
    const auto pool = with->pool_for(where);
    const std::string fixed = fixed_fields(*to, product());
    wire_request wire;
    wire.method = request.method;
    wire.target = to->target;
    wire.fixed = fixed;
    wire.fields = fields;
    if (request.method != "GET" && request.method != "HEAD") wire.content_length = request.body.size();
    wire.body = request.body;
    wire.repeatable = request.repeatable;
    std::optional<result<response>> answer;
    co_await engine::exchange(with, *pool, wire, clock::now(), deadline, answer);
    if (*answer) co_return std::move(*answer);
    failure why = answer->error();
    why.detail = request.method + " " + to->without_query() + ": " + why.detail;
    co_return why;
}

}  // namespace dbxapps::net
