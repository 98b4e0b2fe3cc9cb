// The floor: what a call costs with nothing but OpenSSL and epoll, on one thread.
//
// Each descriptor is registered once, edge-triggered; a steady call is one send, one recv and a share of an epoll_wait,
// and allocates nothing of its own.
#include "answer.hpp"
#include "bare_line.hpp"
#include "peer.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <vector>

namespace {

using namespace bench;
using step = bare_line::step;

constexpr int most_events = 256, patience_ms = 30'000;
constexpr std::size_t read_size = 65'536;

struct origin {
    std::string host, request;
    ticket known;
};

struct slot {
    enum class phase { idle, shaking, sending, reading };
    bare_line line;
    answer reply;
    phase at = phase::idle;
};

class bare : public peer {
public:
    explicit bare(const options& o);
    ~bare() override { ::close(epoll_); }
    void run(work&, std::size_t in_flight) override;
    void drop() override;
    std::optional<std::uint64_t> resumed() const override { return resumed_; }

private:
    using phase = slot::phase;
    origin& origin_of(std::size_t n) { return origins_[origins_.size() == 1 ? 0 : n]; }
    void start(std::size_t last);
    bool begin(std::size_t n);
    bool open(std::size_t n);
    void advance(std::size_t n);
    step hand_over(std::size_t n);
    void receive(std::size_t n);
    void finish(std::size_t n);
    void fail(std::size_t n, const char* why);
    void look_at_idle(slot&);

    context_ptr ctx_;
    sockaddr_in to_{};
    int epoll_ = -1;
    std::vector<origin> origins_;
    std::vector<slot> slots_;
    std::vector<char> buffer_ = std::vector<char>(read_size);
    work* work_ = nullptr;
    std::size_t active_ = 0;
    std::uint64_t resumed_ = 0;
    const bool closes_each_;
};

bare::bare(const options& o)
    : ctx_(make_context(o.ca)),
      origins_(o.what == command::fanout ? o.hosts : 1),
      slots_(o.slots()),
      closes_each_(o.closes_each()) {
    to_.sin_family = AF_INET;
    to_.sin_port = htons(o.port);
    if (::inet_pton(AF_INET, o.address.c_str(), &to_.sin_addr) != 1) throw bad_option("--address is no IPv4 address");
    for (std::size_t n = 0; n < origins_.size(); ++n) {
        origins_[n].host = o.host_of(n);
        origins_[n].request = request_text(o, origins_[n].host);
    }
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    if (epoll_ < 0) throw std::system_error(errno, std::system_category(), "epoll_create1");
}

bool bare::open(std::size_t n) {
    bare_line& line = slots_[n].line;
    if (line.open(ctx_.get(), to_, origin_of(n).host, origin_of(n).known) == step::failed) return false;
    epoll_event all{};
    all.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    all.data.u64 = n;
    slots_[n].at = phase::shaking;
    return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, line.descriptor(), &all) == 0;
}

bool bare::begin(std::size_t n) {
    slot& s = slots_[n];
    s.reply.reset();
    if (!s.line.is_open()) return open(n);
    s.at = phase::sending;
    return hand_over(n) != step::failed;
}

// The next call, if there is one, of a runner that has done with `last`.
void bare::start(std::size_t last) {
    ++active_;
    for (std::size_t n = work_->next(last); n != work::none; n = work_->next(n)) {
        if (begin(n)) return;
        work_->failed(slots_[n].line.why().c_str());
        slots_[n].line.close();
    }
    --active_;
}

step bare::hand_over(std::size_t n) {
    slot& s = slots_[n];
    const step did = s.line.write(origin_of(n).request);
    if (did == step::done) s.at = phase::reading;
    return did;
}

void bare::fail(std::size_t n, const char* why) {
    ERR_clear_error();
    slots_[n].line.close();
    slots_[n].at = phase::idle;
    work_->failed(why);
    --active_;
    start(n);
}

void bare::finish(std::size_t n) {
    slot& s = slots_[n];
    work_->succeeded(s.reply.body().size());
    s.at = phase::idle;
    if (s.reply.closes() || closes_each_) s.line.say_goodbye_and_close();
    --active_;
    start(n);
    if (s.at == phase::idle && s.line.is_open()) s.line.free_buffers();
}

void bare::receive(std::size_t n) {
    slot& s = slots_[n];
    for (;;) {
        std::size_t got = 0;
        const step did = s.line.read(buffer_.data(), buffer_.size(), got);
        if (did == step::wait) return;
        if (did == step::failed) return fail(n, s.line.why().c_str());
        const answer::state now = s.reply.feed({buffer_.data(), got});
        if (now == answer::state::complete) return finish(n);
        if (now == answer::state::bad) return fail(n, "the answer is not a 200 with a body of the length promised");
    }
}

// An idle connection hears of tickets, or that the server has closed it.
void bare::look_at_idle(slot& s) {
    std::size_t got = 0;
    if (!s.line.is_open() || s.line.read(buffer_.data(), buffer_.size(), got) == step::wait) return;
    ERR_clear_error();
    s.line.close();
}

void bare::advance(std::size_t n) {
    slot& s = slots_[n];
    if (s.at == phase::idle) return look_at_idle(s);
    step did = step::done;
    if (s.at == phase::shaking) {
        did = s.line.handshake();
        if (did == step::done) {
            resumed_ += s.line.resumed();
            s.at = phase::sending;
        }
    }
    if (did == step::done && s.at == phase::sending) did = hand_over(n);
    if (did == step::failed) return fail(n, s.line.why().c_str());
    if (did == step::done) receive(n);
}

void bare::run(work& w, std::size_t in_flight) {
    work_ = &w;
    for (std::size_t n = 0; n < in_flight; ++n)
        start(n);
    std::array<epoll_event, most_events> events;
    while (active_ != 0) {
        const int count = ::epoll_wait(epoll_, events.data(), most_events, patience_ms);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) throw std::runtime_error("no answer came for 30 seconds");
        for (int i = 0; i < count; ++i) {
            const epoll_event& e = events[static_cast<std::size_t>(i)];
            slots_[e.data.u64].line.woken(e.events);
            advance(e.data.u64);
        }
    }
}

void bare::drop() {
    for (slot& s : slots_)
        s.line.close();
}

}  // namespace

int main(int argc, char** argv) {
    return run_peer(argc, argv, [](const options& o) -> std::unique_ptr<peer> { return std::make_unique<bare>(o); });
}
