#include <dbxapps/emulator.hpp>

#include <emulator/listener.hpp>
#include <emulator/loopback.hpp>
#include <emulator/names.hpp>
#include <emulator/world.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <csignal>
#include <stdexcept>
#include <thread>
#include <vector>

namespace dbxapps {
namespace {

namespace asio = boost::asio;
using namespace emulated;

void must(bool ok, const char* why) {
    if (!ok) throw std::invalid_argument(why);
}

void check_life(std::chrono::milliseconds life) {
    must(life.count() >= 1 && life <= std::chrono::hours(24 * 365), "emulator: token_life is not 1 ms to one year");
}

void check_delay(std::chrono::milliseconds delay) { must(delay.count() >= 0, "emulator: token_delay is negative"); }

const emulator_options& checked(const emulator_options& options) {
    check_life(options.token_life);
    check_delay(options.token_delay);
    must(options.threads >= 1 && options.threads <= 64, "emulator: threads is not 1 to 64");
    must(options.token_size >= 300 && options.token_size <= 16384, "emulator: token_size is not 300 to 16384");
    return options;
}

// Signals meant for the program go to its own threads; those that a thread causes itself stay as they are.
class signals_elsewhere {
public:
    signals_elsewhere() {
        sigset_t others;
        sigfillset(&others);
        for (const int own : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS, SIGPIPE})
            sigdelset(&others, own);
        pthread_sigmask(SIG_BLOCK, &others, &before_);
    }
    ~signals_elsewhere() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    signals_elsewhere(const signals_elsewhere&) = delete;
    signals_elsewhere& operator=(const signals_elsewhere&) = delete;

private:
    sigset_t before_;
};

}  // namespace

// The order of the members matters: connections end with `io_`, and use what stands above it.
class emulator::impl {
public:
    explicit impl(const emulator_options& options)
        : shared_(checked(options), workspace_port_.number()),
          io_(static_cast<int>(options.threads)),
          workspace_(io_, options.threads == 1, side::workspace, shared_, workspace_port_),
          apps_(io_, options.threads == 1, side::apps, shared_, apps_port_) {
        try {
            start(options.threads);
        } catch (...) {
            stop();
            throw;
        }
    }
    ~impl() { stop(); }
    impl(const impl&) = delete;
    impl& operator=(const impl&) = delete;

    std::string port_text() const { return std::to_string(apps_port_.number()); }
    listener& listener_of(emulator_place place) { return place == emulator_place::apps ? apps_ : workspace_; }

    reserved_port workspace_port_;
    reserved_port apps_port_;
    world shared_;
    asio::io_context io_;
    asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
    listener workspace_;
    listener apps_;

private:
    void start(unsigned count) {
        const signals_elsewhere quiet;
        for (unsigned i = 0; i < count; ++i)
            threads_.emplace_back([this] { io_.run(); });
        workspace_.open();
        apps_.open();
    }

    void stop() {
        io_.stop();
        for (std::thread& each : threads_)
            each.join();
        threads_.clear();
    }

    std::vector<std::thread> threads_;
};

emulator::emulator(emulator_options options) : impl_(std::make_unique<impl>(options)) {}
emulator::~emulator() = default;

std::string emulator::workspace_url() const { return impl_->shared_.where.workspace_url; }

std::string emulator::app_url(std::string_view name) const {
    must(is_app_name(name), "emulator: an app's name is 1 to 46 lower-case letters, digits and '-'");
    return "https://" + std::string(name) + std::string(app_suffix) + ':' + impl_->port_text();
}

std::string emulator::client_id() const { return impl_->shared_.where.client_id; }
std::string emulator::client_secret() const { return impl_->shared_.where.client_secret; }
std::string emulator::ca_pem() const { return impl_->shared_.ca_pem; }

network_options emulator::network() const {
    network_options options;
    options.resolve.push_back({std::string(workspace_host), impl_->workspace_port_.number(), "127.0.0.1"});
    options.resolve.push_back({std::string(app_wildcard), impl_->apps_port_.number(), "127.0.0.1"});
    options.tls.extra_ca_pem = impl_->shared_.ca_pem;
    options.tls.system_roots = false;
    return options;
}

void emulator::set_app(std::string_view name, emulator_app app) {
    if (std::string usual = app_url(name); app.url.empty()) app.url = std::move(usual);
    impl_->shared_.apps.set(name, std::move(app));
}

void emulator::remove_app(std::string_view name) { impl_->shared_.apps.remove(name); }

emulator_counts emulator::count() const { return impl_->shared_.counts.snapshot(); }

void emulator::revoke_tokens() { impl_->shared_.tokens.revoke_all(); }

void emulator::set_token_life(std::chrono::milliseconds life) {
    check_life(life);
    impl_->shared_.tokens.set_life(life);
}

void emulator::set_token_delay(std::chrono::milliseconds delay) {
    check_delay(delay);
    impl_->shared_.token_delay_ms = delay.count();
}

void emulator::inject(emulator_place place, emulator_fault fault) {
    impl_->shared_.faults(place).add(std::move(fault));
}

void emulator::clear_faults() {
    for (auto& script : impl_->shared_.scripts)
        script.clear();
}

void emulator::refuse(emulator_place place) { impl_->listener_of(place).refuse(); }
void emulator::accept_again(emulator_place place) { impl_->listener_of(place).open(); }
void emulator::drop_connections() { impl_->apps_.drop_connections(); }

}  // namespace dbxapps
