// What is counted and told of calls: metrics per origin, and events for the user's hook.
#include <client_impl.hpp>

#include <tell.hpp>
#include <text/fields.hpp>

#include <utility>

namespace dbxapps {
namespace {

attempt_event event_of(attempt_step step, const request& r) {
    const auto [origin, target] = text::split_url(r.url());
    return {step, r.method(), origin, target};
}

}  // namespace

// A traceparent of the caller's own is sent as it is, and the hook gets what it says.
void client::impl::watch(const request& r, prepared& p) const {
    rarely& out = p.rare();
    out.watched = true;
    std::string_view fields = r.headers();
    if (const auto own = text::next_field(fields, "traceparent")) {
        out.attempt = parse_traceparent(*own).value_or(trace_context());
    } else if (options_.traceparent) {
        out.call = new_trace(random(), random(), random(), true);
    }
}

void client::impl::attempt_begins(prepared& p, const request& r) const {
    p.to->health->counters.attempted();
    ++p.attempt;
    if (!p.watched()) return;
    rarely& with = *p.few;
    if (with.call.valid()) {
        with.attempt = child_of(with.call, random());
        with.extra.fields = "traceparent: " + to_traceparent(with.attempt) + "\r\n";
    }
    attempt_event e = event_of(attempt_step::started, r);
    e.attempt = p.attempt;
    e.trace = p.few->attempt;
    tell(options_.on_attempt, e);
}

void client::impl::attempt_ended(const prepared& p, const request& r, int status, std::optional<errc> code,
                                 time_point began) const {
    attempt_event e = event_of(status > 0 ? attempt_step::answered : attempt_step::failed, r);
    e.attempt = p.attempt;
    e.status = status;
    e.code = code;
    e.took = clock::now() - began;
    e.trace = p.few->attempt;
    tell(options_.on_attempt, e);
}

void client::impl::will_repeat(const prepared& p, const request& r, repeat_reason why, duration wait) const {
    attempt_event e = event_of(attempt_step::will_repeat, r);
    e.attempt = p.attempt;
    e.reason = why;
    e.wait = wait;
    e.trace = p.few->attempt;
    tell(options_.on_attempt, e);
}

// `p`: none for a request that was refused before it was looked at, whose origin may not be known.
void client::impl::call_ended(const prepared* p, const request& r, const result<response>& out, duration took) const {
    const errc code = out ? errc() : static_cast<errc>(out.error().code.value());
    if (p && out) p->to->health->counters.answered(out->status(), took);
    if (p && !out) p->to->health->counters.failed(code, took);
    if (!options_.on_attempt) return;
    attempt_event e = event_of(attempt_step::finished, r);
    e.attempt = p ? p->attempt : 0;
    e.status = out ? out->status() : out.error().status;
    if (!out) e.code = code;
    e.took = took;
    if (p && p->watched()) e.trace = p->few->call.valid() ? p->few->call : p->few->attempt;
    tell(options_.on_attempt, e);
}

std::vector<origin_metrics> client::impl::metrics() const {
    std::unique_lock lock(mutex_);
    const std::vector<std::pair<std::string, known_origin>> all(health_.begin(), health_.end());
    lock.unlock();
    std::vector<origin_metrics> out;
    out.reserve(all.size());
    for (const auto& [origin, known] : all) {
        const auto& [health, pool] = known;
        const auto connections = pool->count();
        auto& one = out.emplace_back();
        one.origin = origin;
        health->counters.read(one);
        one.resends = pool->resends();
        one.connections = connections.idle + connections.leased;
        one.idle_connections = connections.idle;
        one.circuit = health->state(clock::now());
    }
    return out;
}

}  // namespace dbxapps
