#include <conformance/case_world.hpp>

#include <conformance/fake_programs.hpp>
#include <conformance/mock_server.hpp>

#include <unistd.h>
#include <cstdlib>

namespace dbxapps::conformance {
namespace {

std::map<std::string, std::string> all_variables() {
    std::map<std::string, std::string> out;
    for (char** each = environ; each && *each; ++each) {
        const std::string text = *each;
        const auto equals = text.find('=');
        if (equals != text.npos) out.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return out;
}

void set_all(const std::map<std::string, std::string>& variables) {
    ::clearenv();
    for (const auto& [name, value] : variables)
        ::setenv(name.c_str(), value.c_str(), 1);
}

std::map<std::string, std::string> environment_of(const auth_case& c, const std::string& home,
                                                  const std::string& programs) {
    std::map<std::string, std::string> out;
    for (const auto& [name, value] : c.env)
        out.emplace(name, in_https(value));
    out["HOME"] = home;
    out["PATH"] = programs;
    return out;
}

}  // namespace

scoped_environment::scoped_environment(const std::map<std::string, std::string>& variables) : before_(all_variables()) {
    set_all(variables);
}

scoped_environment::~scoped_environment() { set_all(before_); }

case_world::case_world(const auth_case& c) : environment_(environment_of(c, home_.path(), programs_.path())) {
    if (c.home_cfg) test::make_file(home_.path() + "/.databrickscfg", *c.home_cfg);
    write_fake_programs(c, programs_.path());
}

}  // namespace dbxapps::conformance
