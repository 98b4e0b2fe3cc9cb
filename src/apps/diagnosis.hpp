// What the front door's answer means to the caller: an errc, and words with the next step. Pure.
#pragma once

#include <apps/edge_answer.hpp>
#include <dbxapps/error.hpp>

#include <string_view>

namespace dbxapps::apps {

errc code_of(edge_verdict);  // bad_response for edge_verdict::app

// `call`: what was tried, as "GET https://host/path"; `replayed`: a newer token fared no better. Not for
// edge_verdict::app. What certainly did not reach the app is not said to. Quotes at most a line of the answer, and of
// that only what can hold no secret.
failure diagnose(edge_verdict, const response&, std::string_view call, bool replayed);

}  // namespace dbxapps::apps
