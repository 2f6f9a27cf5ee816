/* What an acquire and a release record: owners, holds, nesting, counts. */
#include "core.h"

#include <string.h>

bool full_detail;
uint64_t hold_threshold = 1000000;
static Seen nests;

static inline uint32_t micros(uint64_t ns)
{
    return (uint32_t)(ns / 1000);
}

/* ---- locks of libraries' own ---- */

static void own_take(Thread *thread, void *address, Context site)
{
    static uint64_t serial;
    if (thread->own_count == MOST_OWN) /* the outermost: whoever waits for it is told of no owner */
        memmove(thread->own, thread->own + 1, (size_t)--thread->own_count * sizeof *thread->own);
    thread->own[thread->own_count++] = (OwnHeld){address, ++serial, site};
}

static void own_give(Thread *thread, void *address)
{
    for (int i = thread->own_count - 1; i >= 0; i--)
        if (thread->own[i].address == address) {
            thread->own_count--;
            memmove(&thread->own[i], &thread->own[i + 1], (size_t)(thread->own_count - i) * sizeof *thread->own);
            return;
        }
}

Thread *own_holder(void *address, Context *site)
{
    Thread *holder = NULL;
    uint64_t serial = 0;
    for (Thread *thread = threads_first(); thread; thread = thread->next)
        for (int i = 0; i < thread->own_count; i++)
            if (thread->own[i].address == address && thread->own[i].serial > serial) {
                serial = thread->own[i].serial;
                *site = thread->own[i].site;
                holder = thread;
            }
    return holder;
}

Lock *lock_at(void *address, uint8_t kind)
{
    Lock *lock = table_find(address);
    if (lock || !(lock = table_add(address, kind)))
        return lock;
    Thread *holder = own_holder(address, &lock->site);
    if (holder) {
        lock->owner = holder->id;
        lock->role = ROLE_INTERNAL;
        lock->acquires = 1;
        for (Thread *thread = threads_first(); thread; thread = thread->next)
            own_give(thread, address);
    }
    return lock;
}

/* ---- where a lock was created, and for whom ---- */

void lock_created(void *address, uint8_t kind)
{
    Thread *thread = thread_here();
    if (!thread || thread->busy)
        return;
    effort.made++;
    lock_gone(address);
    /* Others are noted when they are first taken, most of them never. */
    Context here = creation_here();
    uint32_t nth = count_made(here);
    Lock *lock = here ? table_add(address, kind) : NULL;
    if (!lock)
        return;
    lock->created = here;
    lock->nth = nth;
}

uint32_t lock_id(Lock *lock)
{
    if (!lock->id && !lock->unknown_id) {
        void *address = lock->address;
        uint64_t serial = lock->serial;
        uint32_t stack = context_stack(lock->created);
        long id = ask_id(ask("define", "(iIKiII)", (int)lock->kind, (unsigned)stack, (unsigned long long)(uintptr_t)address,
                             (int)lock->role, (unsigned)lock->nth, (unsigned)made_on_line(lock->created)));
        /* The table may have been cleared while Python ran. */
        Lock *again = table_find(address);
        if (again != lock || lock->serial != serial)
            return 0;
        if (lock->id)
            return lock->id; /* another thread was faster */
        if (id > 0)
            lock->id = (uint32_t)id;
        else
            lock->unknown_id = id == 0;
    }
    return lock->id;
}

/* ---- held lists ---- */

static void unhold(Lock *lock)
{
    Thread *thread = lock->thread;
    lock->thread = NULL;
    if (!thread)
        return;
    for (int i = thread->count - 1; i >= 0; i--)
        if (thread->held[i].lock == lock) {
            memmove(&thread->held[i], &thread->held[i + 1], (size_t)(thread->count - i - 1) * sizeof *thread->held);
            thread->count--;
            return;
        }
}

static bool hold(Thread *thread, Lock *lock, uint32_t actor, uint64_t at, Context site, uint64_t chain)
{
    if (thread->count == thread->room) {
        int more = thread->room * 2;
        Held *bigger = malloc((size_t)more * sizeof *bigger);
        if (!bigger)
            return false;
        memcpy(bigger, thread->held, (size_t)thread->count * sizeof *bigger);
        if (thread->held != thread->first)
            free(thread->held);
        thread->held = bigger;
        thread->room = more;
    }
    thread->held[thread->count++] = (Held){lock, at, chain, actor, site};
    lock->thread = thread;
    return true;
}

