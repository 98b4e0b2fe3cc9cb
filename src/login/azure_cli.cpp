// Who is logged in to the Azure CLI (facts: Databricks authentication, 2.10): a person, an application or a managed
// identity.
#include <config/config_error.hpp>
#include <config/find_program.hpp>
#include <login/azure_source.hpp>
#include <login/look_again.hpp>
#include <login/program_ways.hpp>
#include <oauth/az_output.hpp>

#include <algorithm>
#include <utility>

namespace dbxapps::login {
namespace {

using boost::asio::awaitable;

// It takes its time, and is run up to five times for one fetch.
constexpr duration within = std::chrono::seconds(60);

class azure_cli_source final : public azure_source {
public:
    azure_cli_source(azure_options o, machine m)
        : azure_source("azure-cli", std::move(o), management::if_possible), machine_(std::move(m)) {}

    duration needs() const noexcept override { return within; }
    void close() noexcept override { ends_->stop(); }

    awaitable<result<token>> fetch(transport& via, time_point deadline) override {
        const time_point until = std::min(deadline, clock::now() + within);
        auto path = config::find_program("az", machine_.path_variable);
        if (!path) co_return std::move(path).error();
        az_ = std::move(*path);
        const auto shown = co_await run(oauth::az_account_arguments(), until);
        if (!shown) co_return shown.error();
        if (shown->how == net::ending::timed_out) co_return not_in_time(*shown, "az account show");
        user_ = oauth::read_az_account(shown->out);
        if (auto why = nobody_logged_in(*shown)) co_return std::move(*why);
        co_return co_await azure_source::fetch(via, until);
    }

private:
    static std::optional<failure> nobody_logged_in(const net::program_end& shown) {
        if (shown.succeeded()) return std::nullopt;
        failure why = to_look_again(oauth::az_failure(shown.words(), shown.err));
        if (!why.is(errc::login_required) && why.cause != config::config_error::no_credentials) return std::nullopt;
        return why;
    }

    awaitable<result<net::program_end>> run(std::vector<std::string> arguments, time_point deadline) {
        net::program what;
        what.path = az_;
        what.arguments = std::move(arguments);
        what.environment = machine_.environment;
        return net::run_program(std::move(what), deadline, ends_);
    }

    awaitable<result<token>> token_for(transport& via, std::string resource, time_point deadline) override {
        std::string in = options().tenant_id;
        if (in.empty() && !options().host.empty() && user_ != oauth::az_user::managed_identity) {
            auto found = co_await tenant(via, deadline);
            if (!found) co_return std::move(found).error();
            in = std::move(*found);
        }
        const auto tries = oauth::az_token_arguments(resource, user_, in, options().workspace_resource_id);
        for (auto next = tries.begin();;) {
            const auto end = co_await run(*next, deadline);
            if (!end) co_return end.error();
            auto out = token_in(
                *end, "az account get-access-token",
                [&](std::string_view said) {
                    return oauth::read_az_token(said, seconds_by(machine_.now), oauth::in_local_time);
                },
                oauth::az_failure);
            if (out || end->how == net::ending::timed_out || ++next == tries.end()) co_return out;
        }
    }

    const machine machine_;
    const std::shared_ptr<net::stops> ends_ = std::make_shared<net::stops>();
    std::string az_;
    oauth::az_user user_ = oauth::az_user::person;
};

}  // namespace

std::unique_ptr<token_source> azure_cli(azure_options options, machine m) {
    return std::make_unique<azure_cli_source>(std::move(options), std::move(m));
}

}  // namespace dbxapps::login

namespace dbxapps {

std::unique_ptr<token_source> azure_cli(azure_options options) {
    return login::azure_cli(std::move(options), login::this_machine());
}

}  // namespace dbxapps
