/* The watcher's own thread. It is known to the interpreter only while it looks, so that dumps of all threads,
 * counts of threads and whoever walks them find the program's alone nearly always. */
#include "core.h"

#ifdef _WIN32

PyMethodDef *watch_methods(void)
{
    static PyMethodDef methods[] = {{NULL, NULL, 0, NULL}};
    return methods;
}
void watch_after_fork(void) {}

#else

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#ifdef __linux__
#include <sys/syscall.h>
#include <unistd.h>
#endif

typedef struct {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool ending, gone;
    PyInterpreterState *interpreter;
    PyObject *step;
    int64_t pause;
    long id; /* the kernel's, where it lists them; 0 until the thread has begun */
    uint64_t moved; /* steps of loops up to the last look */
    int tries;
} Watch;

/* Of which some tens are made between two instructions: enough for what a program does itself after a fork. */
enum { MOST_TRIES = 100000 };

enum { MOST_FORK_WAITS = 2000, FORK_WAIT_NS = 100000 };

enum { MOST_LEAVING = 1000, LEAVING_NS = 50000 };

/* One at most; a forked child has none, whatever the parent had. */
static Watch *watch;
/* One that is about to begin. */
static Watch *soon;

static struct timespec timespec_of(uint64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u)};
}

static uint64_t clock_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t kernel_now(void)
{
    return clock_of(CLOCK_MONOTONIC);
}

/* Waits for a change until `due` at the longest; with the mutex held. True when there was time left. */
static bool wait_until(Watch *self, uint64_t due)
{
#ifdef __APPLE__
    uint64_t now = kernel_now();
    struct timespec left = timespec_of(due > now ? due - now : 0);
    return pthread_cond_timedwait_relative_np(&self->changed, &self->mutex, &left) != ETIMEDOUT;
#else
    struct timespec until = timespec_of(due);
    return pthread_cond_timedwait(&self->changed, &self->mutex, &until) != ETIMEDOUT;
#endif
}

/* Sleeps; false when the thread is to end. */
static bool rest(Watch *self, uint64_t due)
{
    pthread_mutex_lock(&self->mutex);
    while (!self->ending && wait_until(self, due))
        continue;
    bool goes_on = !self->ending;
    pthread_mutex_unlock(&self->mutex);
    return goes_on;
}

/* Before 3.12 (which makes that lock anew) a forked child begins with the interpreter's list of threads, whose lock it
 * has from its parent as that was. Whoever else takes it has the GIL, and so keeps away from forks; this thread has
 * not, and a fork takes long enough (it stops who writes to memory) to meet it often: the child would wait for ever. */
static pthread_mutex_t attaching = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local bool attaching_is_kept;

/* Not for long, as who makes itself known may itself wait for somebody: a fork must go on in any case. */
static void before_fork(void)
{
    struct timespec pause = timespec_of(FORK_WAIT_NS);
    for (int tries = 0; !attaching_is_kept && tries < MOST_FORK_WAITS; tries++) {
        attaching_is_kept = pthread_mutex_trylock(&attaching) == 0;
        if (!attaching_is_kept)
            nanosleep(&pause, NULL);
    }
}

static void after_fork(void)
{
    if (attaching_is_kept)
        pthread_mutex_unlock(&attaching);
    attaching_is_kept = false;
}

/* Waits for the GIL as a thread that forks may have it: only once it is known, and no lock kept. */
static bool attach(PyInterpreterState *interpreter)
{
    pthread_mutex_lock(&attaching);
    PyThreadState *state = PyThreadState_New(interpreter);
    pthread_mutex_unlock(&attaching);
    if (state)
        PyEval_RestoreThread(state);
    return state != NULL;
}

/* Python has found every loop waiting for events. Read without the GIL, as is how many steps loops have made. */
static bool settled = true;

static uint64_t loops_moved(void)
{
    return __atomic_load_n(&effort.steps, __ATOMIC_RELAXED);
}

/* A loop may stand in a step that began after the last look, or before that. */
static bool loops_may_be_blocked(const Watch *self)
{
    return !__atomic_load_n(&settled, __ATOMIC_RELAXED) || loops_moved() != self->moved;
}

static PyObject *loops_settled(PyObject *module, PyObject *flag)
{
    (void)module;
    __atomic_store_n(&settled, flag == Py_True, __ATOMIC_RELAXED);
    return none();
}