/* The first acquisition of a lock by an actor that holds others: the chain goes to Python once. */
static void record_nest(Thread *thread, Lock *lock, uint32_t actor, uint64_t at, unsigned flags)
{
    PyObject *held = PyList_New(0);
    for (int i = 0; held && i < thread->count; i++) {
        Held *one = &thread->held[i];
        if (one->actor != actor || one->lock == lock)
            continue;
        uint32_t id = lock_id(one->lock);
        PyObject *frames = context_frames(thread->held[i].site);
        PyObject *pair = frames ? Py_BuildValue("(IN)", (unsigned)id, frames) : NULL;
        if (!pair || PyList_Append(held, pair) < 0)
            PyErr_Clear();
        Py_XDECREF(pair);
    }
    uint32_t id = lock_id(lock);
    Context here = context_here(CONTEXT_DEPTH);
    uint32_t stack = context_stack(here);
    PyObject *frames = context_frames(here);
    long chain = held && frames ? ask_id(ask("chain", "(OO)", held, frames)) : 0;
    Py_XDECREF(held);
    Py_XDECREF(frames);
    if (chain > 0 && id)
        ring_write(KIND_NEST, flags, actor, at, id, stack, (uint32_t)chain);
}

/* Locks made by thousands at one place: after some hundred nestings of one kind its next ones tell nothing new. */
static bool told_enough(const Lock *lock, Context outer)
{
    enum { KINDS = 4096, ENOUGH = 300 };
    static struct { uint64_t kind; uint32_t count; } told[KINDS];
    uint64_t kind = mix(mix(mix(0, lock->created), lock->site), outer);
    size_t slot = (size_t)kind & (KINDS - 1);
    if (told[slot].kind != kind) {
        told[slot].kind = kind;
        told[slot].count = 0;
    }
    return ++told[slot].count > ENOUGH;
}

/* ---- acquire ---- */

static void tell_acquire(Lock *lock, uint32_t actor, uint64_t at, Context site, unsigned flags)
{
    ring_write(KIND_ACQUIRE, flags, actor, at, lock->id, context_stack_known(site), 0);
}

void lock_acquired(Thread *thread, void *address, uint8_t kind, unsigned flags)
{
    unsigned role;
    if (!hooks_on) /* removed while this thread was blocked */
        return;
    Context site = site_here(&role, flags & ACQUIRED_BACK);
    if (role == ROLE_HIDDEN || role == ROLE_WAITER)
        return;
    Lock *lock = table_find(address);
    if (!lock) {
        if (role == ROLE_INTERNAL && !(flags & ACQUIRED_WAITED)) {
            if (!thread->id)
                actor_now(thread);
            effort.own++;
            own_take(thread, address, site);
            return;
        }
        if (!(lock = lock_at(address, kind)))
            return;
    }
    if (role == ROLE_PROGRAM || !lock->acquires)
        lock->role = (uint8_t)role;
    if (lock->thread)
        unhold(lock); /* released behind our back, by a method bound before the probe came */
    uint32_t actor = role == ROLE_PROGRAM || !thread->id ? actor_now(thread) : thread->id;
    lock->owner = actor;
    lock->site = site;
    lock->acquires++;
    lock->pending = lock->told_acquire = false;
    if (role == ROLE_INTERNAL && !(flags & ACQUIRED_WAITED)) {
        effort.own++;
        lock->at = 0; /* owner and count are enough of a library's own lock */
        return;
    }
    effort.locks++;
    uint64_t now = clock_now();
    lock->at = now;
    flags &= 0xFF;
    lock->flags = (uint16_t)flags;
    uint64_t outer = 0;
    Context outer_site = 0;
    if (role == ROLE_PROGRAM) {
        for (int i = thread->count - 1; i >= 0 && !outer; i--)
            if (thread->held[i].actor == actor) {
                outer = thread->held[i].chain;
                outer_site = thread->held[i].site;
            }
        hold(thread, lock, actor, now, site, mix(mix(outer, lock->serial), site) | 1);
    }
    if (full_detail || (flags & ACQUIRED_WAITED) || lock->waiters) {
        lock->told_acquire = true;
        /* No Python code while the lock is held: what has no id yet is written after the release. */
        if (lock->id && (context_stack_known(site) || !site))
            tell_acquire(lock, actor, now, site, flags);
        else
            lock->pending = true;
    }
    if (outer && seen_add(&nests, mix(mix(mix(outer, actor), thread->epoch), lock->serial)) &&
        !told_enough(lock, outer_site))
        record_nest(thread, lock, actor, now, flags);
}

