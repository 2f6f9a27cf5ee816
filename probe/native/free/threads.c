/* Threads: who acts, what they hold, and how the core asks Python for what it does not know. */
#include "../core.h"

#include <stdarg.h>
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
static _Atomic(PyObject *) callbacks; /* name → callable; kept as long as the process */
static _Atomic uint64_t failures;

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
    if (!atomic_load(&callbacks))
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

static uint32_t thread_ask_id(Thread *thread)
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

/* ---- asking Python ---- */

static int raise_kept(void *kept)
{
    PyObject *value = kept;
    PyErr_SetObject((PyObject *)Py_TYPE(value), value);
    Py_DECREF(value);
    return -1;
}

/* A new reference, or NULL. */
static PyObject *callback(const char *name)
{
    PyObject *dict = atomic_load(&callbacks), *found = NULL;
    if (dict && PyDict_GetItemStringRef(dict, name, &found) < 0)
        PyErr_Clear();
    return found;
}

/* True when the exception comes from the probe's own code and not from a signal handler that ran inside. */
static bool is_own(PyObject *value)
{
    if (PyErr_GivenExceptionMatches(value, PyExc_KeyboardInterrupt))
        return false;
    PyObject *folder = callback("folder");
    PyObject *traceback = PyObject_GetAttrString(value, "__traceback__");
    PyObject *file = NULL;
    while (traceback && traceback != Py_None) {
        PyObject *frame = PyObject_GetAttrString(traceback, "tb_frame");
        PyObject *code = frame ? PyObject_GetAttrString(frame, "f_code") : NULL;
        Py_XDECREF(file);
        file = code ? PyObject_GetAttrString(code, "co_filename") : NULL;
        Py_XDECREF(frame);
        Py_XDECREF(code);
        PyObject *next = PyObject_GetAttrString(traceback, "tb_next");
        Py_DECREF(traceback);
        traceback = next;
    }
    Py_XDECREF(traceback);
    bool own = !file || !folder || PyUnicode_Tailmatch(file, folder, 0, PY_SSIZE_T_MAX, -1) != 0;
    Py_XDECREF(file);
    Py_XDECREF(folder);
    PyErr_Clear();
    return own;
}

/* Our own mistakes are counted and forgotten. What a signal handler of the program raised inside our code is
 * raised again as soon as the program's own code runs. */
static void settle_exception(void)
{
    PyObject *value = PyErr_GetRaisedException();
    if (value && !is_own(value)) {
        Py_INCREF(value);
        if (Py_AddPendingCall(raise_kept, value) < 0)
            Py_DECREF(value);
    } else {
        atomic_fetch_add(&failures, 1);
    }
    Py_XDECREF(value);
}

PyObject *ask(const char *name, const char *format, ...)
{
    Thread *thread = thread_slot;
    PyObject *raised = PyErr_GetRaisedException(), *answer = NULL;
    va_list arguments;
    va_start(arguments, format);
    PyObject *values = Py_VaBuildValue(format, arguments);
    va_end(arguments);
    PyObject *callable = callback(name);
    if (thread) {
        count_one(&thread->asks);
        thread->busy++;
    }
    if (values && callable)
        answer = PyObject_CallObject(callable, values);
    if (!answer && PyErr_Occurred())
        settle_exception();
    Py_XDECREF(callable);
    Py_XDECREF(values);
    if (thread)
        thread->busy--;
    PyErr_SetRaisedException(raised);
    return answer;
}

long ask_id(PyObject *answer)
{
    if (!answer)
        return -1;
    long id = PyLong_AsLong(answer);
    Py_DECREF(answer);
    if (id == -1)
        PyErr_Clear();
    return id;
}

