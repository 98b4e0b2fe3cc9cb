#include <cli/ask.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <algorithm>
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
    // Opened anew: what is set for this descriptor is not set for the terminal's other programs.
    const int own = ::open("/dev/stdin", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (own < 0) co_return failure(errc::login_required, "standard input cannot be read, so no address was taken");
    std::string text;
    error_code ec;
    asio::posix::stream_descriptor input(co_await asio::this_coro::executor);
    input.assign(own, ec);
    if (ec) {
        ::close(own);  // a file, which is always ready
        std::getline(std::cin, text);
        co_return text;
    }
    auto [failed, n] = co_await asio::async_read_until(input, asio::dynamic_buffer(text, 64 * 1024), '\n',
                                                       asio::as_tuple(asio::use_awaitable));
    if (failed && failed != asio::error::eof) {
        co_return failure(errc::login_required, "no address was read: " + failed.message(), failed);
    }
    text.resize(std::min(text.find('\n'), text.size()));
    co_return text;
}

}  // namespace dbxapps::cli
