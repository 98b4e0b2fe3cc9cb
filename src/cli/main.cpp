// dbxapps: who am I to Databricks, and how?
#include <cli/commands.hpp>

#include <cli/signals.hpp>
#include <login/surroundings.hpp>

#include <dbxapps/error.hpp>

#include <cstdio>
#include <exception>
#include <iostream>

namespace dbxapps::cli {

network_options network_of(const options& o) {
    network_options out;
    out.tls.extra_ca_file = o.ca_file;
    login::add_roots_of_environment(out.tls);
    return out;
}

void warn(const std::string& words) { std::cerr << "dbxapps: " << words << "\n"; }

namespace {

int run(const options& o) {
    if (o.help) {
        std::cout << help_text;
        return 0;
    }
    if (o.version) {
        std::cout << "dbxapps " DBXAPPS_VERSION "\n";
        return 0;
    }
    if (o.command == "describe") return describe(o);
    if (o.command == "token") return token(o);
    if (o.command == "login") return login(o);
    return o.command == "logout" ? logout(o) : profiles(o);
}

}  // namespace
}  // namespace dbxapps::cli

int main(int count, char** words) {
    dbxapps::cli::open_standard_descriptors();
    try {
        const std::vector<std::string_view> arguments(words + 1, words + count);
        const int status = dbxapps::cli::run(dbxapps::cli::parse(arguments));
        std::cout.flush();
        if (std::cout) return status;
        std::cerr << "dbxapps: standard output cannot be written\n";
    } catch (const dbxapps::cli::interrupted& e) {
        dbxapps::cli::die_by(e.signal);
    } catch (const dbxapps::cli::bad_usage& e) {
        std::cerr << "dbxapps: " << e.what() << "\n";
        return 2;
    } catch (const dbxapps::error& e) {
        std::cerr << "dbxapps: " << e.why().detail << "\n";
    } catch (const std::exception& e) {
        std::cerr << "dbxapps: " << e.what() << "\n";
    }
    return 1;
}
