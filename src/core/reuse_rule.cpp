#include <core/reuse_rule.hpp>

#include <ostream>

namespace dbxapps::core {

std::ostream& operator<<(std::ostream& out, reuse_verdict verdict) {
    switch (verdict) {
        case reuse_verdict::keep: return out << "keep";
        case reuse_verdict::incomplete: return out << "incomplete";
        case reuse_verdict::not_kept: return out << "not kept";
        case reuse_verdict::stray_bytes: return out << "stray bytes";
        case reuse_verdict::dead: return out << "dead";
        case reuse_verdict::ended: return out << "ended";
        case reuse_verdict::too_old: return out << "too old";
    }
    return out << "unknown";
}

reuse_verdict judge_reuse(const exchange_end& end, const reuse_limits& limits) noexcept {
    if (!end.in_time) return reuse_verdict::ended;
    if (!end.message_complete) return reuse_verdict::incomplete;
    if (!end.keep_alive) return reuse_verdict::not_kept;
    if (end.bytes_pending) return reuse_verdict::stray_bytes;
    if (!end.peek_wants_read) return reuse_verdict::dead;
    if (end.age > limits.age_within) return reuse_verdict::too_old;
    return reuse_verdict::keep;
}

std::ostream& operator<<(std::ostream& out, checkout_verdict verdict) {
    switch (verdict) {
        case checkout_verdict::use: return out << "use";
        case checkout_verdict::look: return out << "look";
        case checkout_verdict::drop: return out << "drop";
    }
    return out << "unknown";
}

checkout_verdict judge_checkout(duration idle_for, bool may_repeat, const reuse_limits& limits) noexcept {
    if (idle_for > limits.idle_within) return checkout_verdict::drop;
    return idle_for > limits.look_again_after || !may_repeat ? checkout_verdict::look : checkout_verdict::use;
}

}  // namespace dbxapps::core
