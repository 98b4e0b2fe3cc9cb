// A transport whose answers are made from the requests, all of which it keeps.
#pragma once

#include <support/scripted_transport.hpp>
#include <text/encoding.hpp>

#include <functional>
#include <map>

namespace dbxapps::test {

class answering_transport final : public transport {
public:
    // The whole text of the answer; empty: nobody is there.
    explicit answering_transport(std::function<std::string(const transport_request&)> answers)
        : answers_(std::move(answers)) {}
    awaitable<result<response>> exchange(transport_request r, time_point deadline) override {
        requests.push_back(r);
        deadlines.push_back(deadline);
        const std::string text = answers_(r);
        if (text.empty()) co_return failure(errc::connect_failed, "nobody is there");
        co_return support::answer(text);
    }
    std::vector<std::string> asked() const {
        std::vector<std::string> out;
        for (const auto& r : requests)
            out.push_back(r.method + " " + r.url);
        return out;
    }
    std::vector<transport_request> requests;
    std::vector<time_point> deadlines;

private:
    std::function<std::string(const transport_request&)> answers_;
};

inline result<token> fetch_from(token_source& source, transport& via, duration within = 10s) {
    asio::io_context io;
    result<token> out = failure(errc::closed, "never ended");
    asio::co_spawn(
        io, [&]() -> awaitable<void> { out = co_await source.fetch(via, clock::now() + within); }, asio::detached);
    run_out(io);
    return out;
}

// "name: value\r\n" each.
inline std::map<std::string, std::string> fields_of(const token& t) {
    std::map<std::string, std::string> out;
    std::string_view rest = t.workspace_fields();
    while (!rest.empty()) {
        const auto colon = rest.find(": "), end = rest.find("\r\n");
        out.emplace(rest.substr(0, colon), rest.substr(colon + 2, end - colon - 2));
        rest.remove_prefix(end + 2);
    }
    return out;
}

// The form field of a body, decoded; empty if there is none.
inline std::string form_field(std::string_view body, std::string_view name) {
    for (std::size_t from = 0; from < body.size();) {
        const std::size_t end = std::min(body.find('&', from), body.size());
        const std::string_view field = body.substr(from, end - from);
        if (field.starts_with(name) && field.substr(name.size()).starts_with('=')) {
            return text::percent_decoded(field.substr(name.size() + 1)).value_or("");
        }
        from = end + 1;
    }
    return {};
}

}  // namespace dbxapps::test
