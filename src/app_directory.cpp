#include <app_directory_impl.hpp>

#include <config/host.hpp>
#include <net/shielded.hpp>
#include <options.hpp>

#include <utility>

namespace dbxapps {
namespace {

std::string host_or_throw(const std::string& given) {
    auto host = config::normal_host(given);
    if (!host) throw error(std::move(host).error());
    return std::move(*host);
}

template <class T>
asio::awaitable<result<T>> empty_directory() {
    co_return failure(errc::closed, "the app directory is empty: it was moved from");
}

asio::awaitable<response> thrown(asio::awaitable<result<response>> call) {
    auto out = co_await std::move(call);
    if (!out) throw error(std::move(out).error());
    co_return std::move(*out);
}

}  // namespace

app_directory::app_directory(client c, std::string workspace_host, app_directory_options options) {
    if (!c.handle_) throw error(failure(errc::bad_config, "an app directory needs a client, and this one is empty"));
    validate(options);
    auto below = c.handle_->impl;
    impl_ = std::make_shared<impl>(std::move(c), std::move(below), host_or_throw(workspace_host), options);
}

// Plain functions: the coroutine holds the core by value, so the directory may go before it starts.
asio::awaitable<result<app_info>> app_directory::find(std::string name) const {
    if (!impl_) return empty_directory<app_info>();
    return net::shielded(impl::find(impl_, std::move(name)));
}

asio::awaitable<result<std::vector<app_info>>> app_directory::list() const {
    if (!impl_) return empty_directory<std::vector<app_info>>();
    return net::shielded(impl::list(impl_));
}

asio::awaitable<result<response>> app_directory::try_send(std::string name, request r) const {
    if (!impl_) return empty_directory<response>();
    return net::shielded(impl::call(impl_, std::move(name), std::move(r)));
}

asio::awaitable<response> app_directory::send(std::string name, request r) const {
    return thrown(try_send(std::move(name), std::move(r)));
}

asio::awaitable<result<app_info>> app_directory::wait_until_serving(std::string name, duration within,
                                                                    progress tell) const {
    if (!impl_) return empty_directory<app_info>();
    return net::shielded(impl::wait(impl_, std::move(name), apps::app_goal::served, within, std::move(tell)));
}

asio::awaitable<result<app_info>> app_directory::start(std::string name, duration within, progress tell) const {
    if (!impl_) return empty_directory<app_info>();
    return net::shielded(impl::wait(impl_, std::move(name), apps::app_goal::started, within, std::move(tell)));
}

asio::awaitable<result<app_info>> app_directory::stop(std::string name, duration within, progress tell) const {
    if (!impl_) return empty_directory<app_info>();
    return net::shielded(impl::wait(impl_, std::move(name), apps::app_goal::stopped, within, std::move(tell)));
}

}  // namespace dbxapps
