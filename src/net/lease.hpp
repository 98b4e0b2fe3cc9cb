// One caller's right to one connection of a pool. RAII: unless it is given back, its connection is dropped; a lease
// that nobody used goes back by itself.
#pragma once

#include <core/pool_state.hpp>
#include <net/connection.hpp>

#include <memory>

namespace dbxapps::net {

class connection_pool;

class lease {
public:
    lease() = default;
    lease(std::shared_ptr<connection_pool>, std::shared_ptr<connection>, core::conn_id, bool fresh, duration idle_for);
    lease(lease&&) noexcept = default;
    lease& operator=(lease) noexcept;
    ~lease();

    connection& operator*() const noexcept { return *connection_; }
    connection* operator->() const noexcept { return connection_.get(); }
    explicit operator bool() const noexcept { return pool_ != nullptr; }
    bool fresh() const noexcept { return fresh_; }  // dialled for this caller
    duration idle_for() const noexcept { return idle_for_; }
    void use() noexcept { used_ = true; }  // from now on it goes back only by give_back()
    void give_back(time_point now);

private:
    friend class connection_pool;
    core::conn_id let_go() noexcept;  // the caller reports to the machine instead

    std::shared_ptr<connection_pool> pool_;
    std::shared_ptr<connection> connection_;
    core::conn_id id_ = 0;
    bool fresh_ = false;
    bool used_ = false;
    duration idle_for_{};
};

}  // namespace dbxapps::net
