// From nothing but the environment and ~/.databrickscfg to a client: whatever credentials the databricks CLI or an SDK
// uses on this machine.
//
//     connect https://<app>...       # without an argument: an emulator inside the program, which no environment knows
#include <dbxapps/dbxapps.hpp>
#include <dbxapps/emulator.hpp>

#include <exception>
#include <iostream>
#include <string>

boost::asio::awaitable<void> call_app(std::string url) {
    while (url.ends_with('/'))
        url.pop_back();
    dbxapps::client apps = co_await dbxapps::connect();
    const auto answer = co_await apps.send(dbxapps::get(url + "/api/hello"));
    std::cout << answer.status() << ' ' << answer.body() << '\n';
}

// The same, with settings of the program's own; they win over the environment and the file.
boost::asio::awaitable<void> call_emulated(const dbxapps::emulator& workspace) {
    dbxapps::profile own;
    own.set("host", workspace.workspace_url());
    own.set("client_id", workspace.client_id());
    own.set("client_secret", workspace.client_secret());
    own.set("auth_type", "oauth-m2m");
    dbxapps::client_options options;
    options.network = workspace.network();
    dbxapps::client apps = co_await dbxapps::connect(own, nullptr, options);
    const auto answer = co_await apps.send(dbxapps::get(workspace.app_url("hello") + "/api/hello"));
    std::cout << answer.status() << ' ' << answer.body() << '\n';
}

int main(int argc, char** argv) try {
    if (argc > 1) {
        dbxapps::run(call_app(argv[1]));
    } else {
        const dbxapps::emulator workspace;
        dbxapps::run(call_emulated(workspace));
    }
} catch (const std::exception& e) {  // a dbxapps::error says what was tried and what to do about it
    std::cerr << e.what() << '\n';
    return 1;
}
