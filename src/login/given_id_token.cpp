// ID tokens that are there already: in a variable, in a file, or wherever a function finds them.
#include <login/id_token_provider.hpp>

#include <config/config_error.hpp>
#include <config/environment.hpp>
#include <config/read_file.hpp>
#include <login/send.hpp>
#include <oauth/id_tokens.hpp>

#include <utility>

namespace dbxapps {
namespace {

using config::config_error;

constexpr std::size_t longest_file = 1u << 20;

class given_id_token final : public login::id_token_provider {
public:
    explicit given_id_token(std::function<result<std::string>()> from) : from_(std::move(from)) {}
    boost::asio::awaitable<result<std::string>> ask(transport&, std::string, time_point) override { co_return from_(); }

private:
    const std::function<result<std::string>()> from_;
};

std::unique_ptr<token_source> source(federation_options options, std::function<result<std::string>()> from) {
    return login::federation(std::move(options), std::make_unique<given_id_token>(std::move(from)));
}

// What was read, fit to be sent; the rest of it is wiped.
result<std::string> taken(std::string read, const std::string& where) {
    auto out = oauth::written_id_token(read, where);
    login::wipe(read);
    return out;
}

result<std::string> from_variable(const std::string& name) {
    const std::string where = "the environment variable " + name;
    auto value = config::process_environment(name);
    if (value && !value->empty()) return taken(std::move(*value), where);
    return config::failed(config_error::no_credentials,
                          where + " holds no ID token: it is " + (value ? "empty" : "not set"));
}

result<std::string> from_file(const std::string& path) {
    const std::string where = "the file " + path;
    auto read = config::read_text_file(path, longest_file);
    if (!read) {
        failure why = read.error();
        why.detail = "reading an ID token: " + why.detail;
        return why;
    }
    if (*read) return taken(std::move(**read), where);
    return config::failed(config_error::no_credentials, where + " holds no ID token: there is no such file");
}

[[noreturn]] void refuse(const std::string& words) { throw error(config::failed(config_error::no_credentials, words)); }

}  // namespace

std::unique_ptr<token_source> oidc_federation(federation_options options,
                                              std::function<result<std::string>()> id_token) {
    if (!id_token) refuse("federation needs a function that gives ID tokens");
    return source(std::move(options), [from = std::move(id_token)]() -> result<std::string> {
        auto given = from();
        if (!given) return given;
        return taken(std::move(*given), "what the program's own function returned");
    });
}

std::unique_ptr<token_source> env_oidc(federation_options options, std::string variable) {
    if (variable.empty() || variable.find_first_of(std::string_view("=\0", 2)) != variable.npos) {
        refuse("env-oidc needs the name of the environment variable that holds the ID token (oidc_token_env)");
    }
    return source(std::move(options), [name = std::move(variable)] { return from_variable(name); });
}

std::unique_ptr<token_source> file_oidc(federation_options options, std::string path) {
    if (path.empty()) refuse("file-oidc needs the path of the file that holds the ID token (oidc_token_filepath)");
    return source(std::move(options), [name = std::move(path)] { return from_file(name); });
}

}  // namespace dbxapps
