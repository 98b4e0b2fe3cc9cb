#include <dbxapps/dbxapps.hpp>
#include <dbxapps/emulator.hpp>

#include <iostream>

boost::asio::awaitable<void> call(const dbxapps::emulator& workspace) {
    dbxapps::token_options tokens;
    dbxapps::client_options options;
    tokens.network = options.network = workspace.network();

    const auto ex = co_await boost::asio::this_coro::executor;
    auto login =
        dbxapps::client_credentials(workspace.workspace_url(), workspace.client_id(), workspace.client_secret());
    const dbxapps::client client(ex, dbxapps::make_token_cache(ex, std::move(login), tokens), options);
    const auto answer = co_await client.send(dbxapps::get(workspace.app_url("orders") + "/api/hello"));
    std::cout << answer.status() << ' ' << answer.body() << '\n';
}

int main() { dbxapps::run(call(dbxapps::emulator())); }
