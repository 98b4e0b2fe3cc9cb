// The cases of auth-cases.json: how the SDKs of Databricks and its CLI behave. Its `conventions` and `fakes` say how to
// read them. Each file of tests here runs the cases that it can decide, and `departures` are the only ones skipped.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dbxapps::conformance {

struct auth_case {
    std::string name, kind;
    std::map<std::string, std::string> env;
    std::optional<std::string> home_cfg;  // ~/.databrickscfg
    boost::json::object config;           // explicit settings
    std::vector<std::string> needs;       // "requires"
    boost::json::object expect;
    boost::json::object whole;  // with what only some kinds have

    bool needs_any(std::string_view prefix) const;
    std::string test_name() const;  // letters, digits and underscores
};
void PrintTo(const auth_case&, std::ostream*);

std::vector<auth_case> read_auth_cases();  // throws if the file is not as it should be

enum class decided_by {
    configuration,  // settings alone
    exchanges,      // answers of a server, programs or time
};
decided_by who_decides(const auth_case&);

struct departure {
    std::string_view name, reason;
};
constexpr departure departures[] = {
    {"pasted URL in CLI: o beats w", "what the CLI does with a URL on its command line; the SDK for Go prefers w"},
    {"10 callers: blocking, source returns expired token",
     "a fetch that gives no token anybody can use has failed: it answers all ten callers, instead of being repeated by "
     "each of them in turn"},
    {"expired test: exactly now",
     "a token at its end is refused on its way, so none is handed out with less life than its margin, let alone none"},
};
const departure* find_departure(std::string_view case_name);

}  // namespace dbxapps::conformance
