// Where an example runs: the real thing when it is told how, else an emulator inside the program.
//
// The real thing: the variables DATABRICKS_HOST, DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET, and the base URL of
// an app as the argument. Everything else in an example is the same for both.
#pragma once

#include <dbxapps/dbxapps.hpp>
#include <dbxapps/emulator.hpp>

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

class place {
public:
    place(int argc, char** argv) : place(argc > 1 ? argv[1] : "") {}

    explicit place(std::string app_url, dbxapps::emulator_options options = {}) : app_url_(std::move(app_url)) {
        if (app_url_.empty()) {
            emulator_ = std::make_unique<dbxapps::emulator>(options);
            return;
        }
        while (app_url_.ends_with('/'))
            app_url_.pop_back();
        host_ = needed("DATABRICKS_HOST");
        client_id_ = needed("DATABRICKS_CLIENT_ID");
        client_secret_ = needed("DATABRICKS_CLIENT_SECRET");
    }

    std::string workspace() const { return emulator_ ? emulator_->workspace_url() : host_; }

    std::unique_ptr<dbxapps::token_source> login() const {
        if (!emulator_) return dbxapps::client_credentials(host_, client_id_, client_secret_);
        return dbxapps::client_credentials(workspace(), emulator_->client_id(), emulator_->client_secret());
    }

    dbxapps::token_options token_options() const {
        dbxapps::token_options options;
        if (emulator_) options.network = emulator_->network();
        return options;
    }

    dbxapps::client_options client_options() const {
        dbxapps::client_options options;
        if (emulator_) options.network = emulator_->network();
        return options;
    }

    // The base URL of an app. The emulator has one for every name; the real thing is the one app that was named.
    std::string app(std::string_view name) const { return emulator_ ? emulator_->app_url(name) : app_url_; }

    const dbxapps::emulator* emulator() const noexcept { return emulator_.get(); }  // null: the real thing

private:
    static std::string needed(const char* variable) {
        const char* value = std::getenv(variable);
        if (value != nullptr && *value != '\0') return value;
        throw dbxapps::error(dbxapps::failure(dbxapps::errc::bad_config, std::string("an app was named, so ") +
                                                                             variable +
                                                                             " has to be set (without an app "
                                                                             "the emulator is called)"));
    }

    std::unique_ptr<dbxapps::emulator> emulator_;
    std::string app_url_, host_, client_id_, client_secret_;
};
