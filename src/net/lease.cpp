#include <net/connection_pool.hpp>
#include <net/lease.hpp>

#include <utility>

namespace dbxapps::net {

lease::lease(std::shared_ptr<connection_pool> pool, std::shared_ptr<connection> c, core::conn_id id, bool fresh,
             duration idle_for)
    : pool_(std::move(pool)), connection_(std::move(c)), id_(id), fresh_(fresh), idle_for_(idle_for) {}

lease& lease::operator=(lease other) noexcept {
    std::swap(pool_, other.pool_);
    std::swap(connection_, other.connection_);
    std::swap(id_, other.id_);
    std::swap(fresh_, other.fresh_);
    std::swap(used_, other.used_);
    std::swap(idle_for_, other.idle_for_);
    return *this;
}

lease::~lease() {
    if (!pool_) return;
    const auto pool = std::move(pool_);
    connection_.reset();  // the pool's copy is the last one, and goes when the machine says so
    pool->returned(id_, !used_, clock::now());
}

void lease::give_back(time_point now) {
    const auto pool = std::move(pool_);
    connection_.reset();
    pool->returned(id_, true, now);
}

core::conn_id lease::let_go() noexcept {
    pool_.reset();
    connection_.reset();
    return id_;
}

}  // namespace dbxapps::net
