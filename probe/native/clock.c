/* The time: monotonic nanoseconds. On x86-64 Linux, where the kernel itself keeps time with the processor's
 * counter, the counter is read directly (10 ns instead of 23) and set right by the kernel's clock every 10 ms. */
#include "core.h"

#include <time.h>
#ifdef _WIN32
#include <windows.h>

uint64_t clock_now(void)
{
    static LARGE_INTEGER frequency;
    LARGE_INTEGER count;
    if (!frequency.QuadPart)
        QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&count);
    /* Split so that the product stays below 64 bits. */
    uint64_t whole = (uint64_t)(count.QuadPart / frequency.QuadPart);
    uint64_t rest = (uint64_t)(count.QuadPart % frequency.QuadPart);
    return whole * 1000000000ull + rest * 1000000000ull / (uint64_t)frequency.QuadPart;
}
void clock_install(void) {}

#elif defined(__APPLE__)

/* time.monotonic_ns() is mach_absolute_time() there, and so is this. */
uint64_t clock_now(void)
{
    return clock_gettime_nsec_np(CLOCK_UPTIME_RAW);
}
void clock_install(void) {}

#else

static inline uint64_t kernel_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

/* What follows is kept right by one thread at a time. */
#if defined(__linux__) && defined(__x86_64__)
#include <stdio.h>
#include <string.h>
#include <x86intrin.h>

enum { STEP_NS = 10000000, SLOW_READ = 2000 };
/* now = at + (ticks - since) * pace / 2^32, for `span` ticks; span 0: ask the kernel. */
static uint64_t since, at, rate, pace, span;
static uint64_t first_ticks, first_ns;
static bool counter_good;

/* Counter and kernel's clock read together; false when something came between. */
static bool read_both(uint64_t *ticks, uint64_t *ns)
{
    for (int attempt = 0; attempt < 3; attempt++) {
        uint64_t before = __rdtsc();
        *ns = kernel_now();
        *ticks = __rdtsc();
        if (*ticks - before < SLOW_READ) {
            *ticks = before + (*ticks - before) / 2;
            return true;
        }
    }
    return false;
}

static uint64_t set_right(void)
{
    uint64_t ticks, ns;
    if (!counter_good || !read_both(&ticks, &ns)) {
        span = 0;
        return kernel_now();
    }
    if (!first_ticks || ticks <= first_ticks || ns - first_ns > 20ull * STEP_NS) {
        /* The interval is too long to tell a slewed clock from an average: begin another, keep the rate. */
        first_ticks = ticks;
        first_ns = ns;
    } else if (ns - first_ns >= STEP_NS / 10) {
        rate = (uint64_t)((double)(ns - first_ns) / (double)(ticks - first_ticks) * 4294967296.0);
    }
    /* Never backwards: when the counter ran ahead, the next step runs a little slower. */
    uint64_t ahead = span ? at + ((ticks - since) * pace >> 32) : 0;
    ahead = ahead > ns && ahead - ns < STEP_NS / 10 ? ahead - ns : 0;
    since = ticks;
    at = ns + ahead;
    span = rate ? ((uint64_t)STEP_NS << 32) / rate : 0;
    pace = rate - rate / STEP_NS * ahead;
    return at;
}

#ifdef INTERLEAVE_FREE
/* What clock_now() counts from, for all threads: it is odd while one of them changes it, and one more than before afterwards. */
static struct { _Atomic uint64_t version, since, at, pace, span; } shown;
static Guard righting;

static uint64_t set_right_for_all(void)
{
    /* Who comes second asks the kernel; what the first makes of it is there in a moment. */
    if (atomic_exchange_explicit(&righting.taken, true, memory_order_acquire))
        return kernel_now();
    uint64_t now = set_right(), version = atomic_load_explicit(&shown.version, memory_order_relaxed);
    atomic_store_explicit(&shown.version, version + 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    atomic_store_explicit(&shown.since, since, memory_order_relaxed);
    atomic_store_explicit(&shown.at, at, memory_order_relaxed);
    atomic_store_explicit(&shown.pace, pace, memory_order_relaxed);
    atomic_store_explicit(&shown.span, span, memory_order_relaxed);
    atomic_store_explicit(&shown.version, version + 2, memory_order_release);
    guard_give(&righting);
    return now;
}

uint64_t clock_now(void)
{
    uint64_t version = atomic_load_explicit(&shown.version, memory_order_acquire);
    uint64_t from = atomic_load_explicit(&shown.since, memory_order_relaxed);
    uint64_t begun = atomic_load_explicit(&shown.at, memory_order_relaxed);
    uint64_t speed = atomic_load_explicit(&shown.pace, memory_order_relaxed);
    uint64_t most = atomic_load_explicit(&shown.span, memory_order_relaxed);
    atomic_thread_fence(memory_order_acquire);
    if (version & 1 || atomic_load_explicit(&shown.version, memory_order_relaxed) != version)
        return kernel_now();
    uint64_t passed = __rdtsc() - from;
    return passed < most ? begun + (passed * speed >> 32) : set_right_for_all();
}
#define SET_RIGHT set_right_for_all
#else
uint64_t clock_now(void)
{
    uint64_t passed = __rdtsc() - since;
    if (passed < span)
        return at + (passed * pace >> 32);
    return set_right();
}
#define SET_RIGHT set_right
#endif

void clock_install(void)
{
    char name[16] = "";
    FILE *file = fopen("/sys/devices/system/clocksource/clocksource0/current_clocksource", "re");
    if (file) {
        if (!fgets(name, sizeof name, file))
            name[0] = 0;
        fclose(file);
    }
    counter_good = strcmp(name, "tsc\n") == 0;
    SET_RIGHT();
}
#else
uint64_t clock_now(void)
{
    return kernel_now();
}
void clock_install(void) {}
#endif
#endif
