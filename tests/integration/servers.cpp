#include <integration/servers.hpp>

#include <emulator/certificates.hpp>

#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>
#include <vector>

namespace dbxapps::integration {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr auto start_within = 30s;
const std::string host = "integration-1234567890123456.aws.databricksapps.com", address_for_proxies = "0.0.0.0";

struct descriptor {
    int value;
    explicit descriptor(int family) : value(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
    ~descriptor() { ::close(value); }
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
};

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_port = htons(port);
    out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return out;
}

bool accepts(const fs::path& local) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (local.native().size() >= sizeof address.sun_path) {
        throw std::runtime_error(local.string() + " is too long for a socket; set TMPDIR to a shorter path");
    }
    std::memcpy(address.sun_path, local.c_str(), local.native().size());
    const descriptor probe(AF_UNIX);
    return ::connect(probe.value, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

// A file of this folder with the words between @ filled in.
void fill_in(const char* name, const fs::path& to, const std::map<std::string, std::string>& values) {
    std::ifstream in(fs::path(DBXAPPS_INTEGRATION) / name);
    std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (text.empty()) throw std::runtime_error(std::string(name) + " cannot be read in " DBXAPPS_INTEGRATION);
    for (const auto& [word, value] : values) {
        const std::string from = "@" + word + "@";
        for (auto at = text.find(from); at != text.npos; at = text.find(from, at + value.size()))
            text.replace(at, from.size(), value);
    }
    write_file(to, text);
}

const char* name_of(front f) {
    switch (f) {
        case front::tls_1_2: return "tls_1_2";
        case front::short_lived: return "short_lived";
        case front::close_delimited: return "close_delimited";
        default: return "usual";
    }
}

}  // namespace

std::uint16_t free_port() {
    std::random_device random;
    std::uniform_int_distribution<int> any(20'000, 32'000);
    for (int tries = 0; tries < 1000; ++tries) {
        const auto port = static_cast<std::uint16_t>(any(random));
        const descriptor probe(AF_INET);
        const sockaddr_in address = loopback(port);
        if (::bind(probe.value, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return port;
    }
    throw std::runtime_error("no port of 127.0.0.1 is free");
}

bool accepts(std::uint16_t port) {
    const descriptor probe(AF_INET);
    const sockaddr_in address = loopback(port);
    return ::connect(probe.value, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

void write_file(const fs::path& file, std::string_view text) {
    std::ofstream out(file);
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
    if (!(out << text).flush()) throw std::runtime_error("cannot write " + file.string());
}

folder::folder() {
    std::string name = (fs::temp_directory_path() / "dbxapps-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::runtime_error("cannot make a folder like " + name);
    path_ = name;
}

folder::~folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

app_servers::app_servers() {
    for (const front f : {front::usual, front::tls_1_2, front::short_lived, front::close_delimited}) {
        do {
            ports_[f] = free_port();
        } while (std::count_if(ports_.begin(), ports_.end(),
                               [&](const auto& other) { return other.second == ports_[f]; }) > 1);
    }
    const auto made = emulated::make_certificates(emulator_certificate::good, "IP:" + address_for_proxies);
    ca_pem_ = made.ca_pem;
    write_file(home_.path() / "leaf.pem", made.leaf_pem);
    write_file(home_.path() / "leaf.key", made.leaf_key_pem);
    start_app();
    start_nginx();
}

void app_servers::start_app() {
    program p;
    p.name = "python3";
    p.packages = "python3-fastapi, python3-uvicorn and python3-multipart";
    const std::string socket = (home_.path() / "app.sock").string();
    p.arguments = {"-m",   "uvicorn",     "app:app", "--app-dir",       DBXAPPS_INTEGRATION,    "--uds",
                   socket, "--log-level", "warning", "--no-access-log", "--timeout-keep-alive", "3600"};
    p.folder = home_.path();
    p.log = home_.path() / "app.log";
    app_.emplace(std::move(p));
    app_->wait_until([&] { return accepts(fs::path(socket)); }, start_within);
}

void app_servers::start_nginx() {
    std::map<std::string, std::string> values{{"home", home_.path().string()}};
    // Else its worker becomes somebody who cannot reach the app's socket.
    values["user"] = ::geteuid() == 0 ? "user root;" : "";
    for (const auto& [f, port] : ports_)
        values[name_of(f)] = std::to_string(port);
    const fs::path configuration = home_.path() / "nginx.conf";
    fill_in("nginx.conf", configuration, values);
    program p;
    p.name = "nginx";
    p.packages = "nginx-light";
    p.arguments = {"-p", home_.path().string(), "-e", "stderr", "-c", configuration.string()};
    p.folder = home_.path();
    p.log = home_.path() / "nginx.log";
    nginx_.emplace(std::move(p));
    nginx_->wait_until([&] { return accepts(port(front::usual)); }, start_within);
}

std::uint16_t app_servers::port(front f) const { return ports_.at(f); }

std::string app_servers::url(std::string_view path, front f) const {
    return "https://" + host + ":" + std::to_string(port(f)) + std::string(path);
}

std::string app_servers::url_by_address(std::string_view path, front f) const {
    return "https://" + address_for_proxies + ":" + std::to_string(port(f)) + std::string(path);
}

network_options app_servers::network(proxy_options proxy) const {
    network_options out;
    out.proxy = std::move(proxy);
    out.resolve = {{host, 0, "127.0.0.1"}};
    out.tls.system_roots = false;
    out.tls.extra_ca_pem = ca_pem_;
    return out;
}

proxy_server::proxy_server(proxy_kind kind, std::optional<credentials> who, std::optional<std::uint16_t> only_to)
    : port_(free_port()) {
    settings values{{"home", home_.path().string()}, {"port", std::to_string(port_)}, {"reach", ""}};
    const std::string only = only_to ? std::to_string(*only_to) : "";
    if (kind == proxy_kind::squid) {
        if (only_to) values["reach"] = "acl reach port " + only + "\nhttp_access deny !reach";
        start_squid(who, std::move(values));
    } else {
        if (only_to) values["reach"] = "ConnectPort " + only;
        start_tinyproxy(who, std::move(values));
    }
    running_->wait_until([&] { return accepts(port_); }, start_within);
}

std::size_t proxy_server::connects() const {
    std::ifstream in(log_);
    std::size_t out = 0;
    for (std::string line; std::getline(in, line);)
        out += line.find(" CONNECT ") != line.npos;
    return out;
}

void proxy_server::start_squid(const std::optional<credentials>& who, settings values) {
    const fs::path home = home_.path(), configuration = home / "squid.conf";
    log_ = home / "access.log";
    values["who"] = who ? "allow known" : "allow all";
    values["credentials"] = "";
    if (who) {
        write_file(home / "password", who->password + "\n");
        write_file(home / "users", who->user + ":");
        run_to_end(
            {"openssl", "openssl", {"passwd", "-apr1", "-in", (home / "password").string()}, home, home / "users", ""},
            10s);
        values["credentials"] = "auth_param basic program /usr/lib/squid/basic_ncsa_auth " + (home / "users").string() +
                                "\nauth_param basic children 1 startup=1\nacl known proxy_auth REQUIRED";
    }
    fill_in("squid.conf", configuration, values);
    program p{"squid", "squid", {"-N", "-f", configuration.string()}, home, home / "squid.log", "proxy"};
    // It does not run as root, and whoever turns from root into somebody else outlives a test that crashes.
    if (const passwd* const to = ::geteuid() == 0 ? ::getpwnam(p.user.c_str()) : nullptr) {
        for (const auto& file : {home, configuration, home / "users"})
            if (::chown(file.c_str(), to->pw_uid, to->pw_gid) != 0 && errno != ENOENT)
                throw std::runtime_error("chown");
    }
    running_.emplace(std::move(p));
}

void proxy_server::start_tinyproxy(const std::optional<credentials>& who, settings values) {
    const fs::path home = home_.path(), configuration = home / "tinyproxy.conf";
    log_ = home / "tinyproxy.log";
    values["credentials"] = who ? "BasicAuth " + who->user + " " + who->password : "";
    fill_in("tinyproxy.conf", configuration, values);
    program p{"tinyproxy", "tinyproxy-bin", {"-d", "-c", configuration.string()}, home, log_, ""};
    running_.emplace(std::move(p));
}

}  // namespace dbxapps::integration
