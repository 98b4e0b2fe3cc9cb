// Who answered, the app or its front door, and what did the front door say? Pure (facts: Databricks Apps, 1.2 and 1.3).
//
// On authenticated traffic the front door adds `gap-auth`, so an answer with it is the app's own, whatever its status.
#pragma once

#include <dbxapps/response.hpp>

#include <iosfwd>
#include <string_view>

namespace dbxapps::apps {

enum class edge_verdict {
    app,            // the app's answer, or one that only the caller can judge
    not_signed_in,  // the front door did not accept the token
};
std::ostream& operator<<(std::ostream&, edge_verdict);

struct edge_answer {
    edge_verdict verdict = edge_verdict::app;
    bool app_saw_nothing = false;  // proof enough to send even a request again that may not be repeated
    bool operator==(const edge_answer&) const = default;
};

// `workspace_host`: lower case, may be empty. A 401 without gap-auth, or a redirect to a login page.
edge_answer read_edge_answer(const response&, std::string_view workspace_host);

// Does this Location lead to a login: /oidc/, /.auth/ or /login on whatever host, or anything on the workspace's?
bool is_login_location(std::string_view location, std::string_view workspace_host);

}  // namespace dbxapps::apps