/* What was given before is kept: another thread may be about to ask. */
int threads_install(PyObject *given)
{
    make_key();
    Py_XINCREF(given);
    atomic_store(&callbacks, given);
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

static PyObject *current(PyObject *module, PyObject *unused)
{
    Thread *thread = thread_here();
    (void)module, (void)unused;
    return PyLong_FromUnsignedLong(thread ? actor_now(thread) : 0);
}

static PyObject *current_thread(PyObject *module, PyObject *unused)
{
    Thread *thread = thread_here();
    (void)module, (void)unused;
    uint32_t id = thread ? atomic_load(&thread->id) : 0;
    return PyLong_FromUnsignedLong(thread && !id ? thread_ask_id(thread) : id);
}

static PyObject *known_thread(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    return PyLong_FromUnsignedLong(thread_slot ? atomic_load(&thread_slot->id) : 0);
}

static PyObject *set_thread(PyObject *module, PyObject *id)
{
    unsigned long value = PyLong_AsUnsignedLongMask(id);
    Thread *thread = thread_here();
    (void)module;
    if (PyErr_Occurred())
        return NULL;
    if (thread) {
        atomic_store(&thread->id, (uint32_t)value);
        thread->task = 0;
    }
    return none();
}

static PyObject *enter_task(PyObject *module, PyObject *id)
{
    unsigned long value = PyLong_AsUnsignedLongMask(id);
    Thread *thread = thread_here();
    (void)module;
    if (value == (unsigned long)-1 && PyErr_Occurred())
        return NULL;
    if (thread)
        thread->task = (uint32_t)value | TASK_BIT;
    return none();
}

static PyObject *leave_task(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    if (thread_slot)
        thread_slot->task = 0;
    return none();
}

static PyObject *enter_loop(PyObject *module, PyObject *unused)
{
    Thread *thread = thread_here();
    (void)module, (void)unused;
    if (thread)
        thread->in_loop = true;
    return none();
}

static PyObject *leave_loop(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    if (thread_slot)
        thread_slot->in_loop = false;
    return none();
}

static PyObject *bump_epoch(PyObject *module, PyObject *unused)
{
    Thread *thread = thread_here();
    (void)module, (void)unused;
    if (thread)
        thread->epoch++;
    return none();
}

static PyObject *stand_aside(PyObject *module, PyObject *unused)
{
    Thread *thread = thread_here();
    (void)module, (void)unused;
    if (thread)
        thread->busy++;
    return none();
}

static PyObject *step_in(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    if (thread_slot && thread_slot->busy > 0)
        thread_slot->busy--;
    return none();
}

static PyObject *failure_count(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    return PyLong_FromUnsignedLongLong(atomic_load(&failures));
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
    return Py_BuildValue("(KKKKKKKKK)", locks, own, made, zero, zero, zero, asks, zero, emits);
}

static PyMethodDef methods[] = {
    {"current", current, METH_NOARGS, "actor id of the running thread, or of the task whose step it runs"},
    {"current_thread", current_thread, METH_NOARGS, "id of the running thread, also during a task's step"},
    {"known_thread", known_thread, METH_NOARGS, "id of the running thread, 0 when it has none yet"},
    {"set_thread", set_thread, METH_O, "gives the running thread its id"},
    {"enter_task", enter_task, METH_O, "from here on the running thread acts for this task"},
    {"leave_task", leave_task, METH_NOARGS, "the running thread acts for itself again"},
    {"enter_loop", enter_loop, METH_NOARGS, "the running thread runs an event loop: its task is asked for when needed"},
    {"leave_loop", leave_loop, METH_NOARGS, "the event loop has stopped"},
    {"bump_epoch", bump_epoch, METH_NOARGS, "the running thread started or joined another"},
    {"stand_aside", stand_aside, METH_NOARGS, "the lock hooks of this thread record nothing until step_in()"},
    {"step_in", step_in, METH_NOARGS, "undoes stand_aside()"},
    {"failures", failure_count, METH_NOARGS, "callbacks of the probe that failed"},
    {"effort", effort_so_far, METH_NOARGS, "(locks, own, made, steps, looks, items, asks, notes, emits): how often what was done"},
    {NULL, NULL, 0, NULL},
};

PyMethodDef *threads_methods(void)
{
    return methods;
}