/* What the collector finds must die in the program's own threads: see garbage.py. Switched here, not in Python code, as 3.12
 * collects at the next call of a Python function what any thread has asked to be. */
static PyObject *is_collecting, *stop_collecting, *start_collecting;
static bool keeps_collector_off;

static void learn_collector(void)
{
    PyObject *module = is_collecting ? NULL : PyImport_ImportModule("gc");
    if (module) {
        is_collecting = PyObject_GetAttrString(module, "isenabled");
        stop_collecting = PyObject_GetAttrString(module, "disable");
        start_collecting = PyObject_GetAttrString(module, "enable");
        Py_DECREF(module);
    }
    PyErr_Clear();
}

static PyObject *call(PyObject *function)
{
    PyObject *answer = function ? PyObject_CallObject(function, NULL) : NULL;
    if (!answer)
        PyErr_Clear();
    Py_XDECREF(answer); /* None, or a truth value: they stay */
    return answer;
}

static void let_collect(void)
{
    if (keeps_collector_off)
        call(start_collecting);
    keeps_collector_off = false;
}

/* One look: how late it is, in ns, given to Python, which answers with the next pause; 0 ends the thread. */
static int64_t look(Watch *self, uint64_t due)
{
    if (!attach(self->interpreter))
        return 0;
    PyObject *answer = NULL;
    int64_t pause = 0;
    keeps_collector_off = call(is_collecting) == Py_True && call(stop_collecting);
    pthread_mutex_lock(&self->mutex);
    bool ending = self->ending;
    pthread_mutex_unlock(&self->mutex);
    if (!ending) {
        uint64_t now = kernel_now();
        answer = PyObject_CallFunction(self->step, "L", (long long)(now > due ? now - due : 0));
        pause = answer ? PyLong_AsLongLong(answer) : 0;
    }
    if (PyErr_Occurred()) {
        PyErr_Clear();
        pause = 0;
    }
    Py_XDECREF(answer);
    self->moved = loops_moved();
    let_collect();
    /* A new state counts as held once, so this gives it up as well as the GIL. */
    PyGILState_Release(PyGILState_UNLOCKED);
    return pause;
}

/* A program that mostly waits is looked at less often, as a look costs much of what it uses: when it has run for half a pause,
 * or after three pauses. What blocks a loop waits, too, most of the time, and must not be over before anybody has looked.
 * Shorter and longer pauses than usual have their reasons. */
enum { SHORT_NS = 5000000, LONG_NS = 40000000, MOST_PAUSES = 3 };

/* Until it is time to look: when that was due, 0 when the thread is to end. */
static uint64_t wait_for_look(Watch *self)
{
    uint64_t pause = (uint64_t)self->pause, due = kernel_now(), used = clock_of(CLOCK_PROCESS_CPUTIME_ID);
    int most = pause >= SHORT_NS && pause < LONG_NS ? MOST_PAUSES : 1;
    for (int pauses = 0; pauses < most; pauses++) {
        due += pause;
        if (!rest(self, due))
            return 0;
        if (loops_may_be_blocked(self) || clock_of(CLOCK_PROCESS_CPUTIME_ID) - used >= pause / 2)
            break;
    }
    return due;
}

static void *run(void *argument)
{
    Watch *self = argument;
#ifdef __linux__
    __atomic_store_n(&self->id, syscall(SYS_gettid), __ATOMIC_RELAXED);
#endif
    while (self->pause > 0) {
        uint64_t due = wait_for_look(self);
        if (!due)
            break;
        self->pause = look(self, due);
    }
    pthread_mutex_lock(&self->mutex);
    self->gone = true;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->mutex);
    return NULL;
}

/* A thread that was joined is still counted for a moment, by the kernel and so by forks, which warn of it from 3.12 on. */
static void forgotten(long id)
{
#ifdef __linux__
    char path[48];
    struct timespec pause = timespec_of(LEAVING_NS);
    snprintf(path, sizeof path, "/proc/self/task/%ld", id);
    for (int tries = 0; id && tries < MOST_LEAVING && access(path, F_OK) == 0; tries++)
        nanosleep(&pause, NULL);
#else
    (void)id;
#endif
}

static void discard(Watch *self)
{
    pthread_cond_destroy(&self->changed);
    pthread_mutex_destroy(&self->mutex);
    Py_XDECREF(self->step);
    free(self);
}

