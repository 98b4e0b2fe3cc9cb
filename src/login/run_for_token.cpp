#include <login/run_for_token.hpp>

#include <config/environment.hpp>
#include <login/look_again.hpp>
#include <oauth/program_output.hpp>

#include <unistd.h>

#include <algorithm>

extern char** environ;

namespace dbxapps::login {

machine this_machine() {
    machine out;
    out.path_variable = config::process_environment("PATH").value_or("");
    return out;
}

std::vector<std::string> environment_without(const std::string& name, const machine& of) {
    std::vector<std::string> out;
    if (of.environment) {
        out = *of.environment;
    } else {
        for (char** one = environ; one && *one; ++one)
            out.emplace_back(*one);
    }
    std::erase_if(out, [&](const std::string& one) { return one.starts_with(name + "="); });
    return out;
}

failure not_in_time(const net::program_end& end, const std::string& command) {
    const std::string words = oauth::said(end.err);
    return {errc::timed_out, command + " " + end.words() + (words.empty() ? "" : "; it said: " + words)};
}

result<token> token_in(const net::program_end& end, const std::string& command,
                       const std::function<result<token>(std::string_view)>& read,
                       const std::function<failure(std::string_view, std::string_view)>& explain) {
    if (end.how == net::ending::timed_out) return not_in_time(end, command);
    if (end.how == net::ending::flooded) return oauth::unusable_output(command, "is too long for a token");
    const bool untold = end.how == net::ending::untold;
    const auto explained = [&] { return to_look_again(explain(end.words(), end.err)); };
    if (!untold && !end.succeeded()) return explained();
    auto out = read(end.out);
    if (!out && untold) return explained();
    return out;
}

}  // namespace dbxapps::login
