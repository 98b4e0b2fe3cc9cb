#include <cli/ask.hpp>

#include <config/environment.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <iostream>

namespace dbxapps::cli {

namespace asio = boost::asio;

void open_browser(const std::string& url) {
    std::cerr << "To log in, open:\n\n    " << url << "\n\n";
    std::string program = "xdg-open", argument = url;
    char* const arguments[] = {program.data(), argument.data(), nullptr};
    posix_spawn_file_actions_t quiet;
    posix_spawn_file_actions_init(&quiet);
    for (const int fd : {STDOUT_FILENO, STDERR_FILENO})
        posix_spawn_file_actions_addopen(&quiet, fd, "/dev/null", O_WRONLY, 0);
    pid_t id = 0;
    // Where there is no browser, the address above is enough.
    (void)::posix_spawnp(&id, program.c_str(), &quiet, nullptr, arguments, environ);
    posix_spawn_file_actions_destroy(&quiet);
}

asio::awaitable<result<std::string>> ask_for_redirect(std::string url) {
    std::cerr << "Open this address in a browser, on any machine:\n\n    " << url
              << "\n\nAfter the login the browser is sent to an address that begins with http://localhost and may show "
                 "an error.\nCopy that whole address to here: "
              << std::flush;
    asio::posix::stream_descriptor input(co_await asio::this_coro::executor, ::dup(STDIN_FILENO));
    std::string text;
    auto [ec, n] = co_await asio::async_read_until(input, asio::dynamic_buffer(text, 64 * 1024), '\n',
                                                   asio::as_tuple(asio::use_awaitable));
    if (ec == asio::error::operation_not_supported || ec == boost::system::errc::operation_not_permitted) {
        std::getline(std::cin, text);  // a file is always ready
    } else if (ec == asio::error::eof) {
        // What came is the line.
    } else if (ec) {
        co_return failure(errc::login_required, "no address was read: " + ec.message(), ec);
    }
    text.resize(std::min(text.find('\n'), text.size()));
    co_return text;
}

}  // namespace dbxapps::cli