/* ---- release ---- */

void lock_releasing(Thread *thread, void *address, Releasing *facts)
{
    facts->now = 0;
    Lock *lock = table_find(address);
    facts->lock = lock;
    if (!lock) {
        own_give(thread, address);
        return;
    }
    uint32_t actor = 0;
    if (lock->at || lock->waiters)
        actor = lock->thread == thread ? lock->owner : actor_now(thread);
    if (lock->waiters)
        lock->waker = actor;
    if (!lock->at) {
        lock->owner = 0;
        facts->lock = NULL;
        return;
    }
    facts->now = clock_now();
    facts->since = lock->at;
    facts->owner = lock->owner;
    facts->actor = actor;
    facts->site = lock->site;
    facts->flags = lock->flags;
    facts->pending = lock->pending;
    facts->told = lock->told_acquire;
    facts->watched = lock->waiters > 0;
    lock->held += facts->now - facts->since;
    lock->at = 0;
    lock->owner = 0;
    lock->pending = lock->told_acquire = false;
    /* The usual case: the innermost lock of this thread. */
    if (lock->thread == thread && thread->count && thread->held[thread->count - 1].lock == lock) {
        thread->count--;
        lock->thread = NULL;
    } else if (lock->thread) {
        unhold(lock);
    }
}

void lock_released(Thread *thread, Releasing *facts)
{
    Lock *lock = facts->lock;
    (void)thread;
    bool long_hold = facts->now - facts->since >= hold_threshold;
    if (!facts->told && !facts->watched && !long_hold)
        return;
    if (!lock->id || facts->pending || !context_stack_known(facts->site)) {
        void *address = lock->address;
        uint64_t serial = lock->serial;
        lock_id(lock);
        context_stack(facts->site);
        if (table_find(address) != lock || lock->serial != serial || !lock->id)
            return;
    }
    if (facts->pending || (!facts->told && facts->watched))
        tell_acquire(lock, facts->owner, facts->since, facts->site, facts->flags);
    if (facts->told || facts->watched)
        ring_write(KIND_RELEASE, 0, facts->actor, facts->now, lock->id, 0, 0);
    else
        ring_write(KIND_HOLD, 0, facts->owner, facts->now, lock->id, context_stack_known(facts->site),
                   micros(facts->now - facts->since));
}

/* ---- the end of a lock, counts ---- */

void tell_counts(Lock *lock)
{
    uint64_t now = clock_now();
    ring_write(KIND_COUNTS, 0, 0, now, lock->id, lock->acquires, lock->contended);
    ring_write(KIND_TOTALS, 0, 0, now, lock->id, micros(lock->waited), micros(lock->held));
    lock->told = lock->acquires;
}

/* Nobody holds it any more; NULL where there is no record of it. */
static inline Lock *let_fall(void *address)
{
    Lock *lock = table_find(address);
    if (!lock && thread_slot)
        own_give(thread_slot, address);
    if (lock && lock->thread)
        unhold(lock);
    return lock;
}

void lock_gone(void *address)
{
    Lock *lock = let_fall(address);
    if (!lock)
        return;
    if (lock->id && lock->told != lock->acquires)
        tell_counts(lock);
    table_remove(address);
}

void lock_reset(void *address)
{
    Lock *lock = let_fall(address);
    if (!lock)
        return;
    lock->owner = 0;
    lock->site = 0;
    lock->at = 0;
    lock->pending = lock->told_acquire = false;
}

void lock_forget(Lock *lock)
{
    lock->id = 0;
    lock->unknown_id = false;
    lock->waiters = 0;
    lock->pending = lock->told_acquire = false;
    lock->acquires = lock->contended = lock->told = 0;
    lock->waited = lock->held = 0;
    if (lock->thread && lock->thread == thread_slot)
        return;
    lock->thread = NULL;
    /* Its owner is a thread of the parent, whose number may be another's here: of a lock that is held only the place is kept. */
    if (!lock->owner || !lock->at)
        lock->site = 0;
    lock->owner = 0;
}

/* In a forked child: the new stream knows no ids yet, and counts from nothing. */
void holding_after_fork(void)
{
    table_in_child();
    for (int i = 0; thread_slot && i < thread_slot->count; i++)
        table_find(thread_slot->held[i].lock->address);
    seen_clear(&nests);
}

void holding_clear(void)
{
    for (Thread *thread = threads_first(); thread; thread = thread->next)
        thread->count = thread->own_count = 0;
    table_clear();
    seen_clear(&nests);
}
