// JSON documents on the way to a token: of a host, an issuer, and those who vouch for a job. The input is their
// answers, each a line with the status and then the document up to a line "--".
#include <oauth/discovery.hpp>
#include <oauth/host_metadata.hpp>
#include <oauth/id_tokens.hpp>
#include <oauth/safe_url.hpp>

#include <fuzz/property.hpp>

#include <chrono>

namespace dbxapps::fuzz {
namespace {

const std::vector<std::string> hide = {"s3cret-request-token", "header.payload.signature"};

struct answer {
    int status = 0;
    std::string_view body;
};

answer take_answer(std::string_view& input) {
    answer out;
    out.status = std::atoi(std::string(take_line(input).substr(0, 3)).c_str());
    const auto end = input.find("\n--\n");
    out.body = input.substr(0, end);
    input.remove_prefix(end == input.npos ? input.size() : end + 4);
    return out;
}

// Whatever the answers are, a few of them lead to an end, and to nowhere that is not safe.
void check_discovery(oauth::issuer who, std::string_view answers) {
    oauth::discovery machine(std::move(who));
    for (int asked = 0; machine.next().what == oauth::discovery_step::kind::ask; ++asked) {
        require(asked < 5, "discovery ends");
        require(oauth::is_safe(machine.next().url), "only a safe place is asked", machine.next().url);
        const answer a = take_answer(answers);
        if (a.status == 0) {
            machine.unreachable({errc::connect_failed, "nobody listens"});
        } else {
            machine.answered(a.status, a.body);
        }
    }
    const auto& end = machine.next();
    if (end.what == oauth::discovery_step::kind::fail) return require_words(end.why, 600 + 2 * end.url.size());
    require(oauth::is_safe(end.url), "a token endpoint is a safe place", end.url);
    require(end.authorize_url.empty() || oauth::is_safe(end.authorize_url), "and so is that of a person's login");
    require(!machine.audience().empty(), "there is somebody to make an ID token out for");
}

void check_metadata(const answer& a) {
    const auto read = oauth::read_host_metadata(a.status, a.body);
    if (!read) return;
    require(a.status == 200, "metadata comes with 200 only");
    for (const std::string_view account : {"", "acc-1"}) {
        const std::string url = oauth::discovery_url_of(*read, account, "https://w.cloud.databricks.com");
        require(url.empty() || oauth::is_safe(url), "metadata leads to a safe place only", url);
    }
}

void check_id_token(const result<std::string>& read, int status) {
    if (read) {
        require(!read->empty() && is_printable(*read) && !holds(*read, " "), "an ID token can be sent", *read);
        return;
    }
    require_words(read.error(), 800);
    require(read.error().status == status, "the failure has the status", read.error().detail);
    require(!holds(read.error().detail, "s3cret"), "no query is shown", read.error().detail);
    for (const auto& secret : hide)
        require(!holds(read.error().detail, secret), "what was sent is not shown", read.error().detail);
}

void run(std::string_view input) {
    check_discovery({"https://ws.example", "", ""}, input);
    check_discovery({"https://accounts.example", "acc-1", ""}, input);
    check_discovery({"https://ws.example", "acc-1", "https://sso.example/document"}, input);
    if (holds(input, "s3cret")) return;
    const answer a = take_answer(input);
    check_metadata(a);
    const oauth::id_token_answer given{a.status, a.body, std::chrono::seconds(7)};
    check_id_token(oauth::read_github_id_token("https://vouch.example/token?key=s3cret", given, hide), a.status);
    check_id_token(oauth::read_azure_pipelines_id_token("https://vouch.example/x?key=s3cret", given, hide), a.status);
    const auto written = oauth::written_id_token(a.body, "/var/run/token");
    if (!written) return require_words(written.error(), 300);
    check_id_token(written, 0);
    require(holds(a.body, *written) && oauth::written_id_token(*written, "x").value() == *written,
            "a token that was written down is cut, not changed", *written);
}

}  // namespace
}  // namespace dbxapps::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    dbxapps::fuzz::run(dbxapps::fuzz::text_of(data, size));
    return 0;
}
