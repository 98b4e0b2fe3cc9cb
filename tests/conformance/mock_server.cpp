#include <conformance/mock_server.hpp>

#include <conformance/case_checks.hpp>
#include <emulator/form.hpp>
#include <net/engine_transport.hpp>
#include <text/url.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <stdexcept>

namespace dbxapps::conformance {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace json = boost::json;
using tcp = asio::ip::tcp;

constexpr std::string_view meant_for = "X-Meant-For";  // the URL before it was mapped

std::map<std::string, std::string> texts_of(const json::object& from, std::string_view key) {
    std::map<std::string, std::string> out;
    if (const auto* all = from.if_contains(key)) {
        for (const auto& [name, value] : all->as_object())
            out.emplace(name, text_of(value));
    }
    return out;
}

// "@now+3600", in quotes, as a string that holds seconds.
std::string with_times(std::string text, std::int64_t now) {
    constexpr std::string_view mark = "@now+";
    for (std::size_t at; (at = text.find(mark)) != text.npos;) {
        const auto end = text.find_first_not_of("0123456789", at + mark.size());
        const auto ahead = std::stoll(text.substr(at + mark.size(), end - at - mark.size()));
        text.replace(at, end - at, std::to_string(now + ahead));
    }
    return text;
}

// A tenant that is known, or that a managed identity does not need, is not looked up.
bool needs_tenant(const auth_case& c) {
    const auto name = c.env.find("AZ_USER_NAME");
    const bool managed = name != c.env.end() && name->second.ends_with("AssignedIdentity");
    return !managed && !c.config.contains("azure_tenant_id");
}

listed_answer read_entry(const auth_case& c, const json::object& entry, std::string_view host, std::int64_t now) {
    listed_answer out;
    out.method = text_of(entry.at("method"));
    const auto* path = entry.if_contains("path");
    out.url = path ? std::string(host) + text_of(*path) : in_https(text_of(entry.at("url")));
    std::string fields;
    for (const auto& [name, value] : texts_of(entry, "headers"))
        fields += name + ": " + value + "\r\n";
    const auto* body = entry.if_contains("response");
    const std::string text = body && !body->is_null() ? with_times(json::serialize(*body), now) : "";
    out.answer = answer_text(entry.at("status").to_number<int>(), text, fields);
    out.form = texts_of(entry, "expect_form");
    out.headers = texts_of(entry, "expect_headers");
    const bool metadata = out.url.ends_with("/.well-known/databricks-config") && c.kind != "metadata";
    out.may_go_unasked = metadata || (out.url.ends_with("/aad/auth") && !needs_tenant(c));
    return out;
}

}  // namespace

std::string answer_text(int status, std::string_view body, std::string_view fields) {
    return "HTTP/1.1 " + std::to_string(status) + " As Listed\r\n" + std::string(fields) +
           "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           std::string(body);
}

std::string in_https(std::string url) {
    const auto parsed = text::parse_url(url);
    if (parsed && !parsed->secure && !text::is_loopback(parsed->host)) url.insert(4, "s");
    return url;
}

std::vector<listed_answer> listed_answers(const auth_case& c, std::string_view host, std::int64_t now) {
    std::vector<listed_answer> out;
    if (const auto* all = c.whole.if_contains("http")) {
        for (const auto& entry : all->as_array())
            out.push_back(read_entry(c, entry.as_object(), host, now));
    }
    return out;
}

struct mock_server::question : http::request<http::string_body> {
    std::string text(std::string_view name) const {
        const auto value = (*this)[{name.data(), name.size()}];
        return {value.data(), value.size()};
    }
};

mock_server::mock_server(asio::io_context& io, std::vector<listed_answer> listed)
    : acceptor_(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      url_("http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port())),
      listed_(std::move(listed)) {
    asio::co_spawn(io, accept(), asio::detached);
}

asio::awaitable<void> mock_server::accept() {
    for (;;) {
        auto [ec, socket] = co_await acceptor_.async_accept(asio::as_tuple(asio::use_awaitable));
        if (ec) co_return;
        asio::co_spawn(socket.get_executor(), serve(std::move(socket)), asio::detached);
    }
}

asio::awaitable<void> mock_server::serve(tcp::socket socket) {
    boost::beast::flat_buffer buffer;
    for (;;) {
        question asked;
        const auto [ec, n] = co_await http::async_read(socket, buffer, asked, asio::as_tuple(asio::use_awaitable));
        if (ec) co_return;
        const std::string answer = answer_to(asked);
        if (answer.empty()) {
            socket.set_option(asio::socket_base::linger(true, 0));
            co_return;
        }
        const auto [lost, sent] =
            co_await asio::async_write(socket, asio::buffer(answer), asio::as_tuple(asio::use_awaitable));
        if (lost) co_return;
    }
}

std::string mock_server::answer_to(const question& asked) {
    const std::string method(asked.method_string());
    std::string url = asked.text(meant_for);
    if (url.empty()) url = url_ + std::string(asked.target());
    const auto at = std::find_if(listed_.begin(), listed_.end(),
                                 [&](const listed_answer& a) { return a.method == method && a.url == url; });
    const std::string answer = at == listed_.end() ? answer_text(404, "{}") : at->answer;
    log_.push_back(method + " " + url + ": " + (answer.empty() ? "reset" : answer.substr(9, 3)));
    if (at == listed_.end()) return answer;
    ++at->asked;
    check(*at, asked);
    return answer;
}

void mock_server::check(const listed_answer& want, const question& got) {
    const auto differ = [&](const std::string& what, const std::string& wanted, const std::string& came) {
        troubles_.push_back(want.method + " " + want.url + ": " + what + " is '" + came + "', not '" + wanted + "'");
    };
    for (const auto& [name, value] : want.headers) {
        if (got.text(name) != value) differ("the header " + name, value, got.text(name));
    }
    if (want.form.empty()) return;
    auto form = emulated::parse_form(got.body()).value_or(emulated::form_fields());
    for (const auto& [name, value] : want.form) {
        if (form[name] != value) differ("the field " + name, value, form[name]);
    }
    if (!want.form.contains("client_id") && form.contains("client_id")) differ("client_id", "", form["client_id"]);
}

std::vector<std::string> mock_server::troubles() const {
    auto out = troubles_;
    for (const auto& each : listed_) {
        if (each.asked == 0 && !each.may_go_unasked) out.push_back(each.method + " " + each.url + " was not asked for");
    }
    return out;
}

std::unique_ptr<transport> real_transport(asio::io_context& io) {
    net::engine_options options;
    options.network.tls.system_roots = false;
    options.network.proxy.from_environment = false;
    auto made = net::engine::make(net::loop(io.get_executor()), options);
    if (!made) throw std::runtime_error(made.error().detail);
    return std::make_unique<net::engine_transport>(std::move(*made));
}

asio::awaitable<result<response>> mapped_transport::exchange(transport_request request, time_point deadline) {
    const auto to = text::parse_url(request.url);
    if (to && (to->secure || to->host == "localhost")) {
        request.headers.emplace_back(meant_for, request.url);
        request.url = server_ + to->target;
    }
    return real_.exchange(std::move(request), deadline);
}

}  // namespace dbxapps::conformance
