/* What an acquire and a release record: owners, holds, nesting, counts. */
#include "../core.h"

#include <string.h>

bool full_detail;
enum { HOLD_THRESHOLD = 1000000 };

/* ---- locks of libraries' own ---- */

static void own_take(Thread *thread, void *address, Context site)
{
    guard_take(&thread->guard);
    if (thread->own_count == MOST_OWN) /* the outermost: whoever waits for it is told of no owner */
        memmove(thread->own, thread->own + 1, (size_t)--thread->own_count * sizeof *thread->own);
    thread->own[thread->own_count++] = (OwnHeld){address, clock_now(), site};
    guard_give(&thread->guard);
}

static void own_give(Thread *thread, void *address)
{
    guard_take(&thread->guard);
    for (int i = thread->own_count - 1; i >= 0; i--)
        if (thread->own[i].address == address) {
            thread->own_count--;
            memmove(&thread->own[i], &thread->own[i + 1], (size_t)(thread->own_count - i) * sizeof *thread->own);
            break;
        }
    guard_give(&thread->guard);
}

uint32_t own_holder(void *address, Context *site)
{
    uint32_t holder = 0;
    uint64_t last = 0;
    for (Thread *thread = threads_first(); thread; thread = thread->next) {
        guard_take(&thread->guard);
        for (int i = 0; i < thread->own_count; i++)
            if (thread->own[i].address == address && thread->own[i].at > last) {
                last = thread->own[i].at;
                *site = thread->own[i].site;
                holder = atomic_load(&thread->id);
            }
        guard_give(&thread->guard);
    }
    return holder;
}

/* ---- where a lock was created, and for whom ---- */

void lock_created(void *address, uint8_t kind)
{
    Thread *thread = thread_hooked();
    if (!thread)
        return;
    count_one(&thread->made);
    lock_gone(address);
    /* Others are noted when they are first taken, most of them never. */
    Context here = creation_here();
    uint32_t nth = count_made(here);
    if (!here)
        return;
    Part *part = part_take(address);
    Lock *lock = part_find(part, address);
    if (lock || (lock = part_add(part, address, kind))) {
        lock->created = here;
        lock->nth = nth;
    }
    part_give(part);
}

/* Two threads at once may both have it defined: what the first was given counts. */
uint32_t lock_id(void *address, uint64_t serial)
{
    Lock copy;
    if (!table_look(address, &copy) || (serial && copy.serial != serial))
        return 0;
    if (copy.id || copy.unknown_id)
        return copy.id;
    uint32_t era = table_era(), stack = context_stack(copy.created);
    long id = ask_id(ask("define", "(iIKiII)", (int)copy.kind, (unsigned)stack, (unsigned long long)(uintptr_t)address, (int)copy.role,
                         (unsigned)copy.nth, (unsigned)made_on_line(copy.created)));
    Part *part = part_take(address);
    Lock *lock = part_find(part, address);
    uint32_t found = 0;
    if (lock && lock->serial == copy.serial && era == table_era()) {
        if (!lock->id && id > 0)
            lock->id = (uint32_t)id;
        else if (!lock->id)
            lock->unknown_id = id == 0;
        found = lock->id;
    }
    part_give(part);
    return found;
}

/* ---- held lists: with the guard of the lock's part taken ---- */

static void unhold(Lock *lock)
{
    Thread *thread = lock->thread;
    lock->thread = NULL;
    if (!thread)
        return;
    guard_take(&thread->guard);
    for (int i = thread->count - 1; i >= 0; i--)
        if (thread->held[i].address == lock->address && thread->held[i].serial == lock->serial) {
            memmove(&thread->held[i], &thread->held[i + 1], (size_t)(thread->count - i - 1) * sizeof *thread->held);
            thread->count--;
            break;
        }
    guard_give(&thread->guard);
}

static bool make_room(Thread *thread)
{
    if (thread->count < thread->room)
        return true;
    int more = thread->room * 2;
    Held *bigger = malloc((size_t)more * sizeof *bigger);
    if (!bigger)
        return false;
    memcpy(bigger, thread->held, (size_t)thread->count * sizeof *bigger);
    if (thread->held != thread->first)
        free(thread->held);
    thread->held = bigger;
    thread->room = more;
    return true;
}

/* What the actor holds outside of this one, 0 for nothing. */
static uint64_t hold(Thread *thread, Lock *lock, const Taking *taking, uint64_t at, Context *outer_site)
{
    uint64_t outer = 0;
    guard_take(&thread->guard);
    for (int i = thread->count - 1; i >= 0 && !outer; i--)
        if (thread->held[i].actor == taking->actor) {
            outer = thread->held[i].chain;
            *outer_site = thread->held[i].site;
        }
    if (make_room(thread)) {
        uint64_t chain = mix(mix(outer, lock->serial), taking->site) | 1;
        thread->held[thread->count++] = (Held){lock->address, lock->serial, at, chain, taking->actor, taking->site};
        lock->thread = thread;
    }
    guard_give(&thread->guard);
    return outer;
}

/* ---- acquire ---- */

