// ~/.databrickscfg. The first line of the input is the profile asked for, the rest is the file.
#include <config/profile_file.hpp>

#include <config/config_error.hpp>
#include <fuzz/property.hpp>

namespace dbxapps::fuzz {
namespace {

using config::config_error;
using config::profile_file;
using config::profile_section;

// Other letters in the same places.
std::string other_letters(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) c = (c | 0x20) < 'n' ? char(c + 13) : char(c - 13);
    }
    return out;
}

// The value as it stands in a file; empty: it cannot be written in this simple way.
std::string written(std::string_view value) {
    if (!holds(value, "\"")) return "\"" + std::string(value) + "\"";
    if (!holds(value, "'")) return "'" + std::string(value) + "'";
    return {};
}

// The same file in one plain way to write it; empty: there is none.
std::string written(const profile_file& file) {
    std::string out;
    for (const auto& section : file.sections) {
        out += "[" + section.name + "]\n";
        for (const auto& [key, value] : section.keys) {
            const std::string quoted = written(value);
            if (quoted.empty()) return {};
            out += key + " = " + quoted + " # a comment\n";
        }
    }
    return out;
}

bool same(const profile_file& a, const profile_file& b) {
    return std::equal(a.sections.begin(), a.sections.end(), b.sections.begin(), b.sections.end(),
                      [](const auto& x, const auto& y) { return x.name == y.name && x.keys == y.keys; });
}

void check_failure(const failure& why, std::string_view text) {
    require_words(why, 120);
    require(why.cause == config_error::parse, "it is an error of parsing", why.detail);
    const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
    require(why.detail.starts_with("line "), "the words name the line", why.detail);
    const auto line = std::strtoull(why.detail.c_str() + 5, nullptr, 10);
    require(line >= 1 && line <= lines, "the line is one of the file", why.detail);
    const auto other = config::parse_profile_file(other_letters(text));
    require(!other && other.error().detail == why.detail, "the words quote nothing of the file", why.detail);
}

void check_sections(const profile_file& file, std::string_view text) {
    std::size_t bytes = 0;
    for (const auto& section : file.sections) {
        require(!section.name.empty(), "a section has a name");
        require(file.find(section.name) == &section, "a section is there once", section.name);
        bytes += section.name.size();
        for (const auto& [key, value] : section.keys) {
            require(!key.empty() && !holds(key + value, "\n") && key.find('\0') == key.npos &&
                        value.find('\0') == value.npos,
                    "a key and its value are of one line of text", key);
            bytes += key.size() + value.size();
            const auto last = std::find_if(section.keys.rbegin(), section.keys.rend(),
                                           [&, k = std::string_view(key)](const auto& e) { return e.first == k; });
            require(section.value(key) == last->second, "of a key that comes twice the last one counts", key);
        }
    }
    require(bytes <= text.size() + config::default_section.size(), "nothing is made up");
    const std::string again = written(file);
    if (again.empty()) return;
    const auto reread = config::parse_profile_file(again);
    require(reread && same(*reread, file), "what was read can be written and read again", again);
}

void check_choice(const profile_file& file, std::string_view requested) {
    const auto chosen = config::choose_profile(file, requested, "/home/me/.databrickscfg");
    const auto* choices = file.find(config::settings_section);
    const auto wanted = requested.empty() && choices ? choices->value("default_profile") : requested;
    if (!chosen) {
        require_words(chosen.error(), 300);
        require(!wanted.empty(), "nobody asked, nobody is refused", chosen.error().detail);
        require(holds(chosen.error().detail, "/home/me/.databrickscfg"), "the words name the file",
                chosen.error().detail);
        const bool reserved = wanted == config::settings_section;
        require(chosen.error().cause == (reserved ? config_error::reserved_profile : config_error::profile_missing),
                "the cause is one of two", chosen.error().detail);
        return;
    }
    if (!*chosen) return require(wanted.empty(), "a profile that was asked for is there or refused");
    require(file.find((*chosen)->name) == *chosen && !(*chosen)->keys.empty(), "it is a section with keys");
    require((*chosen)->name != config::settings_section, "__settings__ is no profile");
    require((*chosen)->name == (wanted.empty() ? config::default_section : wanted), "it is what was asked for");
}

void run(std::string_view input) {
    const std::string_view requested = take_line(input);
    const auto file = config::parse_profile_file(input);
    if (!file) return check_failure(file.error(), input);
    check_sections(*file, input);
    check_choice(*file, requested);
}

}  // namespace
}  // namespace dbxapps::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    dbxapps::fuzz::run(dbxapps::fuzz::text_of(data, size));
    return 0;
}
