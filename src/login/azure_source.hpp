// What the ways in by Microsoft Entra ID have in common: for each fetch, a token for the workspace and, if it is
// wanted, one for the service management of Azure, and the header fields that the workspace's API wants.
//
// fetch() runs once at a time; host() may be called from any thread.
#pragma once

#include <dbxapps/azure_login.hpp>
#include <oauth/entra.hpp>

#include <mutex>
#include <string>
#include <string_view>

namespace dbxapps::login {

class azure_source : public token_source {
public:
    enum class management { asked_for, if_possible, left_out };

    // Throws dbxapps::error, errc::bad_config: neither a host nor a resource id, or something malformed.
    azure_source(std::string_view way_in, azure_options, management);
    std::string host() const final;
    boost::asio::awaitable<result<token>> fetch(transport&, time_point deadline) override;

protected:
    // A token of Entra ID for a resource, with the life that it has.
    virtual boost::asio::awaitable<result<token>> token_for(transport&, std::string resource, time_point deadline) = 0;
    // As configured, or else looked up once, from the host.
    boost::asio::awaitable<result<std::string>> tenant(transport&, time_point deadline);
    boost::asio::awaitable<result<std::string>> token_endpoint(transport&, time_point deadline);  // that of the tenant
    // For the constructors of ways in that have to know the tenant.
    void need_tenant() const;
    [[noreturn]] void missing(const std::string& what) const;
    const azure_options& options() const noexcept { return options_; }

private:
    boost::asio::awaitable<result<void>> find_host(transport&, time_point deadline);

    const std::string_view way_in_;
    const azure_options options_;  // its host is normal
    const management management_;
    oauth::azure_cloud cloud_;
    std::string tenant_;
    mutable std::mutex mutex_;
    std::string host_;
};

}  // namespace dbxapps::login
