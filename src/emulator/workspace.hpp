// The workspace's side of a login: two metadata documents and the token endpoint; see apps_api for the rest. Pure:
// request and time in, answer out.
#pragma once

#include <emulator/answer.hpp>
#include <emulator/names.hpp>
#include <emulator/token_book.hpp>

#include <chrono>
#include <string_view>

namespace dbxapps::emulated {

class workspace {
public:
    enum class page { host_metadata, oauth_metadata, token, apps_api, none };

    struct documents {
        bool host_metadata = true;
        bool oauth_metadata = true;
    };

    // Both are kept by reference.
    workspace(const site& where, token_book& tokens, documents served);

    static page page_of(const request_head&) noexcept;
    void answer_metadata(page, answer&) const;
    // True when it issued a token.
    bool answer_token(const request_head&, std::string_view body, time_point now,
                      std::chrono::system_clock::time_point wall, answer&) const;
    static void not_found(answer&);

private:
    const site& site_;
    token_book& tokens_;
    const documents served_;
};

}  // namespace dbxapps::emulated
