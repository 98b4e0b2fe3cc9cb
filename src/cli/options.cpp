#include <cli/options.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace dbxapps::cli {
namespace {

using words = std::vector<std::string_view>;

[[noreturn]] void bad(std::string what) { throw bad_usage(what + "; see: dbxapps --help"); }

// An option for a person's hand: another way to write a setting.
struct short_form {
    std::string_view option, key;
};
constexpr std::array<short_form, 5> short_forms{{
    {"--profile", "profile"},
    {"--host", "host"},
    {"--auth-type", "auth_type"},
    {"--config-file", "config_file"},
    {"--scopes", "scopes"},
}};
constexpr std::array<std::string_view, 5> commands{"describe", "token", "login", "logout", "profiles"};

// Which options only some commands have.
struct limited {
    std::string_view option;
    std::vector<std::string_view> commands;
};
bool is_for(std::string_view option, std::string_view command) {
    static const std::array<limited, 4> table{{
        {"--offline", {"describe"}},
        {"--no-browser", {"login"}},
        {"--output", {"describe", "token", "profiles"}},
        {"--scopes", {"login", "logout", "describe", "token"}},
    }};
    const auto row = std::find_if(table.begin(), table.end(), [&](const limited& l) { return l.option == option; });
    return row == table.end() || std::find(row->commands.begin(), row->commands.end(), command) != row->commands.end();
}

class walker {
public:
    explicit walker(const words& all) : all_(all) {}

    bool next() {
        if (at_ == all_.size()) return false;
        name_ = all_[at_++];
        const auto equals = name_.find('=');
        joined_ = name_.starts_with("--") && equals != name_.npos;
        if (joined_) {
            value_ = name_.substr(equals + 1);
            name_ = name_.substr(0, equals);
        }
        return true;
    }
    std::string_view name() const { return name_; }
    // It stands behind its option, or is joined to it by '='.
    std::string_view value() {
        if (!joined_) {
            if (at_ == all_.size()) bad(std::string(name_) + " needs a value");
            value_ = all_[at_++];
        }
        if (value_.empty()) bad(std::string(name_) + " needs a value that is not empty");
        return value_;
    }
    void no_value() const {
        if (joined_) bad(std::string(name_) + " takes no value");
    }

private:
    const words& all_;
    std::size_t at_ = 0;
    std::string_view name_, value_;
    bool joined_ = false;
};

void set(options& o, std::string_view key, std::string_view value) {
    if (key == "config_file") o.config_file = value;
    o.settings.set(key, value);
}

bool take_flag(walker& at, options& o) {
    constexpr std::array<std::pair<std::string_view, bool options::*>, 3> flags{
        {{"--offline", &options::offline}, {"--help", &options::help}, {"-h", &options::help}}};
    for (const auto& [name, member] : flags) {
        if (at.name() != name) continue;
        at.no_value();
        o.*member = true;
        return true;
    }
    if (at.name() != "--no-browser") return false;
    at.no_value();
    o.browser = false;
    return true;
}

void take(walker& at, options& o) {
    const std::string name(at.name());
    if (!name.starts_with('-')) bad("'auth " + o.command + "' takes options only, no further words");
    if (!is_for(name, o.command)) bad("'auth " + o.command + "' has no option " + name);
    if (take_flag(at, o)) return;
    const auto form =
        std::find_if(short_forms.begin(), short_forms.end(), [&](const auto& f) { return f.option == name; });
    if (form != short_forms.end()) {
        set(o, form->key, at.value());
    } else if (name == "--ca-file") {
        o.ca_file = at.value();
    } else if (name == "--output") {
        const auto how = at.value();
        if (how != "text" && how != "json") bad("--output is text or json");
        o.json = how == "json";
    } else if (name == "--set") {
        const std::string_view both = at.value();
        const auto equals = both.find('=');
        if (equals == both.npos || equals == 0) bad("--set takes key=value");
        set(o, both.substr(0, equals), both.substr(equals + 1));
    } else {
        bad("there is no option " + name);
    }
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> all) {
    return std::find(all.begin(), all.end(), word) != all.end();
}

}  // namespace

options parse(const words& arguments) {
    options out;
    if (arguments.empty() || is_one_of(arguments[0], {"--help", "-h", "help"})) {
        out.help = true;
        return out;
    }
    if (is_one_of(arguments[0], {"--version", "version"})) {
        out.version = true;
        return out;
    }
    if (arguments[0] != "auth") bad("there is no command of that name");
    if (arguments.size() < 2 || is_one_of(arguments[1], {"--help", "-h"})) {
        out.help = true;
        return out;
    }
    if (std::find(commands.begin(), commands.end(), arguments[1]) == commands.end()) {
        bad("auth: there is no command of that name");
    }
    out.command = arguments[1];
    out.json = out.command == "token";
    const words rest(arguments.begin() + 2, arguments.end());
    walker at(rest);
    while (at.next())
        take(at, out);
    return out;
}

const std::string_view help_text =
    R"(Logs in to Databricks as the databricks CLI and the SDKs do, from the environment and ~/.databrickscfg.

    dbxapps auth describe   what was found, where, and how it logs in; never a secret
    dbxapps auth token      an access token: {"access_token", "token_type", "expiry"}
    dbxapps auth login      a person logs in with a browser; the login is kept for later runs
    dbxapps auth logout     forgets that login
    dbxapps auth profiles   the profiles of the file

    --host URL              the workspace
    --profile NAME          a profile of the file
    --auth-type TYPE        one way to log in, instead of the first that works: oauth-m2m, databricks-cli, ...
    --config-file FILE      instead of ~/.databrickscfg
    --scopes A,B            of the token (default all-apis)
    --set KEY=VALUE         any other setting by its key in the file; secrets are better in the environment, as
                            others can see the arguments of a program
    --ca-file FILE          further roots to trust, PEM (also: the environment variable DBXAPPS_CA_FILE)
    --output text|json      describe, profiles: text by default; token: json by default, text is the bare token
    --offline               describe: makes no request and runs no program
    --no-browser            login: shows the address, and takes the one that the browser was sent to

Exit status: 0, 1 when it failed, 2 for wrong options.
)";

}  // namespace dbxapps::cli
