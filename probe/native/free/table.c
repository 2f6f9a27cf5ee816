/* The lock at an address: parts with a guard each, open hash tables with records that stay where they are. */
#include "../core.h"

#include <string.h>

typedef struct { void *address; Lock *lock; } Slot;
struct Part {
    Guard guard;
    Slot *slots;
    size_t room, used;
    Lock *spare;
    uint64_t serial;
} __attribute__((aligned(128))); /* two lines of the cache: some processors fetch them in pairs */

enum { PART_BITS = 8, PARTS = 1 << PART_BITS, MOST_IN_PART = (1 << 20) / PARTS, SLAB = 32 };
static Part parts[PARTS];
static _Atomic uint32_t era = 1;

static inline uint64_t spread(const void *address)
{
    return ((uintptr_t)address >> 4) * 0x9E3779B97F4A7C15ull;
}

static inline size_t place(const Part *part, const void *address)
{
    return (size_t)(spread(address) >> 24) & (part->room - 1);
}

Part *part_take(void *address)
{
    Part *part = &parts[spread(address) >> (64 - PART_BITS)];
    guard_take(&part->guard);
    return part;
}

void part_give(Part *part)
{
    guard_give(&part->guard);
}

/* The held lists of an earlier era were cleared. */
static void forget(Lock *lock)
{
    lock->id = lock->owner = lock->waiters = lock->waker = 0;
    lock->acquires = lock->contended = lock->told = 0;
    lock->waited = lock->held = lock->at = 0;
    lock->thread = NULL;
    lock->unknown_id = lock->told_acquire = lock->pending = false;
}

Lock *part_find(Part *part, void *address)
{
    if (!part->room)
        return NULL;
    for (size_t slot = place(part, address); part->slots[slot].lock; slot = (slot + 1) & (part->room - 1))
        if (part->slots[slot].address == address) {
            Lock *lock = part->slots[slot].lock;
            uint32_t now = atomic_load_explicit(&era, memory_order_relaxed);
            if (unlikely(lock->era != now)) {
                lock->era = now;
                forget(lock);
            }
            return lock;
        }
    return NULL;
}

static bool grow(Part *part)
{
    size_t more = part->room ? part->room * 2 : 16, before = part->room;
    Slot *bigger = calloc(more, sizeof *bigger), *old = part->slots;
    if (!bigger)
        return false;
    part->slots = bigger;
    part->room = more;
    for (size_t i = 0; i < before; i++) {
        if (!old[i].lock)
            continue;
        size_t slot = place(part, old[i].address);
        while (bigger[slot].lock)
            slot = (slot + 1) & (more - 1);
        bigger[slot] = old[i];
    }
    free(old);
    return true;
}

static Lock *take(Part *part)
{
    if (!part->spare) {
        Lock *slab = calloc(SLAB, sizeof *slab);
        if (!slab)
            return NULL;
        for (int i = 0; i < SLAB; i++) {
            slab[i].address = part->spare;
            part->spare = &slab[i];
        }
    }
    Lock *lock = part->spare;
    part->spare = lock->address;
    memset(lock, 0, sizeof *lock);
    return lock;
}

Lock *part_add(Part *part, void *address, uint8_t kind)
{
    if (part->used >= MOST_IN_PART || ((part->used + 1) * 2 > part->room && !grow(part)))
        return NULL;
    Lock *lock = take(part);
    if (!lock)
        return NULL;
    lock->address = address;
    lock->kind = kind;
    lock->era = atomic_load_explicit(&era, memory_order_relaxed);
    lock->serial = (++part->serial << PART_BITS) | (uint64_t)(part - parts);
    size_t slot = place(part, address);
    while (part->slots[slot].lock)
        slot = (slot + 1) & (part->room - 1);
    part->slots[slot] = (Slot){address, lock};
    part->used++;
    return lock;
}

void part_remove(Part *part, void *address)
{
    if (!part->room)
        return;
    size_t mask = part->room - 1, slot = place(part, address);
    while (part->slots[slot].address != address) {
        if (!part->slots[slot].lock)
            return;
        slot = (slot + 1) & mask;
    }
    Lock *lock = part->slots[slot].lock;
    lock->address = part->spare;
    part->spare = lock;
    part->used--;
    /* Close the gap, so that no tombstones are needed. */
    for (size_t next = (slot + 1) & mask; part->slots[next].lock; next = (next + 1) & mask) {
        size_t wanted = place(part, part->slots[next].address);
        if (((next - wanted) & mask) >= ((next - slot) & mask)) {
            part->slots[slot] = part->slots[next];
            slot = next;
        }
    }
    part->slots[slot] = (Slot){NULL, NULL};
}

bool table_look(void *address, Lock *copy)
{
    Part *part = part_take(address);
    Lock *lock = part_find(part, address);
    if (lock)
        *copy = *lock;
    part_give(part);
    return lock != NULL;
}

void table_each(void (*visit)(Lock *, void *), void *argument)
{
    uint32_t now = atomic_load_explicit(&era, memory_order_relaxed);
    for (int i = 0; i < PARTS; i++) {
        guard_take(&parts[i].guard);
        for (size_t slot = 0; slot < parts[i].room; slot++)
            if (parts[i].slots[slot].lock && parts[i].slots[slot].lock->era == now)
                visit(parts[i].slots[slot].lock, argument);
        guard_give(&parts[i].guard);
    }
}

void table_next_era(void)
{
    atomic_fetch_add(&era, 1);
}

uint32_t table_era(void)
{
    return atomic_load_explicit(&era, memory_order_relaxed);
}

/* ---- nestings seen ---- */

enum { MOST_NESTS = 1 << 20 };
static Guard nests_guard;
static uint64_t *nests;
static size_t nests_room, nests_count;

static bool nests_grow(void)
{
    size_t more = nests_room ? nests_room * 2 : 1024;
    uint64_t *slots = nests_count < MOST_NESTS ? calloc(more, sizeof *slots) : NULL;
    if (!slots)
        return false;
    for (size_t i = 0; i < nests_room; i++) {
        size_t slot = (size_t)(nests[i] >> 1) & (more - 1);
        while (nests[i] && slots[slot])
            slot = (slot + 1) & (more - 1);
        if (nests[i])
            slots[slot] = nests[i];
    }
    free(nests);
    nests = slots;
    nests_room = more;
    return true;
}

bool nests_add(uint64_t hash)
{
    bool fresh = false;
    hash |= 1; /* 0 marks a free slot */
    guard_take(&nests_guard);
    if (nests_count * 2 < nests_room || nests_grow()) {
        size_t slot = (size_t)(hash >> 1) & (nests_room - 1);
        while (nests[slot] && nests[slot] != hash)
            slot = (slot + 1) & (nests_room - 1);
        fresh = !nests[slot];
        nests[slot] = hash;
        nests_count += fresh;
    }
    guard_give(&nests_guard);
    return fresh;
}

void nests_clear(void)
{
    guard_take(&nests_guard);
    free(nests);
    nests = NULL;
    nests_room = nests_count = 0;
    guard_give(&nests_guard);
}
