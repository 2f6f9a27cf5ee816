/* Waiting for a guard: who has it needs some ten instructions, unless its processor was taken from it. */
#include "../core.h"

#ifdef _WIN32
#include <windows.h>
#else
#include <sched.h>
#include <time.h>
#endif

static inline void breathe(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Sleeping lets also those go on that have a lower priority. */
static void step_back(int tries)
{
    enum { YIELDS = 64 };
#ifdef _WIN32
    if (tries < YIELDS)
        SwitchToThread();
    else
        Sleep(1);
#else
    struct timespec pause = {0, 50000};
    if (tries < YIELDS)
        sched_yield();
    else
        nanosleep(&pause, NULL);
#endif
}

void guard_wait(Guard *guard)
{
    enum { SPINS = 128 };
    for (int tries = 0;; tries++) {
        for (int spin = 0; spin < SPINS; spin++) {
            if (!atomic_load_explicit(&guard->taken, memory_order_relaxed) &&
                !atomic_exchange_explicit(&guard->taken, true, memory_order_acquire))
                return;
            breathe();
        }
        step_back(tries);
    }
}
