/* What an acquire, a release and a wait for a lock record: owners, holds, nesting, counts. */
#include "core.h"

#include <string.h>

bool full_detail;
uint64_t hold_threshold = 1000000;
static Seen nests;
enum { DEFINED_PER_FLUSH = 500 };

static inline uint32_t micros(uint64_t ns)
{
    return (uint32_t)(ns / 1000);
}

/* ---- where a lock was created, and for whom ---- */

void lock_created(void *address, uint8_t kind)
{
    Thread *thread = thread_here();
    if (!thread || thread->busy)
        return;
    lock_gone(address);
    /* Others are noted when they are first taken, most of them never. */
    Context here = creation_here();
    Lock *lock = here ? table_add(address, kind) : NULL;
    if (lock)
        lock->created = here;
}

uint32_t lock_id(Lock *lock)
{
    if (!lock->id && !lock->unknown_id) {
        void *address = lock->address;
        uint64_t serial = lock->serial;
        uint32_t stack = context_stack(lock->created);
        long id = ask_id(ask("define", "(iIKi)", (int)lock->kind, (unsigned)stack, (unsigned long long)(uintptr_t)address,
                             (int)lock->role));
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
        if (!(lock = table_add(address, kind)))
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
        lock->at = 0; /* owner and count are enough of a library's own lock */
        return;
    }
    uint64_t now = clock_now();
    lock->at = now;
    flags &= 0xFF;
    lock->flags = (uint16_t)flags;
    uint64_t outer = 0;
    if (role == ROLE_PROGRAM) {
        for (int i = thread->count - 1; i >= 0 && !outer; i--)
            if (thread->held[i].actor == actor)
                outer = thread->held[i].chain;
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
    if (outer && seen_add(&nests, mix(mix(mix(outer, actor), thread->epoch), lock->serial)))
        record_nest(thread, lock, actor, now, flags);
}

/* ---- release ---- */

void lock_releasing(Thread *thread, void *address, uint8_t kind, Releasing *facts)
{
    (void)kind;
    facts->now = 0;
    Lock *lock = table_find(address);
    facts->lock = lock;
    if (!lock)
        return;
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

/* ---- waits ---- */

/* True while Python keeps a wait of this actor: the lock is a part of what it waits for. */
static bool waits_already(uint32_t actor)
{
    PyObject *waiting = callback_value("waiting");
    PyObject *number = waiting ? PyLong_FromUnsignedLong(actor) : NULL;
    bool found = number && PyDict_Contains(waiting, number) == 1;
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
        long id = subject ? ask_id(ask("subject", "(O)", subject)) : 0;
        Py_XDECREF(subject);
        if (id > 0) {
            wait->object = (uint32_t)id;
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
        if (meaning && !token && (!op || depth >= 0))
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
    Lock *lock = table_find(address);
    if (!lock && !(lock = table_add(address, kind)))
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

/* ---- the end of a lock, counts ---- */

static void tell_counts(Lock *lock)
{
    uint64_t now = clock_now();
    ring_write(KIND_COUNTS, 0, 0, now, lock->id, lock->acquires, lock->contended);
    ring_write(KIND_TOTALS, 0, 0, now, lock->id, micros(lock->waited), micros(lock->held));
    lock->told = lock->acquires;
}

void lock_gone(void *address)
{
    Lock *lock = table_find(address);
    if (!lock)
        return;
    if (lock->thread)
        unhold(lock);
    if (lock->id && lock->told != lock->acquires)
        tell_counts(lock);
    table_remove(address);
}

void lock_reset(void *address)
{
    Lock *lock = table_find(address);
    if (!lock)
        return;
    if (lock->thread)
        unhold(lock);
    lock->owner = 0;
    lock->at = 0;
    lock->pending = lock->told_acquire = false;
}

typedef struct { Lock **locks; size_t count, room; bool all; } Changed;

static void collect(Lock *lock, void *argument)
{
    Changed *changed = argument;
    if (lock->unknown_id || (!changed->all && lock->told == lock->acquires))
        return;
    if (!lock->id && (lock->role != ROLE_PROGRAM || !lock->acquires))
        return;
    if (changed->count < changed->room)
        changed->locks[changed->count++] = lock;
}

/* flush_counts(all): cumulative counts of the locks that were used since the last time, or of all. */
static PyObject *flush_counts(PyObject *module, PyObject *all)
{
    (void)module;
    Changed changed = {calloc(65536, sizeof(Lock *)), 0, 65536, PyObject_IsTrue(all) == 1};
    if (!changed.locks)
        return none();
    table_each(collect, &changed);
    int defined = 0;
    for (size_t i = 0; i < changed.count; i++)
        if (changed.locks[i]->id)
            tell_counts(changed.locks[i]);
    /* Defining runs Python code, during which locks may die: each is looked up again by its address. */
    for (size_t i = 0; i < changed.count; i++)
        changed.locks[i] = changed.locks[i]->id ? NULL : changed.locks[i]->address;
    for (size_t i = 0; i < changed.count && defined < DEFINED_PER_FLUSH; i++) {
        Lock *lock = changed.locks[i] ? table_find(changed.locks[i]) : NULL;
        if (!lock || lock->id)
            continue;
        defined++;
        if (lock_id(lock))
            tell_counts(lock);
    }
    free(changed.locks);
    return none();
}

/* open_waits() -> [(actor, op, object, stack, since, lock's address)] of the waits that C keeps. */
static PyObject *open_waits(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    PyObject *list = PyList_New(0);
    for (Thread *thread = threads_first(); list && thread; thread = thread->next) {
        if (!thread->waiting || !thread->wait_since)
            continue;
        PyObject *row = Py_BuildValue("(IIIIKK)", (unsigned)thread->wait_actor, (unsigned)thread->wait_op,
                                      (unsigned)thread->wait_object, (unsigned)thread->wait_stack,
                                      (unsigned long long)thread->wait_since,
                                      (unsigned long long)(uintptr_t)thread->waiting->address);
        if (!row || PyList_Append(list, row) < 0) {
            Py_XDECREF(row);
            Py_DECREF(list);
            return NULL;
        }
        Py_DECREF(row);
    }
    return list;
}

/* owner(address) -> (actor, frames of the acquire, since) or None */
static PyObject *owner(PyObject *module, PyObject *number)
{
    (void)module;
    Lock *lock = table_find(PyLong_AsVoidPtr(number));
    if (PyErr_Occurred())
        return NULL;
    if (!lock || !lock->owner)
        return none();
    return Py_BuildValue("(INK)", (unsigned)lock->owner, context_frames(lock->site), (unsigned long long)lock->at);
}

/* held(actor) -> [(object id, frames of the acquire)], outermost first */
static PyObject *held(PyObject *module, PyObject *number)
{
    (void)module;
    uint32_t actor = (uint32_t)PyLong_AsUnsignedLongMask(number);
    if (PyErr_Occurred())
        return NULL;
    PyObject *list = PyList_New(0);
    for (Thread *thread = threads_first(); list && thread; thread = thread->next)
        for (int i = 0; i < thread->count; i++) {
            if (thread->held[i].actor != actor)
                continue;
            uint32_t id = lock_id(thread->held[i].lock);
            if (i >= thread->count)
                break;
            PyObject *pair = Py_BuildValue("(IN)", (unsigned)id, context_frames(thread->held[i].site));
            if (!pair || PyList_Append(list, pair) < 0) {
                Py_XDECREF(pair);
                Py_DECREF(list);
                return NULL;
            }
            Py_DECREF(pair);
        }
    return list;
}

/* object_id(address, kind) -> id of the lock there, defined if need be; 0 when that cannot be */
static PyObject *object_id(PyObject *module, PyObject *args)
{
    PyObject *number;
    int kind = LOCK_PLAIN;
    (void)module;
    if (!PyArg_ParseTuple(args, "O|i", &number, &kind))
        return NULL;
    void *address = PyLong_AsVoidPtr(number);
    if (PyErr_Occurred())
        return NULL;
    Lock *lock = table_find(address);
    if (!lock)
        lock = table_add(address, (uint8_t)kind);
    return PyLong_FromUnsignedLong(lock ? lock_id(lock) : 0);
}

/* counts(address) -> (acquires, contended, waited ns, held ns, role) or None */
static PyObject *counts(PyObject *module, PyObject *number)
{
    (void)module;
    Lock *lock = table_find(PyLong_AsVoidPtr(number));
    if (PyErr_Occurred())
        return NULL;
    if (!lock)
        return none();
    return Py_BuildValue("(IIKKi)", (unsigned)lock->acquires, (unsigned)lock->contended,
                         (unsigned long long)lock->waited, (unsigned long long)lock->held, (int)lock->role);
}

/* creation(address) -> stack id of where the lock at an address was made, 0 when nobody looked */
static PyObject *creation(PyObject *module, PyObject *number)
{
    (void)module;
    Lock *lock = table_find(PyLong_AsVoidPtr(number));
    if (PyErr_Occurred())
        return NULL;
    return PyLong_FromUnsignedLong(lock ? context_stack(lock->created) : 0);
}

static PyMethodDef methods[] = {
    {"creation", creation, METH_O, "stack id of where the lock at an address was made"},
    {"flush_counts", flush_counts, METH_O, "writes counts and totals of the locks used since the last time (all: true)"},
    {"open_waits", open_waits, METH_NOARGS, "(actor, op, object, stack, since, address) of the waits kept here"},
    {"owner", owner, METH_O, "(actor, frames, since) of who holds the lock at an address, or None"},
    {"held", held, METH_O, "(object, frames) of the locks an actor holds, outermost first"},
    {"object_id", object_id, METH_VARARGS, "id of the lock at an address"},
    {"counts", counts, METH_O, "(acquires, contended, waited, held, role) of the lock at an address, or None"},
    {NULL, NULL, 0, NULL},
};

PyMethodDef *holding_methods(void)
{
    return methods;
}

static void forget(Lock *lock, void *unused)
{
    (void)unused;
    lock->id = 0;
    lock->unknown_id = false;
    lock->waiters = 0;
    lock->pending = lock->told_acquire = false;
    lock->acquires = lock->contended = lock->told = 0;
    lock->waited = lock->held = 0;
    if (lock->thread && lock->thread != thread_slot)
        lock->thread = NULL;
}

/* In a forked child: the new stream knows no ids yet, and counts from nothing. */
void holding_after_fork(void)
{
    table_each(forget, NULL);
    seen_clear(&nests);
}

void holding_clear(void)
{
    for (Thread *thread = threads_first(); thread; thread = thread->next)
        thread->count = 0;
    table_clear();
    seen_clear(&nests);
}
