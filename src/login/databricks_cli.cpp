// Who is logged in to the databricks CLI: it keeps the login, and is asked for a token each time.
#include <config/find_program.hpp>
#include <config/host.hpp>
#include <login/look_again.hpp>
#include <login/program_ways.hpp>
#include <oauth/cli_output.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <utility>

namespace dbxapps::login {
namespace {

using namespace std::chrono_literals;
using boost::asio::awaitable;

constexpr duration version_within = 5s;

// Which file was asked for its version. A CLI that is upgraded is another one.
struct file_mark {
    std::string path;
    std::int64_t seconds = 0;
    long nanoseconds = 0;
    off_t size = 0;
    bool operator==(const file_mark&) const = default;
};

file_mark mark_of(const std::string& path) {
    struct stat about {};
    if (::stat(path.c_str(), &about) != 0) return {path};
    return {path, about.st_mtim.tv_sec, about.st_mtim.tv_nsec, about.st_size};
}

class databricks_cli_source final : public token_source {
public:
    databricks_cli_source(databricks_cli_options o, machine m) : options_(std::move(o)), machine_(std::move(m)) {}

    std::string host() const override { return options_.host; }
    // A run may have spent the refresh token that the CLI keeps; and it has tried again by itself what may pass soon.
    bool may_repeat() const noexcept override { return false; }
    duration needs() const noexcept override { return options_.within; }
    void close() noexcept override { ends_->stop(); }

    awaitable<result<token>> fetch(transport&, time_point deadline) override {
        const time_point until = std::min(deadline, clock::now() + options_.within);
        auto path = config::find_program(options_.path, machine_.path_variable);
        if (!path) co_return std::move(path).error();
        const oauth::cli_login login = login_by(std::move(*path));
        const auto version = co_await version_of(login.path, until);
        if (!version) co_return version.error();
        auto end = co_await ask(login, *version, oauth::refreshing::forced_if_known, until);
        if (!end) co_return std::move(end).error();
        const bool ended = !end->succeeded() && end->how != net::ending::timed_out;
        if (ended && oauth::is_refresh_conflict(end->err)) {
            auto second = co_await ask(login, *version, oauth::refreshing::by_itself, until);
            if (!second) co_return std::move(second).error();
            co_return judge(login, *second);
        }
        co_return judge(login, *end);
    }

private:
    oauth::cli_login login_by(std::string path) const {
        oauth::cli_login out;
        out.path = std::move(path);
        out.profile = options_.profile;
        out.host = options_.host;
        out.account_id = options_.account_id;
        out.account_host = config::is_account_host(options_.host);
        return out;
    }

    net::program program_of(std::string path, std::vector<std::string> arguments) const {
        net::program out;
        out.path = std::move(path);
        out.arguments = std::move(arguments);
        // It would be obeyed even beside --host, and the token be that of another workspace.
        out.environment = environment_without("DATABRICKS_CONFIG_PROFILE", machine_);
        if (!options_.config_file.empty()) {
            // A profile of that name in another file is another login.
            std::erase_if(*out.environment, [](const auto& one) { return one.starts_with("DATABRICKS_CONFIG_FILE="); });
            out.environment->push_back("DATABRICKS_CONFIG_FILE=" + options_.config_file);
        }
        return out;
    }

    // Nothing, if the CLI does not tell: then it is asked as the oldest one.
    awaitable<result<std::optional<oauth::cli_version>>> version_of(std::string path, time_point until) {
        const file_mark now = mark_of(path);
        if (version_ && now == asked_) co_return version_;
        version_.reset();
        auto what = program_of(std::move(path), {"version"});
        auto end = co_await net::run_program(std::move(what), std::min(until, clock::now() + version_within), ends_);
        if (!end) co_return std::move(end).error();
        if (end->how == net::ending::timed_out && clock::now() >= until)
            co_return not_in_time(*end, "databricks version");
        const bool answered = end->succeeded() || end->how == net::ending::untold;
        if (auto read = oauth::read_cli_version(end->out); read && answered) {
            version_ = std::move(*read);
            asked_ = now;
        }
        co_return version_;
    }

    awaitable<result<net::program_end>> ask(const oauth::cli_login& login,
                                            const std::optional<oauth::cli_version>& version, oauth::refreshing how,
                                            time_point until) {
        auto command = oauth::cli_command(login, version, how);
        if (!command) co_return std::move(command).error();
        command->erase(command->begin());
        auto what = program_of(login.path, std::move(*command));
        co_return co_await net::run_program(std::move(what), until, ends_);
    }

    result<token> judge(const oauth::cli_login& login, const net::program_end& end) const {
        auto out = token_in(
            end, "databricks auth token",
            [&](std::string_view said) { return oauth::read_cli_token(said, seconds_by(machine_.now)); },
            [&](std::string_view ended, std::string_view err) { return oauth::cli_failure(login, ended, err); });
        if (!out || options_.scopes.empty()) return out;
        if (auto same = oauth::check_scopes(options_.scopes, *out, login); !same)
            return to_look_again(std::move(same).error());
        return out;
    }

    const databricks_cli_options options_;
    const machine machine_;
    const std::shared_ptr<net::stops> ends_ = std::make_shared<net::stops>();
    file_mark asked_;
    std::optional<oauth::cli_version> version_;
};

}  // namespace

std::unique_ptr<token_source> databricks_cli(databricks_cli_options options, machine m) {
    auto host = config::normal_host(options.host);
    if (!host) throw error(host.error());
    options.host = std::move(*host);
    if (options.path.empty()) options.path = "databricks";
    if (options.within < 100ms || options.within > 10min)
        throw error(failure(errc::bad_config, "a run of the databricks CLI gets between 100 ms and 10 min"));
    return std::make_unique<databricks_cli_source>(std::move(options), std::move(m));
}

}  // namespace dbxapps::login

namespace dbxapps {

std::unique_ptr<token_source> databricks_cli(databricks_cli_options options) {
    return login::databricks_cli(std::move(options), login::this_machine());
}

}  // namespace dbxapps
