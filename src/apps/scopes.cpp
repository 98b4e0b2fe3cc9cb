#include <apps/scopes.hpp>

#include <text/ascii.hpp>

#include <algorithm>
#include <string_view>

namespace dbxapps::apps {

std::vector<std::string> scopes_asked_by(const response& r) {
    constexpr std::string_view name = "scope=\"";
    const std::string_view field = r.header("www-authenticate").value_or("");
    const auto found = std::search(field.begin(), field.end(), name.begin(), name.end(),
                                   [](char a, char b) { return text::lower(a) == b; });
    if (found == field.end()) return {};
    const std::string_view value = field.substr(static_cast<std::size_t>(found - field.begin()) + name.size());
    return text::words_of(value.substr(0, value.find('"')));
}

std::vector<std::string> lacking(const std::vector<std::string>& asked, const std::vector<std::string>& held) {
    const auto holds = [&](std::string_view scope) { return std::find(held.begin(), held.end(), scope) != held.end(); };
    if (held.empty() || holds("all-apis")) return {};
    std::vector<std::string> out;
    std::copy_if(asked.begin(), asked.end(), std::back_inserter(out), [&](const auto& one) { return !holds(one); });
    return out;
}

}  // namespace dbxapps::apps
