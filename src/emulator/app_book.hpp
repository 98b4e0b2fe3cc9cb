// What a workspace knows of its apps, and how they come up and go down. Safe to share between threads.
#pragma once

#include <dbxapps/emulator.hpp>

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dbxapps::emulated {

class app_book {
public:
    using listed = std::pair<std::string, emulator_app>;
    struct page {
        std::vector<listed> apps;
        std::string next;  // the name that the next page begins with; empty: this is the last
    };

    void set(std::string_view name, emulator_app);
    void remove(std::string_view name);

    // Each counts as one look at the app, and shows it as it is then. Nothing: there is no such app.
    std::optional<emulator_app> look(std::string_view name);
    page list(std::string_view from, std::size_t most);  // in the order of their names
    std::optional<emulator_app> start(std::string_view name);
    std::optional<emulator_app> stop(std::string_view name);

private:
    struct entry {
        emulator_app now;
        // Where it is going, and so many looks before it is there.
        app_compute_state then_compute{};
        application_state then_app{};
        std::uint64_t looks = 0;
        bool moving = false;
    };
    static emulator_app look(entry&);
    static void move(entry&, app_compute_state by, app_compute_state to, application_state app);

    std::mutex mutex_;
    std::map<std::string, entry, std::less<>> apps_;
};

}  // namespace dbxapps::emulated