typedef struct {
    uint64_t serial, now, outer;
    uint32_t id;
    Context created, outer_site;
    bool tell;
} Noted;

/* Not told: a library's own, which nobody waited for. */
static void note(Part *part, Thread *thread, void *address, uint8_t kind, unsigned flags, const Taking *taking, Noted *noted)
{
    Lock *lock = part_find(part, address);
    *noted = (Noted){0, 0, 0, 0, 0, 0, false};
    if (!lock) {
        if (taking->role == ROLE_INTERNAL && !(flags & ACQUIRED_WAITED)) {
            own_take(thread, address, taking->site);
            count_one(&thread->own_locks);
            return;
        }
        if (!(lock = part_add(part, address, kind)))
            return;
    }
    if (taking->role == ROLE_PROGRAM || !lock->acquires)
        lock->role = (uint8_t)taking->role;
    if (lock->thread)
        unhold(lock); /* released behind our back, by a method bound before the probe came */
    lock->owner = taking->actor;
    lock->site = taking->site;
    lock->acquires++;
    lock->pending = lock->told_acquire = false;
    if (taking->role == ROLE_INTERNAL && !(flags & ACQUIRED_WAITED)) {
        lock->at = 0; /* owner and count are enough of a library's own lock */
        count_one(&thread->own_locks);
        return;
    }
    count_one(&thread->locks);
    lock->at = noted->now = clock_now();
    lock->flags = (uint16_t)(flags & 0xFF);
    if (taking->role == ROLE_PROGRAM)
        noted->outer = hold(thread, lock, taking, noted->now, &noted->outer_site);
    if (full_detail || (flags & ACQUIRED_WAITED) || lock->waiters) {
        lock->told_acquire = true;
        /* No Python code while the lock is held: what has no id yet is written after the release. */
        noted->tell = lock->id && (context_stack_known(taking->site) || !taking->site);
        lock->pending = !noted->tell;
    }
    noted->id = lock->id;
    noted->serial = lock->serial;
    noted->created = lock->created;
}

Held *held_by(Thread *thread, uint32_t actor, int *count)
{
    *count = 0;
    guard_take(&thread->guard);
    Held *copy = thread->count ? malloc((size_t)thread->count * sizeof *copy) : NULL;
    for (int i = 0; copy && i < thread->count; i++)
        if (thread->held[i].actor == actor)
            copy[(*count)++] = thread->held[i];
    guard_give(&thread->guard);
    return copy;
}

/* The first acquisition of a lock by an actor that holds others: the chain goes to Python once. */
static void record_nest(Thread *thread, void *address, const Noted *noted, uint32_t actor, unsigned flags)
{
    int count;
    Held *outer = held_by(thread, actor, &count);
    PyObject *held = PyList_New(0);
    for (int i = 0; held && i < count; i++) {
        if (outer[i].serial == noted->serial)
            continue;
        uint32_t id = lock_id(outer[i].address, outer[i].serial);
        PyObject *frames = context_frames(outer[i].site);
        PyObject *pair = frames ? Py_BuildValue("(IN)", (unsigned)id, frames) : NULL;
        if (!pair || PyList_Append(held, pair) < 0)
            PyErr_Clear();
        Py_XDECREF(pair);
    }
    free(outer);
    uint32_t id = lock_id(address, noted->serial);
    Context here = context_here(CONTEXT_DEPTH);
    uint32_t stack = context_stack(here);
    PyObject *frames = context_frames(here);
    long chain = held && frames ? ask_id(ask("chain", "(OO)", held, frames)) : 0;
    Py_XDECREF(held);
    Py_XDECREF(frames);
    if (chain > 0 && id)
        ring_write(KIND_NEST, flags, actor, noted->now, id, stack, (uint32_t)chain);
}

/* Locks made by thousands at one place: after some hundred nestings of one kind its next ones tell nothing new. Threads that meet
 * here may count one too few. */
static bool told_enough(Context created, Context site, Context outer)
{
    enum { KINDS = 4096, ENOUGH = 300 };
    static struct { _Atomic uint64_t kind; _Atomic uint32_t count; } told[KINDS];
    uint64_t kind = mix(mix(mix(0, created), site), outer);
    size_t slot = (size_t)kind & (KINDS - 1);
    if (atomic_load_explicit(&told[slot].kind, memory_order_relaxed) != kind) {
        atomic_store_explicit(&told[slot].kind, kind, memory_order_relaxed);
        atomic_store_explicit(&told[slot].count, 0, memory_order_relaxed);
    }
    return atomic_fetch_add_explicit(&told[slot].count, 1, memory_order_relaxed) >= ENOUGH;
}

static bool is_new_nest(Thread *thread, uint64_t hash)
{
    uint64_t here = mix(hash, table_era()) | 1, *near = &thread->nests[hash >> 58 & (NEAR_NESTS - 1)];
    if (*near == here)
        return false;
    *near = here;
    return nests_add(hash);
}

