// JSON for people and for programs: two blanks for each level.
#pragma once

#include <boost/json/value.hpp>

#include <string>

namespace dbxapps::cli {

std::string json_text(const boost::json::value&);

}  // namespace dbxapps::cli
