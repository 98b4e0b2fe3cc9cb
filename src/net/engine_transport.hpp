// The transport of a token cache: an engine of its own.
#pragma once

#include <dbxapps/transport.hpp>
#include <net/engine.hpp>

namespace dbxapps::net {

class engine_transport final : public transport {
public:
    explicit engine_transport(std::shared_ptr<engine> e) : engine_(std::move(e)) {}
    asio::awaitable<result<response>> exchange(transport_request, time_point deadline) override;

private:
    static asio::awaitable<result<response>> run(std::shared_ptr<engine>, transport_request, time_point);
    std::shared_ptr<engine> engine_;
};

}  // namespace dbxapps::net
