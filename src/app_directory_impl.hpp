// Asks the workspace about apps over a client, and remembers where they are. See app_directory.hpp for what it
// promises.
#pragma once

#include <apps/app_answers.hpp>
#include <apps/app_wait.hpp>
#include <client_impl.hpp>
#include <dbxapps/app_directory.hpp>

#include <mutex>
#include <optional>
#include <unordered_map>

namespace dbxapps {

class app_directory::impl final : public std::enable_shared_from_this<impl> {
public:
    impl(client, std::shared_ptr<client::impl> below, std::string host, app_directory_options);

    static asio::awaitable<result<app_info>> find(std::shared_ptr<impl>, std::string name);
    static asio::awaitable<result<std::vector<app_info>>> list(std::shared_ptr<impl>);
    static asio::awaitable<result<response>> call(std::shared_ptr<impl>, std::string name, request);
    static asio::awaitable<result<app_info>> wait(std::shared_ptr<impl>, std::string name, apps::app_goal,
                                                  duration within, progress);

private:
    // By the workspace's word. Which word it was is told by identity: the next may say the same.
    using place = std::shared_ptr<const app_info>;
    using answer = net::delivery<result<place>>;
    struct flight;
    struct entry {
        place known;
        time_point good_until{};
        bool looking = false;
        std::vector<std::shared_ptr<answer>> waiting;
        // In time, and not the one that failed: else null.
        place good(const place& failed) const { return known != failed && clock::now() < good_until ? known : nullptr; }
    };

    // `failed`: where nothing was found, or null.
    place known(const std::string& name, const place& failed);
    static asio::awaitable<result<place>> look_up(std::shared_ptr<impl>, std::string name, place failed,
                                                  time_point deadline);
    // What is known by now, or null: then it will be delivered.
    place join(const std::string& name, const place& failed, std::shared_ptr<answer>);
    static asio::awaitable<void> fly(std::shared_ptr<flight>);
    void land(const std::string& name, result<app_info>);
    result<place> settle(entry&, result<app_info>) const;  // with the mutex
    void remember(const app_info&);

    token_ptr presented() const {
        return below_->tokens() ? below_->tokens()->try_get(below_->tokens()->now()) : nullptr;
    }
    request question(std::string_view method, const std::string& path, std::optional<duration> within) const;
    static asio::awaitable<result<app_info>> ask(std::shared_ptr<impl>, std::string name,
                                                 std::optional<duration> within);
    static asio::awaitable<result<apps::app_page>> ask_page(std::shared_ptr<impl>, std::string token);
    static asio::awaitable<result<void>> command(std::shared_ptr<impl>, std::string name, std::string_view verb,
                                                 duration within);
    // Nothing, when the time is over; else why it ended before.
    static asio::awaitable<std::optional<failure>> pause(std::shared_ptr<impl>, duration);

    const client client_;
    const std::shared_ptr<client::impl> below_;
    const std::string host_;  // https://host[:port]
    const app_directory_options options_;
    std::mutex mutex_;
    std::unordered_map<std::string, entry> entries_;
};

}  // namespace dbxapps
