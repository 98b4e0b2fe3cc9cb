// A person at a terminal.
#pragma once

#include <dbxapps/error.hpp>

#include <boost/asio/awaitable.hpp>

#include <string>

namespace dbxapps::cli {

// Starts a browser, if one can be found; nobody waits for it.
void open_browser(const std::string& url);
// Shows the URL and reads the line that the person copies. Does not block the thread, but for a standard input that is
// a file.
boost::asio::awaitable<result<std::string>> ask_for_redirect(std::string url);

}  // namespace dbxapps::cli
