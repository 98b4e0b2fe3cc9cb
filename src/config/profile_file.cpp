#include <config/profile_file.hpp>

#include <config/config_error.hpp>
#include <text/ascii.hpp>

#include <algorithm>
#include <unordered_map>

namespace dbxapps::config {
namespace {

using text::trimmed;

bool begins_comment(std::string_view s) noexcept { return s.starts_with('#') || s.starts_with(';'); }

// What stands between quotes, if nothing but a comment follows them. A comment needs a space before it, so that a '#'
// may be part of a password.
std::string_view value_in(std::string_view given) noexcept {
    given = trimmed(given);
    if (given.starts_with('"') || given.starts_with('\'')) {
        const auto close = given.find(given[0], 1);
        const auto rest = close == given.npos ? given : given.substr(close + 1);
        const bool comment = rest.starts_with(' ') && begins_comment(trimmed(rest));
        if (rest.empty() || comment) return given.substr(1, close - 1);
    }
    return trimmed(given.substr(0, std::min(given.find(" #"), given.find(" ;"))));
}

class reader {
public:
    result<profile_file> read(std::string_view text) {
        if (text.size() > largest_profile_file) return failed(config_error::parse, "it is larger than 1 MiB");
        if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
        while (!text.empty() && complaint_.empty()) {
            const std::size_t end = std::min(text.find('\n'), text.size());
            ++number_;
            take(text.substr(0, end));
            text.remove_prefix(std::min(end + 1, text.size()));
        }
        if (complaint_.empty()) return std::move(out_);
        return failed(config_error::parse, "line " + std::to_string(number_) + ": " + complaint_);
    }

private:
    void take(std::string_view line) {
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.find('\0') != line.npos) return complain("a NUL byte; is this a text file, in UTF-8?");
        line = trimmed(line);
        if (line.empty() || begins_comment(line)) return;
        line.starts_with('[') ? take_section(line) : take_key(line);
    }

    void take_section(std::string_view line) {
        const auto close = line.rfind(']');
        const auto after = close == line.npos ? line : trimmed(line.substr(close + 1));
        if (close == line.npos || !(after.empty() || begins_comment(after))) {
            return complain("expected [section], and the ']' is missing");
        }
        if (close == 1) return complain("a section without a name");
        open(line.substr(1, close - 1));
    }

    void take_key(std::string_view line) {
        const auto sign = line.find_first_of("=:");
        if (sign == line.npos) return complain("expected [section] or key = value");
        const std::string key(trimmed(line.substr(0, sign)));
        if (key.empty()) return complain("a value without a key");
        if (current_ == none) open(default_section);
        out_.sections[current_].keys.emplace_back(key, value_in(line.substr(sign + 1)));
    }

    void open(std::string_view name) {
        const auto [known, is_new] = index_.try_emplace(std::string(name), out_.sections.size());
        current_ = known->second;
        if (is_new) out_.sections.push_back({std::string(name), {}});
    }

    void complain(std::string what) { complaint_ = std::move(what); }

    static constexpr std::size_t none = static_cast<std::size_t>(-1);
    profile_file out_;
    std::unordered_map<std::string, std::size_t> index_;  // into its sections, by name
    std::size_t current_ = none, number_ = 0;
    std::string complaint_;
};

}  // namespace

std::string_view profile_section::value(std::string_view key) const noexcept {
    const auto at = std::find_if(keys.rbegin(), keys.rend(), [&](const auto& k) { return k.first == key; });
    return at == keys.rend() ? std::string_view() : at->second;
}

const profile_section* profile_file::find(std::string_view name) const noexcept {
    const auto at = std::find_if(sections.begin(), sections.end(), [&](const auto& s) { return s.name == name; });
    return at == sections.end() ? nullptr : &*at;
}

result<profile_file> parse_profile_file(std::string_view text) { return reader().read(text); }

result<const profile_section*> choose_profile(const profile_file& file, std::string_view requested,
                                              std::string_view path) {
    const profile_section* choices = file.find(settings_section);
    if (requested.empty() && choices) requested = choices->value("default_profile");
    const std::string name(requested.empty() ? default_section : requested);
    if (name == settings_section) {
        return failed(config_error::reserved_profile,
                      std::string(path) + ": __settings__ is a reserved section name and cannot be used as a profile");
    }
    const profile_section* section = file.find(name);
    const bool empty = !section || section->keys.empty();
    if (empty && requested.empty()) return nullptr;
    if (!empty) return section;
    return failed(config_error::profile_missing,
                  std::string(path) + " has no " + text::printable(name, 100) + " profile configured");
}

}  // namespace dbxapps::config
