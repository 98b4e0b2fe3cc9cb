#include "options.hpp"

#include <charconv>
#include <cmath>

namespace demo {
namespace {

constexpr double least_life = 1, most_life = 86'400;

[[noreturn]] void bad(const std::string& words) { throw bad_option(words + "; see --help"); }

template <class Number>
Number number(std::string_view name, std::string_view text, Number least, Number most) {
    Number n{};
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), n);
    const bool whole = fault == std::errc() && end == text.data() + text.size();
    if (whole && n >= least && n <= most) return n;
    std::string range = std::to_string(least) + " to " + std::to_string(most);
    if constexpr (std::is_floating_point_v<Number>) {
        range = std::to_string(std::lround(least)) + " to " + std::to_string(std::lround(most));
    }
    bad(std::string(name) + " takes a number from " + range + ", not '" + std::string(text) + "'");
}

// Walks over the arguments; a value stands behind its option, or joined to it by '='.
class walker {
public:
    explicit walker(const std::vector<std::string_view>& all) : all_(all) {}

    bool next() {
        if (at_ == all_.size()) return false;
        name_ = all_[at_++];
        is_joined_ = false;
        const auto equals = name_.find('=');
        if (name_.starts_with("--") && equals != name_.npos) {
            is_joined_ = true;
            joined_ = name_.substr(equals + 1);
            name_ = name_.substr(0, equals);
        }
        return true;
    }
    std::string_view name() const { return name_; }
    std::string_view value() {
        if (is_joined_) return joined_;
        if (at_ == all_.size()) bad(std::string(name_) + " needs a value");
        return all_[at_++];
    }
    bool is_flag(std::string_view flag) const {
        if (name_ != flag) return false;
        if (is_joined_) bad(std::string(flag) + " takes no value");
        return true;
    }

private:
    const std::vector<std::string_view>& all_;
    std::size_t at_ = 0;
    std::string_view name_;
    bool is_joined_ = false;
    std::string_view joined_;
};

void take(walker& at, options& o, bool& emulator_only) {
    const std::string_view name = at.name();
    if (at.is_flag("--json")) {
        o.json = true;
    } else if (at.is_flag("--help") || at.is_flag("-h")) {
        o.help = true;
    } else if (name == "--calls") {
        o.calls = number<std::uint64_t>(name, at.value(), 1, 1'000'000'000);
    } else if (name == "--in-flight") {
        o.in_flight = number<unsigned>(name, at.value(), 1, 100'000);
    } else if (name == "--threads") {
        o.threads = number<unsigned>(name, at.value(), 1, 64);
    } else if (name == "--apps") {
        o.apps = number<unsigned>(name, at.value(), 1, 1'000);
        emulator_only = true;
    } else if (name == "--token-life") {
        const double seconds = number<double>(name, at.value(), least_life, most_life);
        o.token_life = std::chrono::milliseconds(std::lround(seconds * 1000));
        emulator_only = true;
    } else if (name.starts_with('-')) {
        bad("there is no option " + std::string(name));
    } else if (name.starts_with("https://") || name.starts_with("http://")) {
        o.urls.emplace_back(name);
    } else {
        bad("'" + std::string(name) + "' is not the URL of an app: https://<app>-<id>.<region>.databricksapps.com/...");
    }
}

}  // namespace

bool options::default_sizes() const noexcept {
    const options usual;
    return calls == usual.calls && in_flight == usual.in_flight && apps == usual.apps && threads == usual.threads &&
           token_life == usual.token_life && !real();
}

options parse(const std::vector<std::string_view>& arguments) {
    options out;
    bool emulator_only = false;
    walker at(arguments);
    while (at.next())
        take(at, out, emulator_only);
    if (out.real() && emulator_only && !out.help) {
        bad("--apps and --token-life are for the emulator; with URLs of real apps leave them out");
    }
    return out;
}

const std::string_view help_text =
    R"(Makes many calls to many apps at once with one token that is refreshed on the way, and reports.

    dbxapps_demo [options]             calls the apps of an emulator inside the program
    dbxapps_demo [options] URL...      GETs these URLs of real apps in turn; DATABRICKS_HOST, DATABRICKS_CLIENT_ID
                                       and DATABRICKS_CLIENT_SECRET say who calls

    --calls N              how many calls (default 200000; with every number left at its default it goes on, for
                           30 s at most, until two refreshes were crossed)
    --in-flight N          how many of them at the same time (256)
    --threads N            threads that run the client (1)
    --apps N               apps of the emulator (16)
    --token-life SECONDS   life of the emulator's tokens (2); a refresh is due at half of it
    --json                 the report as one JSON object on stdout; progress goes to stderr
    --help                 this text

Exit status: 0 every call got an answer of 200 to 299; 1 not, or no two refreshes came although it went on for them,
or the report could not be written; 2 the options are wrong, or ask for more than the descriptor limit allows.
)";

}  // namespace demo
