// Which hosts may get the token: *.databricksapps.com, the workspace, and those the caller named. Pure.
//
// https only; plain http to a loopback host that was named. Asked before a name is looked up.
#pragma once

#include <text/url.hpp>

#include <string>
#include <vector>

namespace dbxapps::apps {

// Is it a host under databricksapps.com, behind whose front door an app is?
bool is_app_host(const text::url&);

class host_guard {
public:
    // Exact host names or IP literals, without port; letter case does not matter.
    explicit host_guard(const std::vector<std::string>& allowed = {});
    void allow(std::string_view host);
    // `workspace`: the host that the token at hand belongs to; may be empty.
    result<void> check(const text::url&, std::string_view workspace = {}) const;

private:
    std::vector<std::string> allowed_;  // in order
};

}  // namespace dbxapps::apps
