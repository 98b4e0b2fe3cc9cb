// The managed identity of this virtual machine, by the instance metadata service of Azure.
#include <login/azure_source.hpp>
#include <login/azure_ways.hpp>
#include <login/entra_token.hpp>
#include <text/encoding.hpp>

#include <algorithm>
#include <utility>

namespace dbxapps::login {
namespace {

using boost::asio::awaitable;

// It answers at once or not at all.
constexpr std::chrono::seconds longest{10};

transport_request metadata_request(std::string_view resource, std::string_view client_id) {
    std::string url = "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=" +
                      text::percent_encoded(resource);
    if (!client_id.empty()) url += "&client_id=" + text::percent_encoded(client_id);
    transport_request out("GET", std::move(url));
    out.headers = {{"Metadata", "true"}, {"Accept", "application/json"}};
    out.repeatable = true;
    out.to_instance_metadata = true;
    return out;
}

bool nobody_there(const failure& why) {
    return why.is(errc::connect_failed) || why.is(errc::timed_out) || why.is(errc::connection_lost);
}

class azure_msi_source final : public azure_source {
public:
    azure_msi_source(azure_options o, wall_clock now)
        : azure_source("azure-msi", std::move(o), management::asked_for), now_(std::move(now)) {}

private:
    awaitable<result<token>> token_for(transport& via, std::string resource, time_point deadline) override {
        auto question = metadata_request(resource, options().client_id);
        const time_point until = std::min(deadline, clock::now() + longest);
        std::vector<std::string> hide;
        auto came = co_await ask_entra(via, std::move(question), std::move(hide), now_, until);
        if (came || !nobody_there(came.error())) co_return came;
        failure why = came.error();
        why.detail += "; azure-msi works on virtual machines of Azure that have a managed identity";
        co_return why;
    }

    wall_clock now_;
};

}  // namespace

std::unique_ptr<token_source> azure_msi(azure_options options, wall_clock now) {
    return std::make_unique<azure_msi_source>(std::move(options), std::move(now));
}

}  // namespace dbxapps::login

namespace dbxapps {

std::unique_ptr<token_source> azure_msi(azure_options options) {
    return login::azure_msi(std::move(options), std::chrono::system_clock::now);
}

}  // namespace dbxapps
