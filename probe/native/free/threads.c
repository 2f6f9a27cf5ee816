/* Threads: their records, from their first act to their end. */
#include "../core.h"

#include <string.h>
#ifdef _WIN32
#include <windows.h>
#else
#include <pthread.h>
#endif

THREAD_LOCAL Thread *thread_slot;
atomic_bool hooks_on;
static Guard threads_guard; /* of who adds one or takes an old one again */
static _Atomic(Thread *) threads;

/* ---- the end of a thread: noticed by the operating system's own means ---- */

static void ended(Thread *thread)
{
    if (thread_slot == thread)
        thread_slot = NULL;
    atomic_store(&thread->ended, true);
}

#ifdef _WIN32
static DWORD end_key = FLS_OUT_OF_INDEXES;
static void WINAPI at_end(void *thread)
{
    if (thread)
        ended(thread);
}
static void make_key(void)
{
    if (end_key == FLS_OUT_OF_INDEXES)
        end_key = FlsAlloc(at_end);
}
static void watch_end(Thread *thread)
{
    if (end_key != FLS_OUT_OF_INDEXES)
        FlsSetValue(end_key, thread);
}
#else
static pthread_key_t end_key;
static bool end_key_made;
static void at_end(void *thread)
{
    ended(thread);
}
static void make_key(void)
{
    if (!end_key_made)
        end_key_made = pthread_key_create(&end_key, at_end) == 0;
}
static void watch_end(Thread *thread)
{
    if (end_key_made)
        pthread_setspecific(end_key, thread);
}
#endif

static void begin(Thread *thread)
{
    thread->held = thread->first;
    thread->room = HELD_AT_FIRST;
}

/* The record of an ended thread, cleared for a new one; one that ended with a lock keeps its record until somebody else lets the
 * lock go. Records are never freed: others walk the list without a guard. With the guard of all threads taken. */
static Thread *thread_again(void)
{
    for (Thread *thread = threads_first(); thread; thread = thread->next) {
        if (!atomic_load(&thread->ended))
            continue;
        guard_take(&thread->guard);
        bool free_now = thread->count == 0;
        if (free_now) {
            atomic_store(&thread->ended, false);
            atomic_store(&thread->id, 0);
            thread->own_count = 0;
            thread->going.since = 0;
        }
        guard_give(&thread->guard);
        if (!free_now)
            continue;
        thread->task = thread->epoch = 0;
        thread->busy = 0;
        thread->in_loop = thread->waits = false;
        return thread;
    }
    return NULL;
}

Thread *thread_make(void)
{
    if (!asking_installed())
        return NULL;
    guard_take(&threads_guard);
    Thread *thread = thread_again();
    if (!thread && (thread = calloc(1, sizeof *thread))) {
        begin(thread);
        thread->next = atomic_load(&threads);
        atomic_store(&threads, thread);
    }
    guard_give(&threads_guard);
    if (thread) {
        thread_slot = thread;
        watch_end(thread);
    }
    return thread;
}

uint32_t thread_ask_id(Thread *thread)
{
    if (!thread->busy) {
        long id = ask_id(ask("thread", "()"));
        if (id > 0)
            atomic_store(&thread->id, (uint32_t)id);
    }
    return atomic_load(&thread->id);
}

Thread *threads_first(void)
{
    return atomic_load_explicit(&threads, memory_order_acquire);
}

void threads_clear(void)
{
    for (Thread *thread = threads_first(); thread; thread = thread->next) {
        guard_take(&thread->guard);
        thread->count = thread->own_count = 0;
        thread->going.since = 0;
        guard_give(&thread->guard);
    }
}

/* In a forked child only the forking thread lives, under an id it has still to get. What it holds it goes on holding, as
 * somebody that has no number here. */
void threads_after_fork(void)
{
    for (Thread *thread = threads_first(); thread; thread = thread->next) {
        thread->going.since = 0;
        thread->waits = false;
        atomic_store(&thread->id, 0);
        thread->task = 0;
        thread->locks = thread->own_locks = thread->made = thread->emits = thread->asks = 0;
        thread->count = thread->own_count = 0;
        if (thread != thread_slot)
            atomic_store(&thread->ended, true);
    }
}

void count_emit(void)
{
    if (thread_slot)
        count_one(&thread_slot->emits);
}

int threads_install(PyObject *given)
{
    make_key();
    asking_install(given);
    return 0;
}

bool waits_already(uint32_t actor)
{
    PyObject *waiting = callback("waiting");
    PyObject *number = waiting ? PyLong_FromUnsignedLong(actor) : NULL;
    bool found = number && PyDict_Contains(waiting, number) == 1;
    Py_XDECREF(number);
    Py_XDECREF(waiting);
    return found;
}

/* ---- for Python: who acts ---- */

uint32_t actor_now(Thread *thread)
{
    uint32_t id = atomic_load_explicit(&thread->id, memory_order_relaxed);
    if (!id)
        id = thread_ask_id(thread);
    if (thread->task)
        return thread->task;
    if (thread->in_loop && !thread->busy) {
        long task = ask_id(ask("running_task", "()"));
        if (task > 0)
            return (uint32_t)task | TASK_BIT;
    }
    return id;
}

/* In the order of the other core's effort(); what this one leaves to Python is 0. */
static PyObject *effort_so_far(PyObject *module, PyObject *unused)
{
    unsigned long long locks = 0, own = 0, made = 0, asks = 0, emits = 0, zero = 0;
    (void)module, (void)unused;
    for (Thread *thread = threads_first(); thread; thread = thread->next) {
        locks += atomic_load_explicit(&thread->locks, memory_order_relaxed);
        own += atomic_load_explicit(&thread->own_locks, memory_order_relaxed);
        made += atomic_load_explicit(&thread->made, memory_order_relaxed);
        asks += atomic_load_explicit(&thread->asks, memory_order_relaxed);
        emits += atomic_load_explicit(&thread->emits, memory_order_relaxed);
    }
    return Py_BuildValue("(KKKKKKKKKK)", locks, own, made, zero, zero, zero, zero, asks, zero, emits);
}

PyMethodDef *threads_methods(void)
{
    static PyMethodDef methods[] = {
        {"effort", effort_so_far, METH_NOARGS, "(locks, own, made, steps, looks, handles, items, asks, notes, emits): how often what was done"},
        {NULL, NULL, 0, NULL},
    };
    return methods;
}
