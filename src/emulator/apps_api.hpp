// The workspace's API of apps (facts: Databricks Apps, 3): list, look, start, stop. Pure but for the book.
#pragma once

#include <emulator/answer.hpp>
#include <emulator/app_book.hpp>
#include <emulator/token_book.hpp>

#include <string_view>

namespace dbxapps::emulated {

class apps_api {
public:
    // Both are kept by reference.
    apps_api(app_book& apps, const token_book& tokens) : apps_(apps), tokens_(tokens) {}

    static bool covers(std::string_view path) noexcept;
    void answer_to(const request_head&, std::string_view body, std::string_view request_id, time_point now,
                   answer&) const;

private:
    void answer_list(std::string_view query, answer&) const;
    void answer_app(const request_head&, std::string_view body, answer&) const;

    app_book& apps_;
    const token_book& tokens_;
};

}  // namespace dbxapps::emulated
