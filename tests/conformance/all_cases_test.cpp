// No case is lost: each is a test of that name, and those that are skipped are the departures.
#include <conformance/auth_cases.hpp>

#include <support/temporary_directory.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <string>

namespace dbxapps::conformance {
namespace {

// How many tests there are for each parameter: "cases/suite" has tests called "name/parameter".
std::map<std::string, int> tests_by_parameter() {
    std::map<std::string, int> out;
    const auto& all = *testing::UnitTest::GetInstance();
    for (int s = 0; s < all.total_test_suite_count(); ++s) {
        const auto& suite = *all.GetTestSuite(s);
        if (!std::string(suite.name()).starts_with("cases/")) continue;
        for (int t = 0; t < suite.total_test_count(); ++t) {
            const std::string name = suite.GetTestInfo(t)->name();
            ++out[name.substr(name.find('/') + 1)];
        }
    }
    return out;
}

TEST(auth_cases, are_all_accounted_for) {
    const auto cases = read_auth_cases();
    const auto tests = tests_by_parameter();
    for (const auto& c : cases) {
        const auto found = tests.find(c.test_name());
        EXPECT_TRUE(found != tests.end() && found->second == 1) << c.name << " is no test, or more than one";
    }
    EXPECT_EQ(tests.size(), cases.size());
    std::cout << cases.size() << " cases: " << cases.size() - std::size(departures) << " run, " << std::size(departures)
              << " departed from\n";
    for (const auto& d : departures)
        std::cout << "  " << d.name << ": " << d.reason << '\n';
}

TEST(auth_cases, have_few_departures_and_each_names_one_and_is_in_README) {
    const std::string readme = test::text_of_file(DBXAPPS_README);
    const auto cases = read_auth_cases();
    EXPECT_LE(std::size(departures), 12u);
    for (const auto& d : departures) {
        const auto named = [&](const auth_case& c) { return c.name == d.name; };
        EXPECT_EQ(std::count_if(cases.begin(), cases.end(), named), 1) << d.name;
        EXPECT_FALSE(d.reason.empty()) << d.name;
        EXPECT_NE(readme.find("| `" + std::string(d.name) + "` |"), std::string::npos) << d.name;
    }
}

}  // namespace
}  // namespace dbxapps::conformance