static bool has_ended(Watch *self)
{
    pthread_mutex_lock(&self->mutex);
    bool gone = self->gone;
    pthread_mutex_unlock(&self->mutex);
    return gone;
}

/* With all signals blocked: one must never be delivered to this thread instead of waking the program's. */
static bool begin(Watch *self)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&self->thread, NULL, run, self);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return !failed;
}

/* The interpreter calls this in its main thread between two instructions: now, when the frame that is waited for runs
 * on. Until then other code runs on its behalf. */
static int begin_now(void *frame)
{
    if (soon && soon->tries++ < MOST_TRIES && (void *)PyEval_GetFrame() != frame && Py_AddPendingCall(begin_now, frame) == 0)
        return 0;
    Watch *self = soon;
    soon = NULL;
    if (self && begin(self))
        watch = self;
    else if (self)
        discard(self);
    return 0;
}

static PyObject *start(PyObject *module, PyObject *args)
{
    PyObject *step, *frame;
    long long pause;
    (void)module;
    if (!PyArg_ParseTuple(args, "OLO", &step, &pause, &frame))
        return NULL;
    if (watch && has_ended(watch)) {
        pthread_join(watch->thread, NULL);
        discard(watch);
        watch = NULL;
    }
    if (watch || soon || pause <= 0 || !PyCallable_Check(step)) {
        PyErr_SetString(PyExc_RuntimeError, "watched already, or not to be called");
        return NULL;
    }
    learn_collector();
    static bool is_told_of_forks;
    if (!is_told_of_forks && !python_since(12) && pthread_atfork(before_fork, after_fork, after_fork) == 0)
        is_told_of_forks = true;
    Watch *self = calloc(1, sizeof *self);
    if (!self)
        return PyErr_NoMemory();
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
#ifndef __APPLE__
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
#endif
    pthread_mutex_init(&self->mutex, NULL);
    pthread_cond_init(&self->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    Py_INCREF(step);
    self->interpreter = PyInterpreterState_Get();
    self->step = step;
    self->pause = pause;
    if (frame != Py_None) {
        soon = self;
        if (Py_AddPendingCall(begin_now, frame) == 0)
            return none();
        soon = NULL; /* too many of them wait */
    }
    if (!begin(self)) {
        discard(self);
        PyErr_SetString(PyExc_RuntimeError, "can't start new thread");
        return NULL;
    }
    watch = self;
    return none();
}

static PyObject *stop(PyObject *module, PyObject *argument)
{
    (void)module;
    Watch *self = watch;
    double seconds = PyFloat_AsDouble(argument);
    if (seconds == -1 && PyErr_Occurred())
        return NULL;
    if (soon) {
        discard(soon);
        soon = NULL;
    }
    if (!self)
        return PyBool_FromLong(1);
    if (pthread_equal(self->thread, pthread_self()))
        return PyBool_FromLong(0);
    watch = NULL;
    bool gone;
    Py_BEGIN_ALLOW_THREADS
    uint64_t due = kernel_now() + (uint64_t)(seconds * 1e9);
    pthread_mutex_lock(&self->mutex);
    self->ending = true;
    pthread_cond_broadcast(&self->changed);
    while (!self->gone && wait_until(self, due))
        continue;
    gone = self->gone;
    pthread_mutex_unlock(&self->mutex);
    /* Joined at once, as it has nothing left to do. */
    if (gone) {
        pthread_join(self->thread, NULL);
        forgotten(self->id);
    } else
        pthread_detach(self->thread);
    Py_END_ALLOW_THREADS
    /* One that is in the middle of a look still needs what is here. */
    if (gone)
        discard(self);
    return PyBool_FromLong(gone);
}

PyMethodDef *watch_methods(void)
{
    static PyMethodDef methods[] = {
        {"watch", start, METH_VARARGS,
         "watch(step, pause, frame): a thread that calls step(ns late) after each pause of ns, which gives the next, 0 to "
         "end it; begins when this frame of the main thread runs on, or now with None"},
        {"loops_settled", loops_settled, METH_O, "loops_settled(flag): whether every loop that runs was found waiting for events"},
        {"unwatch", stop, METH_O, "unwatch(seconds): ends it; False when it had not ended within that time"},
        {NULL, NULL, 0, NULL},
    };
    return methods;
}

void watch_after_fork(void)
{
    watch = soon = NULL;
    let_collect(); /* a look that was interrupted for long goes on in the parent only */
}

#endif
