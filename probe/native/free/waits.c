/* What a blocked acquire records: for whom it waits, and for how long. Condition.wait() is Python's to tell of. */
#include "../core.h"

static uint32_t milliseconds(int64_t timeout)
{
    int64_t whole = timeout < 0 ? 0 : timeout < 1000000 ? 1 : timeout / 1000000;
    return (uint32_t)(whole > 0xFFFFFFFFll ? 0xFFFFFFFFll : whole);
}

static void tell_wait(Thread *thread, Waiting *wait, int64_t timeout)
{
    wait->told = thread->waits = true;
    wait->since = clock_now();
    ring_write(KIND_WAIT_BEGIN, WAIT_ACQUIRE | (timeout >= 0 ? WAIT_TIMEOUT : 0), wait->actor, wait->since, wait->object,
               wait->stack, milliseconds(timeout));
    guard_take(&thread->guard);
    thread->going = (Going){wait->since, (uintptr_t)wait->address, WAIT_ACQUIRE, wait->object, wait->stack, wait->actor};
    guard_give(&thread->guard);
}

/* Somebody waits for it: true with what is known of who has it. */
static bool begin(void *address, uint8_t kind, const Taking *taking, Waiting *wait, uint32_t *owner, Context *site)
{
    Context own_site = 0;
    Lock known;
    uint32_t holder = table_look(address, &known) ? 0 : own_holder(address, &own_site);
    Part *part = part_take(address);
    Lock *lock = part_find(part, address);
    if (!lock && (lock = part_add(part, address, kind)) && holder) {
        lock->site = own_site;
        lock->owner = holder;
        lock->role = ROLE_INTERNAL;
        lock->acquires = 1;
    }
    if (lock) {
        if (taking->role != ROLE_PROGRAM && !lock->acquires)
            lock->role = (uint8_t)taking->role;
        lock->waiters++;
        lock->contended++;
        lock->waker = 0;
        wait->serial = lock->serial;
        *owner = lock->owner;
        *site = lock->site;
    }
    part_give(part);
    return lock != NULL;
}

static uint32_t owner_of(void *address)
{
    Lock copy;
    return table_look(address, &copy) ? copy.owner : 0;
}

void wait_begin(Thread *thread, void *address, uint8_t kind, int64_t timeout, const Taking *taking, bool given_back, Waiting *wait)
{
    uint32_t owner = 0;
    Context site = 0;
    *wait = (Waiting){address, 0, 0, 0, 0, 0, false};
    if (!ring_open || !begin(address, kind, taking, wait, &owner, &site))
        return;
    wait->since = clock_now();
    /* A signal handler inside a wait: the outer wait stands for both. */
    if (thread->waits)
        return;
    wait->actor = taking->role == ROLE_PROGRAM ? taking->actor : actor_now(thread);
    if (waits_already(wait->actor))
        return;
    /* A library's own condition getting its lock back is a part of the wait that has just ended. */
    if (taking->role == ROLE_INTERNAL && given_back)
        return;
    wait->object = lock_id(address, wait->serial);
    wait->stack = context_stack(context_here(CONTEXT_DEPTH));
    uint32_t owner_stack = owner ? context_stack(site) : 0;
    tell_wait(thread, wait, timeout);
    if (owner && owner == owner_of(address))
        ring_write(KIND_WAIT_OWNER, OWNER_HOLDER, wait->actor, wait->since, wait->object, owner_stack, owner);
}

void wait_end(Thread *thread, Waiting *wait, unsigned result)
{
    if (!wait->serial)
        return;
    uint64_t now = clock_now();
    uint32_t waker = 0;
    Part *part = part_take(wait->address);
    Lock *lock = part_find(part, wait->address);
    if (lock && lock->serial == wait->serial) {
        if (lock->waiters)
            lock->waiters--;
        lock->waited += now - wait->since;
        waker = result == RESULT_DONE ? lock->waker : 0;
    }
    part_give(part);
    if (!wait->told)
        return;
    thread->waits = false;
    guard_take(&thread->guard);
    thread->going.since = 0;
    guard_give(&thread->guard);
    if (atomic_load(&hooks_on))
        ring_write(KIND_WAIT_END, result, wait->actor, now, wait->object, wait->stack, waker);
}
