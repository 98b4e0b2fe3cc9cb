#include <oauth/shown.hpp>

#include <text/ascii.hpp>
#include <text/encoding.hpp>

#include <utility>

namespace dbxapps::oauth {

namespace {

std::string without(std::string words, const std::vector<std::string>& hide) {
    for (const auto& secret : hide) {
        for (auto at = words.find(secret); !secret.empty() && at != words.npos; at = words.find(secret, at + 3)) {
            words.replace(at, secret.size(), "***");
        }
    }
    return words;
}

}  // namespace

std::string shown(std::string words, std::size_t limit, const std::vector<std::string>& hide) {
    const std::string left = without(std::move(words), hide);
    // Once more: what cannot be printed becomes '.', and a secret with a '.' may be made by that.
    return text::printable(without(text::printable(left, left.size()), hide), limit);
}

std::vector<std::string> spellings_of(const std::vector<std::string>& secrets) {
    std::vector<std::string> out = secrets;
    for (const auto& secret : secrets) {
        if (auto encoded = text::form_encoded(secret); encoded != secret) out.push_back(std::move(encoded));
    }
    return out;
}

}  // namespace dbxapps::oauth
