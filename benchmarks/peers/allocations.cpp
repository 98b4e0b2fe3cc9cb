// Stands in for malloc and its kin, which operator new and aligned allocation end up in, too (glibc).
#include "allocations.hpp"

#include <openssl/crypto.h>

#include <atomic>
#include <cerrno>
#include <cstddef>

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);
}

namespace bench {
namespace {

constinit std::atomic<std::uint64_t> count{0};

void* counted(void* p) noexcept {
    count.fetch_add(1, std::memory_order_relaxed);
    return p;
}

// OpenSSL's own, past the counter: a Debian update of it must not move the count.
const int uncounted =
    CRYPTO_set_mem_functions([](std::size_t n, const char*, int) { return __libc_malloc(n); },
                             [](void* p, std::size_t n, const char*, int) { return __libc_realloc(p, n); },
                             [](void* p, const char*, int) { __libc_free(p); });

}  // namespace

void count_allocations_from_now_on() noexcept { count = uncounted == 1 ? 0 : 1'000'000'000; }
std::uint64_t allocations_counted() noexcept { return count; }

}  // namespace bench

extern "C" {
void* malloc(std::size_t n) { return bench::counted(__libc_malloc(n)); }
void* calloc(std::size_t n, std::size_t size) { return bench::counted(__libc_calloc(n, size)); }
void* realloc(void* p, std::size_t n) { return bench::counted(__libc_realloc(p, n)); }
void* aligned_alloc(std::size_t alignment, std::size_t n) { return bench::counted(__libc_memalign(alignment, n)); }
int posix_memalign(void** out, std::size_t alignment, std::size_t n) {
    *out = bench::counted(__libc_memalign(alignment, n));
    return *out ? 0 : ENOMEM;
}
}
