// What a browser brings back from a login, or a person pastes: the whole input.
#include <oauth/pkce.hpp>

#include <fuzz/property.hpp>
#include <text/ascii.hpp>
#include <text/encoding.hpp>

namespace dbxapps::fuzz {
namespace {

constexpr std::string_view state = "fuzz-state_0123456789x";
constexpr std::string_view planted = "Pl4nted.S3cret";

std::string decoded(std::string_view query) {
    std::string spaced(query);
    std::replace(spaced.begin(), spaced.end(), '+', ' ');
    return text::percent_decoded(spaced).value_or(spaced);
}

void check_failure(const failure& why) {
    require_words(why, 600);
    require(why.is(errc::bad_request) || why.is(errc::login_required), "the code is one of two", why.detail);
    require(!holds(why.detail, state), "the state is not shown", why.detail);
}

void check_code(const std::string& code, std::string_view query) {
    require(!code.empty() && code.size() <= query.size(), "there is a code", code);
    require(holds(decoded(query), state), "only with the state of this login", query);
    require(oauth::read_redirect(query, "fuzz-state_0123456789y").has_error(), "not with another's", query);
    const auto bare = oauth::read_redirect(text::form_body({{"state", state}, {"code", code}}), state);
    require(bare && *bare == code, "the code comes back as it was sent", code);
    for (const auto* more : {"&code=another", "&state=another", "&error=access_denied", "&code=%zz"})
        require(oauth::read_redirect(std::string(query) + more, state).has_error(), "no field comes twice", query);
}

// A code that is there when the answer is no, or of somebody else, is not shown either.
void check_secrets(std::string_view query) {
    if (holds(decoded(query), "S3cret")) return;
    const std::string with = std::string(query) + "&code=" + std::string(planted);
    if (const auto read = oauth::read_redirect(with, state); !read) {
        check_failure(read.error());
        require(!holds(read.error().detail, planted), "the code is not shown", read.error().detail);
    }
    const auto told = oauth::read_redirect(
        text::form_body({{"state", state}, {"code", planted}, {"error", query}, {"error_description", planted}}),
        state);
    require(told.has_value() == query.empty() && (told || !holds(told.error().detail, planted)),
            "the code is not shown when the server tells it", query);
    const auto refused = oauth::read_redirect(
        text::form_body({{"error", query}, {"error_description", query}, {"state", state}}), state);
    if (!query.empty()) {
        require(refused.has_error() && refused.error().is(errc::login_required), "a refusal is one", query);
        check_failure(refused.error());
    }
}

void check_pasted(std::string_view text) {
    const std::string_view query = oauth::pasted_query(text);
    require(query.empty() || (query.data() >= text.data() && query.data() + query.size() <= text.data() + text.size()),
            "what is pasted is cut, not changed", query);
    require(!holds(query, "#"), "a fragment is dropped", query);
    const std::string whole = "\n http://localhost:8020/?" + std::string(query) + "#_=_ \r\n";
    require(oauth::pasted_query(whole) == query, "a whole address says the same", query);
}

void run(std::string_view input) {
    const auto read = oauth::read_redirect(input, state);
    if (read) {
        check_code(*read, input);
    } else {
        check_failure(read.error());
    }
    require(oauth::read_redirect(input, {}).has_error(), "a login without a state has no answer", input);
    check_secrets(input);
    check_pasted(input);
    oauth::read_redirect(oauth::pasted_query(input), state).has_value();
}

}  // namespace
}  // namespace dbxapps::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    dbxapps::fuzz::run(dbxapps::fuzz::text_of(data, size));
    return 0;
}
