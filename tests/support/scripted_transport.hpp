// A transport that plays a script: one answer for each request, in their order; then nobody is there.
#pragma once

#include <support/answers.hpp>
#include <support/workspace.hpp>

#include <deque>

namespace dbxapps::test {

class scripted_transport final : public transport {
public:
    awaitable<result<response>> exchange(transport_request r, time_point deadline) override {
        asked.push_back(r.method + " " + r.url);
        requests.push_back(r);
        deadlines.push_back(deadline);
        last = std::move(r);
        if (answers.empty()) co_return failure(errc::connect_failed, "nobody is there");
        const std::string text = std::move(answers.front());
        answers.pop_front();
        if (text == unreachable) co_return failure(errc::connect_failed, "nobody is there");
        if (text == lost) {
            failure why(errc::connection_lost, "the connection ended");
            why.may_have_arrived = true;
            co_return why;
        }
        co_return support::answer(text);
    }
    static std::string json(int status, std::string_view body, std::string_view fields = "") {
        return "HTTP/1.1 " + std::to_string(status) + " X\r\n" + std::string(fields) +
               "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
    }
    static constexpr std::string_view unreachable = "nobody";
    static constexpr std::string_view lost = "lost";  // after the request was sent
    std::deque<std::string> answers;
    std::vector<std::string> asked;
    std::vector<transport_request> requests;  // all of them, and by when each had to be answered
    std::vector<time_point> deadlines;
    transport_request last{"", ""};
};

}  // namespace dbxapps::test
