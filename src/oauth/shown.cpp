#include <oauth/shown.hpp>

#include <text/ascii.hpp>
#include <text/encoding.hpp>

namespace dbxapps::oauth {

std::string shown(std::string words, std::size_t limit, const std::vector<std::string>& hide) {
    for (const auto& secret : hide) {
        for (auto at = words.find(secret); !secret.empty() && at != words.npos; at = words.find(secret, at + 3)) {
            words.replace(at, secret.size(), "***");
        }
    }
    return text::printable(words, limit);
}

std::vector<std::string> spellings_of(const std::vector<std::string>& secrets) {
    std::vector<std::string> out = secrets;
    for (const auto& secret : secrets) {
        if (auto encoded = text::form_encoded(secret); encoded != secret) out.push_back(std::move(encoded));
    }
    return out;
}

}  // namespace dbxapps::oauth
