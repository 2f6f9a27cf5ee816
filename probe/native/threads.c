/* Threads: who acts, what they hold, and how the core asks Python for what it does not know. */
#include "core.h"

#include <stdarg.h>
#include <string.h>
#ifdef _WIN32
#include <windows.h>
#else
#include <pthread.h>
#endif

THREAD_LOCAL Thread *thread_slot;
bool hooks_on;
static Thread *threads;
static PyObject *callbacks; /* name → callable */
static unsigned long failures;
PyObject *waits_by_actor, *waits_names;

/* ---- the end of a thread: noticed by the operating system's own means, without the GIL ---- */

#ifdef _WIN32
static DWORD end_key = FLS_OUT_OF_INDEXES;
static void WINAPI at_end(void *thread)
{
    if (thread_slot == thread)
        thread_slot = NULL;
    if (thread)
        atomic_store(&((Thread *)thread)->ended, true);
}
#else
static pthread_key_t end_key;
static bool end_key_made;
static void at_end(void *thread)
{
    /* What runs later still in this thread gets a record of its own: this one is another's soon. */
    if (thread_slot == thread)
        thread_slot = NULL;
    atomic_store(&((Thread *)thread)->ended, true);
}
#endif

static void watch_end(Thread *thread)
{
#ifdef _WIN32
    if (end_key == FLS_OUT_OF_INDEXES)
        end_key = FlsAlloc(at_end);
    if (end_key != FLS_OUT_OF_INDEXES)
        FlsSetValue(end_key, thread);
#else
    if (!end_key_made)
        end_key_made = pthread_key_create(&end_key, at_end) == 0;
    if (end_key_made)
        pthread_setspecific(end_key, thread);
#endif
}

/* The record of an ended thread, cleared for a new one; one that ended with a lock keeps its record until somebody else
 * lets the lock go. Records are never freed: whoever walks the list may run Python code, and so other threads, on the way. */
static Thread *thread_again(void)
{
    for (Thread *thread = threads; thread; thread = thread->next) {
        if (thread->count || !atomic_load(&thread->ended))
            continue;
        Thread *next = thread->next;
        if (thread->held != thread->first)
            free(thread->held);
        free(thread->notes);
        thread_turns(thread, NULL, NULL);
        memset(thread, 0, sizeof *thread);
        thread->next = next;
        return thread;
    }
    return NULL;
}

Thread *thread_make(void)
{
    if (!callbacks)
        return NULL;
    Thread *thread = thread_again();
    if (!thread) {
        thread = calloc(1, sizeof *thread);
        if (!thread)
            return NULL;
        thread->next = threads;
        threads = thread;
    }
    thread->held = thread->first;
    thread->room = sizeof thread->first / sizeof *thread->first;
    thread_slot = thread;
    watch_end(thread);
    return thread;
}

uint32_t thread_ask_id(Thread *thread)
{
    if (!thread->busy) {
        long id = ask_id(ask("thread", "()"));
        if (id > 0)
            thread->id = (uint32_t)id;
    }
    return thread->id;
}

void thread_turns(Thread *thread, PyObject *loop, PyObject *numbers)
{
    PyObject *before = thread->numbers;
    Py_XINCREF(numbers);
    thread->loop = loop;
    thread->numbers = numbers;
    Py_XDECREF(before);
}

Thread *threads_first(void)
{
    return threads;
}

/* In a forked child only the forking thread lives, under an id it has still to get. */
void threads_after_fork(void)
{
    for (Thread *thread = threads; thread; thread = thread->next) {
        thread->waiting = NULL;
        thread_turns(thread, NULL, NULL);
        thread->id = 0;
        thread->task = 0;
        thread->pool = 0;
        if (thread != thread_slot) {
            thread->count = thread->own_count = 0;
            atomic_store(&thread->ended, true);
        }
        for (int i = 0; i < thread->count; i++)
            thread->held[i].actor = 0;
    }
}

/* ---- asking Python ---- */

static int raise_kept(void *kept)
{
    PyObject *value = kept;
    PyErr_SetObject((PyObject *)Py_TYPE(value), value);
    Py_DECREF(value);
    return -1;
}

