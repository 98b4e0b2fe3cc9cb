// Who may pass to an app, and what the others are told. Pure: the head of a request and the time in, an answer out.
#pragma once

#include <emulator/answer.hpp>
#include <emulator/names.hpp>
#include <emulator/token_book.hpp>

#include <string>
#include <string_view>

namespace dbxapps::emulated {

enum class verdict {
    no_such_app,  // the Host field names no app: 404, in HTML
    challenged,   // no good token on /api or below: 401, empty
    sent_away,    // no good token elsewhere: 302 to the workspace's login page
    let_through,  // the app answers
};

class front_door {
public:
    // Both are kept by reference.
    front_door(const site& where, const token_book& tokens);

    verdict judge(const request_head&, time_point now) const;
    void answer_to(verdict, const request_head&, std::string_view body, std::string_view request_id, answer&) const;

private:
    void send_to_login(const request_head&, std::string_view request_id, answer&) const;

    const site& site_;
    const token_book& tokens_;
    const std::string user_;
};

}  // namespace dbxapps::emulated
