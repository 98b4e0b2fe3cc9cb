// The app behind every app host: what it answers to a request that the front door let through. Pure.
#pragma once

#include <emulator/answer.hpp>

#include <string_view>

namespace dbxapps::emulated {

// What the front door tells an app about a request, in the fields that apps know it by.
struct app_call {
    const request_head& head;
    std::string_view body;
    std::string_view app;
    std::string_view user;
    std::string_view request_id;
};

void answer_as_app(const app_call&, answer&);

}  // namespace dbxapps::emulated