/* True when the exception comes from the probe's own code and not from a signal handler that ran inside. */
static bool is_own(PyObject *value)
{
    if (PyErr_GivenExceptionMatches(value, PyExc_KeyboardInterrupt))
        return false;
    PyObject *folder = PyDict_GetItemString(callbacks, "folder");
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
    PyErr_Clear();
    return own;
}

/* Our own mistakes are counted and forgotten. What a signal handler of the program raised inside our code is
 * raised again as soon as the program's own code runs. */
static void settle_exception(void)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    if (value && traceback)
        PyException_SetTraceback(value, traceback);
    if (value && !is_own(value)) {
        Py_INCREF(value);
        if (Py_AddPendingCall(raise_kept, value) < 0)
            Py_DECREF(value);
    } else {
        failures++;
    }
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
}

PyObject *ask(const char *name, const char *format, ...)
{
    PyObject *callable = callbacks ? PyDict_GetItemString(callbacks, name) : NULL;
    Thread *thread = thread_slot;
    PyObject *type, *value, *traceback, *answer = NULL;
    va_list arguments;
    PyErr_Fetch(&type, &value, &traceback);
    va_start(arguments, format);
    PyObject *values = Py_VaBuildValue(format, arguments);
    va_end(arguments);
    effort.asks++;
    if (thread)
        thread->busy++;
    if (values && callable) {
        Py_INCREF(callable);
        answer = PyObject_CallObject(callable, values);
        Py_DECREF(callable);
    }
    if (!answer && PyErr_Occurred())
        settle_exception();
    if (thread)
        thread->busy--;
    Py_XDECREF(values);
    PyErr_Restore(type, value, traceback);
    return answer;
}

static PyObject *callback_value(const char *name)
{
    return callbacks ? PyDict_GetItemString(callbacks, name) : NULL;
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

int threads_install(PyObject *given)
{
    Py_XINCREF(given);
    Py_XDECREF(callbacks);
    callbacks = given;
    waits_by_actor = callback_value("waiting");
    waits_names = callback_value("waits");
    waits_learn(callback_value("permits"), callback_value("signals"));
    return 0;
}

/* ---- for Python: who acts ---- */

uint32_t actor_now(Thread *thread)
{
    if (!thread->id)
        thread_ask_id(thread);
    if (thread->task)
        return thread->task;
    if (thread->in_loop && !thread->busy) {
        long task = aio_task_now();
        if (task < 0)
            task = ask_id(ask("running_task", "()"));
        if (task > 0)
            return (uint32_t)task | TASK_BIT;
    }
    return thread->id;
}

static PyObject *current(PyObject *module, PyObject *unused)
{
    Thread *thread = thread_here();
    (void)module, (void)unused;
    if (!thread)
        return PyLong_FromLong(0);
    return PyLong_FromUnsignedLong(actor_now(thread));
}

static PyObject *current_thread(PyObject *module, PyObject *unused)
{
    Thread *thread = thread_here();
    (void)module, (void)unused;
    if (!thread)
        return PyLong_FromLong(0);
    return PyLong_FromUnsignedLong(thread->id ? thread->id : thread_ask_id(thread));
}

static PyObject *known_thread(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    return PyLong_FromUnsignedLong(thread_slot ? thread_slot->id : 0);
}

static PyObject *set_thread(PyObject *module, PyObject *id)
{
    unsigned long value = PyLong_AsUnsignedLongMask(id);
    Thread *thread = thread_here();
    (void)module;
    if (PyErr_Occurred())
        return NULL;
    if (thread) {
        thread->id = (uint32_t)value;
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
    if (thread) {
        thread->in_loop = true;
        thread_turns(thread, NULL, NULL);
    }
    return none();
}

static PyObject *leave_loop(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    if (thread_slot) {
        thread_slot->in_loop = false;
        thread_turns(thread_slot, NULL, NULL);
    }
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
    return PyLong_FromUnsignedLong(failures);
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
    {NULL, NULL, 0, NULL},
};

PyMethodDef *threads_methods(void)
{
    return methods;
}
