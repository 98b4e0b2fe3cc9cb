// The value of each setting, and where it came from. Its texts show *** for every secret. Pure; distinct objects: safe,
// shared objects: unsafe.
#pragma once

#include <config/attributes.hpp>

#include <array>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace dbxapps::config {

struct origin {
    enum class kind {
        argument,     // the program's own
        environment,  // the variable `name`
        file,         // `profile` of the file `name`
        host_query,   // the query of the host, as browsers show it
        metadata,     // what the host says of itself
    };
    kind what = kind::argument;
    std::string name, profile;
    bool operator==(const origin&) const = default;
};
std::string to_string(const origin&);  // "DATABRICKS_HOST environment variable"

class settings {
public:
    // Replaces the value. The zero of the type (empty, false, 0) unsets it, as in the Go SDK. False: not of the type.
    bool set(attribute, std::string_view value, origin = {});
    bool has(attribute a) const noexcept { return !text(a).empty(); }

    const std::string& text(attribute a) const noexcept { return of(a).value; }
    bool flag(attribute a) const noexcept { return has(a); }
    std::int64_t number(attribute) const noexcept;  // 0: unset
    std::vector<std::string> list(attribute a) const { return items_of(text(a)); }
    const origin& from(attribute a) const noexcept { return of(a).from; }

    // The variable that the environment has for it, whoever wins; empty: none. Refers to text that stays.
    std::string_view variable(attribute a) const noexcept { return of(a).variable; }
    void set_variable(attribute a, std::string_view name) noexcept { of(a).variable = name; }

    std::string shown(attribute) const;   // for people; secrets are ***
    std::string source(attribute) const;  // "host comes from: DATABRICKS_HOST environment variable"
    std::string shown() const;            // ". Config: host=https://x, token=***. Env: DATABRICKS_HOST", or empty

private:
    struct entry {
        std::string value;
        origin from;
        std::string_view variable;
    };
    const entry& of(attribute a) const noexcept { return entries_[static_cast<std::size_t>(a)]; }
    entry& of(attribute a) noexcept { return entries_[static_cast<std::size_t>(a)]; }

    std::array<entry, attribute_count> entries_;
};
std::ostream& operator<<(std::ostream&, const settings&);

}  // namespace dbxapps::config
