/* What a blocked acquire records: for whom it waits, for how long, and what a blocked Condition.wait() stands for. */
#include "core.h"

/* semaphores._known and _signals: what is known of the semaphore at an address, and those that nobody "holds". */
static PyObject *permits_known, *permits_signals, *holders_name, *id_name;

void waits_learn(PyObject *known, PyObject *signals)
{
    permits_known = known;
    permits_signals = signals;
    if (!holders_name) {
        holders_name = PyUnicode_InternFromString("holders");
        id_name = PyUnicode_InternFromString("id");
    }
}

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
    thread->wait_subject = NULL;
}

/* Who has the permits of a semaphore that somebody is about to wait for. */
static void tell_holders(Waiting *wait, PyObject *semaphore)
{
    if (!permits_known || !permits_signals)
        return;
    PyObject *address = PyLong_FromVoidPtr(semaphore);
    PyObject *about = address && PySet_Contains(permits_signals, address) == 0
                          ? PyDict_GetItemWithError(permits_known, address)
                          : NULL;
    PyObject *id = about ? PyObject_GetAttr(about, id_name) : NULL;
    /* Another's that lay there may still be known. */
    bool its = id && PyLong_AsUnsignedLongMask(id) == wait->object;
    PyObject *holders = its ? PyObject_GetAttr(about, holders_name) : NULL;
    Py_XDECREF(id);
    for (Py_ssize_t i = 0; holders && PyList_Check(holders) && i < PyList_Size(holders); i++) {
        PyObject *holder = PyList_GetItem(holders, i);
        if (PyTuple_Check(holder) && PyTuple_Size(holder) == 2)
            ring_write(KIND_WAIT_OWNER, OWNER_HOLDER, wait->actor, wait->since, wait->object,
                       (uint32_t)PyLong_AsUnsignedLongMask(PyTuple_GetItem(holder, 1)),
                       (uint32_t)PyLong_AsUnsignedLongMask(PyTuple_GetItem(holder, 0)));
    }
    Py_XDECREF(holders);
    Py_XDECREF(address);
    PyErr_Clear();
}

/* What a wait is for: Python says the first time at each place. Its answer is kept where it is clear whose `self` it is. */
static bool ask_meaning(Context here, Meaning *meaning, uint32_t *object)
{
    PyObject *answer = ask("wait", "()");
    unsigned op = 0, stack = 0;
    int depth = -1;
    if (answer && !PyArg_ParseTuple(answer, "IIIi", &op, object, &stack, &depth))
        PyErr_Clear();
    *meaning = (Meaning){answer && (!op || depth >= 0), (int16_t)depth, op, stack};
    Meaning *kept = meaning->known ? context_meaning(here) : NULL;
    if (kept)
        *kept = *meaning;
    Py_XDECREF(answer);
    return op != 0;
}

/* Condition.wait() blocks: what for is known by its place, the object's id is asked for each time. */
static void begin_waiter(Thread *thread, int64_t timeout, Waiting *wait)
{
    Context here = context_here(CONTEXT_DEPTH);
    Meaning *known = context_meaning(here), meaning = known ? *known : (Meaning){false, -1, 0, 0};
    if (meaning.known && !meaning.op)
        return;
    PyObject *subject = meaning.known ? frame_first_local(meaning.depth) : NULL;
    Py_XINCREF(subject);
    if (subject)
        wait->object = id_of_object(subject, "subject");
    if (!wait->object) {
        Py_XDECREF(subject);
        if (!ask_meaning(here, &meaning, &wait->object))
            return;
        subject = meaning.depth >= 0 ? frame_first_local(meaning.depth) : NULL;
        Py_XINCREF(subject);
    }
    bool semaphore = meaning.op == WAIT_SEMAPHORE;
    if (semaphore) {
        tell_first();
        wait->marked = wait_mark(wait->actor);
    }
    tell_wait(thread, wait, meaning.op, meaning.stack, timeout);
    /* Whoever waits keeps what it waits for. */
    thread->wait_subject = subject;
    if (semaphore && subject)
        tell_holders(wait, subject);
    Py_XDECREF(subject);
}

void wait_begin(Thread *thread, void *address, uint8_t kind, int64_t timeout, unsigned flags, Waiting *wait)
{
    unsigned role;
    *wait = (Waiting){NULL, 0, 0, 0, false, false};
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
    /* Never taken here, and yet it was somewhere: a thread has it that the fork left behind. */
    bool left = !owner && !lock->acquires && lock->site;
    uint32_t owner_stack = owner || left ? context_stack(lock->site) : 0;
    tell_wait(thread, wait, WAIT_ACQUIRE, stack, timeout);
    if ((owner || left) && owner == lock->owner)
        ring_write(KIND_WAIT_OWNER, OWNER_HOLDER, wait->actor, wait->since, wait->object, owner_stack, owner);
}

void wait_begin_for(Thread *thread, unsigned op, uint32_t object, uint32_t stack, int64_t timeout, Waiting *wait)
{
    static Lock nobody;
    *wait = (Waiting){&nobody, 0, object, actor_now(thread), false, false};
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
    if (wait->marked)
        wait_unmark(wait->actor);
    thread->waiting = NULL;
    thread->wait_since = 0;
    uint32_t waker = result == RESULT_DONE ? lock->waker : 0;
    ring_write(KIND_WAIT_END, result, wait->actor, now, wait->object, thread->wait_stack, waker);
}
