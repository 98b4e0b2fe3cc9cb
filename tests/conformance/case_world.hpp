// The world of a case while it is run: a HOME, a PATH with the fake programs that the case wants and no others, and the
// variables that it sets and no others. It is the environment of the whole process, so that programs inherit it: one
// world at a time, and no other thread meanwhile.
#pragma once

#include <conformance/auth_cases.hpp>

#include <login/surroundings.hpp>
#include <support/temporary_directory.hpp>

#include <map>
#include <string>

namespace dbxapps::conformance {

class scoped_environment {
public:
    explicit scoped_environment(const std::map<std::string, std::string>&);
    ~scoped_environment();
    scoped_environment(const scoped_environment&) = delete;
    scoped_environment& operator=(const scoped_environment&) = delete;

private:
    std::map<std::string, std::string> before_;
};

class case_world {
public:
    explicit case_world(const auth_case&);
    const std::string& home() const noexcept { return home_.path(); }
    config::surroundings surroundings() const { return login::process_surroundings(); }

private:
    test::temporary_directory home_, programs_;
    scoped_environment environment_;
};

}  // namespace dbxapps::conformance