/* After the lock was taken and noted. */
static void tell(Thread *thread, void *address, unsigned flags, const Taking *taking, const Noted *noted)
{
    flags &= 0xFF;
    if (noted->tell)
        ring_write(KIND_ACQUIRE, flags, taking->actor, noted->now, noted->id, context_stack_known(taking->site), 0);
    if (!noted->outer)
        return;
    uint64_t hash = mix(mix(mix(noted->outer, taking->actor), thread->epoch), noted->serial);
    if (is_new_nest(thread, hash) && !told_enough(noted->created, taking->site, noted->outer_site))
        record_nest(thread, address, noted, taking->actor, flags);
}

bool taking_begin(Thread *thread, Taking *taking, bool given_back)
{
    taking->site = site_for(thread, &taking->role, given_back);
    if (taking->role == ROLE_HIDDEN || taking->role == ROLE_WAITER)
        return false;
    uint32_t id = atomic_load_explicit(&thread->id, memory_order_relaxed);
    taking->actor = taking->role == ROLE_PROGRAM || !id ? actor_now(thread) : id;
    return true;
}

bool lock_take(Thread *thread, PyObject *lock, uint8_t kind, unsigned flags, const Taking *taking, bool (*take)(PyObject *))
{
    Noted noted;
    Part *part = part_take(lock);
    bool taken = take(lock);
    if (taken)
        note(part, thread, lock, kind, flags, taking, &noted);
    part_give(part);
    if (taken)
        tell(thread, lock, flags, taking, &noted);
    return taken;
}

void lock_acquired(Thread *thread, void *address, uint8_t kind, unsigned flags, const Taking *taking)
{
    Noted noted;
    if (!atomic_load(&hooks_on)) /* removed while this thread was blocked */
        return;
    Part *part = part_take(address);
    note(part, thread, address, kind, flags, taking, &noted);
    part_give(part);
    tell(thread, address, flags, taking, &noted);
}

/* ---- release ---- */

static bool forget_hold(Lock *lock, Thread *thread, Releasing *facts)
{
    if (lock->waiters)
        lock->waker = facts->actor;
    if (!lock->at) {
        lock->owner = 0;
        return false;
    }
    if (lock->thread == thread)
        facts->actor = lock->owner;
    facts->now = clock_now();
    facts->since = lock->at;
    facts->owner = lock->owner;
    facts->id = lock->id;
    facts->site = lock->site;
    facts->flags = lock->flags;
    facts->pending = lock->pending;
    facts->told = lock->told_acquire;
    facts->watched = lock->waiters > 0;
    lock->held += facts->now - facts->since;
    lock->at = 0;
    lock->owner = 0;
    lock->pending = lock->told_acquire = false;
    unhold(lock);
    return facts->told || facts->watched || facts->now - facts->since >= HOLD_THRESHOLD;
}

bool lock_releasing(Thread *thread, PyObject *address, Releasing *facts, bool (*give)(PyObject *))
{
    uint32_t id = atomic_load_explicit(&thread->id, memory_order_relaxed), actor = thread->task ? thread->task : id;
    if (unlikely(!actor))
        actor = actor_now(thread);
    facts->serial = 0;
    facts->address = address;
    facts->actor = actor;
    Part *part = part_take(address);
    Lock *lock = part_find(part, address);
    bool said = lock && forget_hold(lock, thread, facts);
    if (said)
        facts->serial = lock->serial;
    bool given = give && give(address);
    part_give(part);
    if (!lock)
        own_give(thread, address);
    return given;
}

void lock_released(const Releasing *facts)
{
    uint32_t id = facts->id ? facts->id : lock_id(facts->address, facts->serial);
    uint32_t stack = context_stack(facts->site);
    if (!id)
        return;
    if (facts->pending || (!facts->told && facts->watched))
        ring_write(KIND_ACQUIRE, facts->flags, facts->owner, facts->since, id, stack, 0);
    if (facts->told || facts->watched)
        ring_write(KIND_RELEASE, 0, facts->actor, facts->now, id, 0, 0);
    else
        ring_write(KIND_HOLD, 0, facts->owner, facts->now, id, stack, micros(facts->now - facts->since));
}

/* ---- the end of a lock ---- */

void lock_gone(void *address)
{
    Part *part = part_take(address);
    Lock *lock = part_find(part, address), copy;
    if (lock) {
        unhold(lock);
        copy = *lock;
        part_remove(part, address);
    }
    part_give(part);
    if (!lock) {
        if (thread_slot)
            own_give(thread_slot, address);
        return;
    }
    if (copy.id && copy.told != copy.acquires) {
        uint64_t now = clock_now();
        ring_write(KIND_COUNTS, 0, 0, now, copy.id, copy.acquires, copy.contended);
        ring_write(KIND_TOTALS, 0, 0, now, copy.id, micros(copy.waited), micros(copy.held));
    }
}

void lock_reset(void *address)
{
    Part *part = part_take(address);
    Lock *lock = part_find(part, address);
    if (lock) {
        unhold(lock);
        lock->owner = 0;
        lock->at = 0;
        lock->pending = lock->told_acquire = false;
    }
    part_give(part);
    if (!lock && thread_slot)
        own_give(thread_slot, address);
}

void holding_clear(void)
{
    table_next_era();
    threads_clear();
    nests_clear();
}
