#include <conformance/fake_programs.hpp>

#include <support/temporary_directory.hpp>

#include <algorithm>
#include <stdexcept>
#include <string_view>

namespace dbxapps::conformance {
namespace {

constexpr std::string_view az = R"sh(#!/bin/sh
if [ "$1 $2" = "account show" ]; then
    name=${AZ_USER_NAME:-testuser@databricks.com} type=${AZ_USER_TYPE:-user}
    echo "{\"user\": {\"name\": \"$name\", \"type\": \"$type\"}}"
    exit
fi
case "$FAIL" in
yes) echo "This is just a failing script." >&2; exit 1 ;;
logout) echo "No subscription found. Run 'az account set' to select a subscription." >&2; exit 1 ;;
corrupt) echo "{accessToken: ..corrupt"; exit ;;
esac
for each; do
    [ -n "$FAIL_IF" ] && [ "$each" = "$FAIL_IF" ] && exit 1
    [ -n "$FAIL_IF_TENANT_ID_SET" ] && [ "$each" = --tenant ] && exit 1
done
life=${EXPIRE:-10S}
echo "{\"accessToken\": \"${TF_AAD_TOKEN:-...}\",
\"expiresOn\": \"$(/bin/date -d "+${life%S} seconds" '+%Y-%m-%d %H:%M:%S')\",
\"subscription\": \"this-is-a-subscription\", \"tenant\": \"this-is-a-tenant\", \"tokenType\": \"Bearer\"}"
exit
)sh";

constexpr std::string_view cli_token = R"sh(expiry=$(/bin/date -u -d '+1 hour' '+%Y-%m-%dT%H:%M:%SZ')
echo "{\"access_token\": \"test-token\", \"token_type\": \"Bearer\", \"expiry\": \"$expiry\"}"
exit
)sh";

std::string for_sh(std::string_view text) {
    if (text.find('\'') != text.npos) throw std::runtime_error("a quote in the text of a fake program");
    return "'" + std::string(text) + "'";
}

// What stands behind `prefix` in the item of `requires` that begins with it; nothing: there is none.
std::optional<std::string> wanted(const auth_case& c, std::string_view prefix) {
    const auto at = std::find_if(c.needs.begin(), c.needs.end(), [&](const auto& n) { return n.starts_with(prefix); });
    if (at == c.needs.end()) return std::nullopt;
    return at->substr(prefix.size());
}

std::string cli_of(const auth_case& c) {
    std::string out = "#!/bin/sh\n";
    if (const auto words = wanted(c, "fake_cli_stderr:")) return out + "echo " + for_sh(*words) + " >&2\nexit 1\n";
    const auto version = wanted(c, "fake_cli:");
    if (!version) return {};
    if (*version != "unknown") {
        out += "[ \"$1\" = version ] && echo " + for_sh("Databricks CLI " + *version) + " && exit\n";
    }
    return out + std::string(cli_token);
}

}  // namespace

void write_program(const std::string& path, std::string script, std::size_t padded_to) {
    script.resize(std::max(script.size(), padded_to), '\0');
    test::make_file(path, script, 0700);
}

void write_fake_programs(const auth_case& c, const std::string& directory) {
    if (c.needs_any("fake_az")) write_program(directory + "/az", std::string(az));
    const std::string cli = cli_of(c);
    if (!cli.empty()) write_program(directory + "/databricks", cli, smallest_cli);
}

}  // namespace dbxapps::conformance
