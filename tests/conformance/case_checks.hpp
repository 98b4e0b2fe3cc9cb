// What the tests of all kinds of cases share: settings from a case, and its expectations of them.
#pragma once

#include <conformance/auth_cases.hpp>

#include <config/settings.hpp>
#include <dbxapps/error.hpp>

#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace dbxapps::conformance {

std::string text_of(const boost::json::value&);  // lists with commas

// The settings that the program itself gives. What is "@file:TEXT" becomes the path of such a file in `directory`.
config::settings own_settings(const auth_case&, const std::string& directory = {});

bool expects_any(const auth_case&, std::initializer_list<const char*> fields);
// Fails the test unless the case expects this failure: its kind, its words, and no secret in them.
void expect_failure(const auth_case&, const failure&);
void expect_no_secret(const auth_case&, std::string_view words);
// Compares what is expected of settings; `passed_over`: names of `expect` that the caller looks at.
void expect_settings(const auth_case&, const config::settings&, std::initializer_list<std::string_view> passed_over);

// The cases that `here` says yes to, as parameters of a suite.
std::vector<auth_case> cases_where(bool (*here)(const auth_case&));

}  // namespace dbxapps::conformance
