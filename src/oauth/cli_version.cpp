#include <oauth/cli_version.hpp>

#include <config/config_error.hpp>
#include <oauth/json_member.hpp>
#include <text/ascii.hpp>
#include <text/secrets.hpp>

#include <algorithm>
#include <optional>

namespace dbxapps::oauth {
namespace {

failure unreadable(std::string_view said) {
    return config::failed(config::config_error::parse, "the databricks CLI does not tell its version, but '" +
                                                           text::printable(text::without_secrets(said), 80) + "'");
}

std::optional<std::uint32_t> as_number(std::string_view digits) {
    const auto n = text::parse_number(digits);
    if (!n || *n > 1'000'000) return std::nullopt;
    return static_cast<std::uint32_t>(*n);
}

// Semantic Versioning 2.0.0, section 9. It goes on into error texts.
bool is_pre(std::string_view s) {
    return s.size() <= 60 &&
           std::all_of(s.begin(), s.end(), [](char c) { return text::is_alnum(c) || c == '-' || c == '.'; });
}

}  // namespace

std::string cli_version::text() const {
    std::string out =
        "v" + std::to_string(number[0]) + "." + std::to_string(number[1]) + "." + std::to_string(number[2]);
    return pre.empty() ? out : out + "-" + pre;
}

result<cli_version> read_version_text(std::string_view said) {
    constexpr std::string_view before = "Databricks CLI v";
    std::string_view rest = said.substr(0, said.find_first_of("\r\n"));
    if (!rest.starts_with(before)) return unreadable(said);
    rest = text::trimmed(rest.substr(before.size()));
    rest = rest.substr(0, rest.find('+'));
    cli_version out;
    if (const auto dash = rest.find('-'); dash != rest.npos) {
        out.pre = rest.substr(dash + 1);
        rest = rest.substr(0, dash);
        if (out.pre.empty() || !is_pre(out.pre)) return unreadable(said);
    }
    for (std::size_t i = 0; i < 3; ++i) {
        const auto dot = i < 2 ? rest.find('.') : rest.size();
        const auto n = dot == rest.npos ? std::nullopt : as_number(rest.substr(0, dot));
        if (!n) return unreadable(said);
        out.number[i] = *n;
        rest = rest.substr(i < 2 ? dot + 1 : dot);
    }
    return out;
}

result<cli_version> read_version_json(std::string_view said) {
    cli_version out;
    constexpr std::array<std::string_view, 3> keys = {"Major", "Minor", "Patch"};
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const auto n = number_member(said, keys[i]);
        if (!n || !(*n >= 0) || *n > 1'000'000) return unreadable(said);
        out.number[i] = static_cast<std::uint32_t>(*n);
    }
    out.pre = string_member(said, "Prerelease");
    if (!is_pre(out.pre)) return unreadable(said);
    return out;
}

result<cli_version> read_cli_version(std::string_view said) {
    return text::trimmed(said).starts_with('{') ? read_version_json(said) : read_version_text(said);
}

}  // namespace dbxapps::oauth
