/* What a blocked acquire records: for whom it waits, for how long, and what a blocked Condition.wait() stands for. */
#include "core.h"

/* True while Python keeps a wait of this actor: the lock is a part of what it waits for. */
static bool waits_already(uint32_t actor)
{
    PyObject *number = waits_by_actor ? PyLong_FromUnsignedLong(actor) : NULL;
    bool found = number && PyDict_Contains(waits_by_actor, number) == 1;
    Py_XDECREF(number);
    return found;
}

static uint32_t milliseconds(int64_t timeout)
{
    int64_t whole = timeout < 0 ? 0 : timeout < 1000000 ? 1 : timeout / 1000000;
    return (uint32_t)(whole > 0xFFFFFFFFll ? 0xFFFFFFFFll : whole);
}

static void tell_wait(Thread *thread, Waiting *wait, unsigned op, uint32_t stack, int64_t timeout)
{
    wait->told = true;
    wait->since = clock_now();
    ring_write(KIND_WAIT_BEGIN, op | (timeout >= 0 ? WAIT_TIMEOUT : 0), wait->actor, wait->since, wait->object, stack,
               milliseconds(timeout));
    thread->waiting = wait->lock;
    thread->wait_op = op;
    thread->wait_object = wait->object;
    thread->wait_stack = stack;
    thread->wait_actor = wait->actor;
    thread->wait_since = wait->since;
}

/* Condition.wait() blocks: what for, Python says the first time at each place, the object's id each time. */
static void begin_waiter(Thread *thread, int64_t timeout, Waiting *wait)
{
    Context here = context_here(CONTEXT_DEPTH);
    Meaning *meaning = context_meaning(here);
    if (meaning && meaning->known) {
        if (!meaning->op)
            return;
        PyObject *subject = frame_first_local(meaning->depth);
        Py_XINCREF(subject);
        uint32_t id = subject ? id_of_object(subject, "subject") : 0;
        Py_XDECREF(subject);
        if (id) {
            wait->object = id;
            tell_wait(thread, wait, meaning->op, meaning->stack, timeout);
            return;
        }
    }
    PyObject *answer = ask("wait", "(I)", (unsigned)milliseconds(timeout));
    unsigned op, object, stack, token;
    int depth;
    if (!answer)
        return;
    if (PyArg_ParseTuple(answer, "IIIiI", &op, &object, &stack, &depth, &token)) {
        wait->object = object;
        wait->token = token;
        if (meaning && meaning == context_meaning(here) && !token && (!op || depth >= 0))
            *meaning = (Meaning){true, (int16_t)depth, op, stack};
        if (token) {
            wait->told = true;
            thread->waiting = wait->lock;
            thread->wait_since = 0;
        } else if (op) {
            tell_wait(thread, wait, op, stack, timeout);
        }
    } else {
        PyErr_Clear();
    }
    Py_DECREF(answer);
}

void wait_begin(Thread *thread, void *address, uint8_t kind, int64_t timeout, unsigned flags, Waiting *wait)
{
    unsigned role;
    *wait = (Waiting){NULL, 0, 0, 0, 0, false};
    site_here(&role, flags & ACQUIRED_BACK);
    if (role == ROLE_HIDDEN || !ring_open)
        return;
    Lock *lock = lock_at(address, kind);
    if (!lock)
        return;
    if (role != ROLE_PROGRAM && !lock->acquires)
        lock->role = (uint8_t)role;
    lock->waiters++;
    lock->contended++;
    lock->waker = 0;
    wait->lock = lock;
    wait->since = clock_now();
    /* A signal handler inside a wait: the outer wait stands for both. */
    if (thread->waiting)
        return;
    wait->actor = actor_now(thread);
    if (waits_already(wait->actor))
        return;
    if (role == ROLE_WAITER) {
        begin_waiter(thread, timeout, wait);
        return;
    }
    /* A library's own condition getting its lock back is a part of the wait that has just ended. */
    if (role == ROLE_INTERNAL && (flags & ACQUIRED_BACK))
        return;
    wait->object = lock_id(lock);
    uint32_t stack = context_stack(context_here(CONTEXT_DEPTH));
    uint32_t owner = lock->owner;
    uint32_t owner_stack = owner ? context_stack(lock->site) : 0;
    tell_wait(thread, wait, WAIT_ACQUIRE, stack, timeout);
    if (owner && owner == lock->owner)
        ring_write(KIND_WAIT_OWNER, OWNER_HOLDER, wait->actor, wait->since, wait->object, owner_stack, owner);
}

void wait_begin_for(Thread *thread, unsigned op, uint32_t object, uint32_t stack, int64_t timeout, Waiting *wait)
{
    static Lock nobody;
    *wait = (Waiting){&nobody, 0, object, actor_now(thread), 0, false};
    if (ring_open && !thread->waiting && !waits_already(wait->actor))
        tell_wait(thread, wait, op, stack, timeout);
}

void wait_end(Thread *thread, Waiting *wait, unsigned result)
{
    Lock *lock = wait->lock;
    if (!lock)
        return;
    if (!hooks_on) {
        thread->waiting = NULL;
        return;
    }
    if (lock->waiters)
        lock->waiters--;
    uint64_t now = clock_now();
    lock->waited += now - wait->since;
    if (!wait->told)
        return;
    thread->waiting = NULL;
    thread->wait_since = 0;
    uint32_t waker = result == RESULT_DONE ? lock->waker : 0;
    if (wait->token)
        Py_XDECREF(ask("waited", "(IiI)", (unsigned)wait->token, (int)result, (unsigned)waker));
    else
        ring_write(KIND_WAIT_END, result, wait->actor, now, wait->object, thread->wait_stack, waker);
}
