// The workspace host as people write it: the whole input.
#include <config/host.hpp>

#include <config/config_error.hpp>
#include <fuzz/property.hpp>
#include <text/ascii.hpp>
#include <text/url.hpp>

#include <arpa/inet.h>

namespace dbxapps::fuzz {
namespace {

using config::config_error;

constexpr std::string_view planted = "Pl4ntedS3cret";

void check_failure(const failure& why) {
    require_words(why, 400);
    require(why.cause == config_error::no_host || why.cause == config_error::bad_value, "the cause is one of two",
            why.detail);
}

void check_host(const config::written_host& read, std::string_view given) {
    const auto normal = config::normal_host(given);
    require(normal && *normal == text::lowered(read.host), "normal_host() is read_host() in lower case", read.host);
    const auto again = config::read_host(read.host);
    require(again && again->host == read.host, "a host that was read reads as itself", read.host);
    require(config::normal_host(*normal).value() == *normal, "a normal host is normal", *normal);
    require(again->workspace_id.empty() && again->account_id.empty(), "its query is no part of a host", read.host);

    const auto parsed = text::parse_url(*normal);
    require(parsed.has_value() && parsed->target == "/", "a normal host is a URL without a path", *normal);
    require(parsed->secure || text::is_loopback(parsed->host), "http is for loopback", *normal);
    require(normal->starts_with(parsed->secure ? "https://" : "http://"), "a normal host has its scheme", *normal);
    require(normal->find_first_of("/?#@\\ ", normal->find("://") + 3) == normal->npos, "a host is a host", *normal);
    require(read.host.size() <= given.size() + 8, "nothing is made up", read.host);
    require(!config::to_string(config::cloud_of_host(*normal)).empty(), "each host is of a cloud");

    const auto behind = config::read_host(read.host + "/a/path?o=17&a=acc#c");
    require(behind && behind->host == read.host, "a path is dropped", read.host);
    require(behind->workspace_id == "17" && behind->account_id == "acc", "the query's ids are read", read.host);
    require(config::normal_host(" \t" + std::string(given) + " ").value() == *normal, "blanks around it are dropped");
}

// The first number in the input as a port.
void check_port(std::string_view given) {
    const auto first = given.find_first_of("0123456789");
    if (first == given.npos) return;
    const auto end = std::min(given.find_first_not_of("0123456789", first), given.size());
    const std::string digits(given.substr(first, end - first));
    const auto number = std::strtoull(digits.c_str(), nullptr, 10);
    const auto read = config::read_host("h.example:" + digits);
    require(read.has_value() == (number >= 1 && number <= 65535), "a port is one", digits);
    const std::string port = number == 443 ? "" : ":" + std::to_string(number);
    if (read) require(read->host == "https://h.example" + port, "a port is kept", read->host);
}

void check_literal(std::string_view given) {
    if (holds(given, "]")) return;
    in6_addr address{};
    const bool sound = !given.empty() && given.find('\0') == given.npos &&
                       ::inet_pton(AF_INET6, std::string(given).c_str(), &address) == 1;
    const auto read = config::read_host("[" + std::string(given) + "]");
    require(read.has_value() == sound, "between brackets stands an IPv6 address", given);
}

void check_ids(const config::written_host& read, std::string_view given) {
    for (const auto& id : {read.workspace_id, read.account_id}) {
        require(id.empty() || holds(given, "=" + id), "an id stands in the query", id);
        require(is_printable(id) && !holds(id, "&") && !holds(id, " "), "an id is one field", id);
    }
}

// Whatever else is wrong with it, a password in it or a query is not repeated.
void check_secrets(std::string_view given) {
    const std::string middle(given), secret(planted);
    for (const auto& text : {"https://user:" + secret + middle + "@host", "http://user:" + secret + "@" + middle,
                             middle + "?token=" + secret, "https://" + middle + "#" + secret}) {
        const auto read = config::read_host(text);
        if (read || holds(middle, planted)) continue;
        require_words(read.error(), 400);
        require(!holds(read.error().detail, planted), "no secret is repeated", read.error().detail);
    }
    require(config::read_host("https://user:" + secret + "@" + middle).has_error(), "no host has a password", middle);
}

void run(std::string_view given) {
    const auto read = config::read_host(given);
    if (read) {
        check_host(*read, given);
        check_ids(*read, given);
    } else {
        check_failure(read.error());
        require(config::normal_host(given).has_error(), "both readers take the same hosts");
    }
    check_port(given);
    check_literal(given);
    check_secrets(given);
}

}  // namespace
}  // namespace dbxapps::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    dbxapps::fuzz::run(dbxapps::fuzz::text_of(data, size));
    return 0;
}
