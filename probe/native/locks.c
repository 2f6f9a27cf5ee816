/* _thread.lock: its methods replaced inside the type's own dict. The real work is done by the originals. */
#include "core.h"

#ifdef __linux__
#include <errno.h>
#endif

bool inner_is_semaphore;
static bool inner_is_byte;
static Original acquire_original, release_original, exit_original, reset_original;
static HookedType replaced;

/* ---- the type's own memory ---- */

/* Before locks were a byte: the system's lock and the byte that says "locked", as trying them out showed. */
enum { LOCKED_AT = 32, SIZE = 40, SIZE_OF_BYTE = 24 };

#define INNER(self) (*(PyThread_type_lock *)((char *)(self) + INNER_AT))
#define LOCKED(self) (*((char *)(self) + LOCKED_AT))

static inline bool is_locked(PyObject *self)
{
    return inner_is_byte ? byte_held(self) : LOCKED(self) != 0;
}

/* To a thread that waited for it and does not have the GIL yet. */
static inline bool is_given(PyObject *self)
{
    return !inner_is_byte && inner_busy(INNER(self));
}

/* What the original does for a free lock. */
static inline bool take(PyObject *self)
{
    if (inner_is_byte)
        return byte_swap(self, 0, 1);
    if (LOCKED(self) || !inner_take(INNER(self)))
        return false;
    LOCKED(self) = 1;
    return true;
}

/* All that the original does with a held lock; false when it must do it. */
static inline bool give(PyObject *self)
{
    if (inner_is_byte)
        return byte_swap(self, 1, 0);
    inner_give(INNER(self));
    LOCKED(self) = 0;
    return true;
}

/* `inner` is held now. */
void learn_inner(PyThread_type_lock inner)
{
#ifdef __linux__
    PyObject *info = PySys_GetObject("thread_info");
    PyObject *kind = info ? PyObject_GetAttrString(info, "lock") : NULL;
    inner_is_semaphore = kind && PyUnicode_Check(kind) && PyUnicode_CompareWithASCIIString(kind, "semaphore") == 0 &&
                         sem_trywait((sem_t *)inner) == -1 && errno == EAGAIN;
    Py_XDECREF(kind);
    PyErr_Clear();
#else
    (void)inner;
#endif
}

/* ---- hooks ---- */

static PyObject *acquire_slowly(Thread *thread, PyObject *self, PyObject *const *args, Py_ssize_t count,
                                PyObject *names, Asked asked)
{
    Waiting wait;
    unsigned flags = asked.timeout >= 0 ? ACQUIRED_TIMEOUT : 0;
    wait_begin(thread, self, LOCK_PLAIN, asked.timeout, 0, &wait);
    PyObject *result = call_original(&acquire_original, self, args, count, names);
    wait_end(thread, &wait, !result ? RESULT_ERROR : result == Py_True ? RESULT_DONE : RESULT_TIMEOUT);
    if (result == Py_True)
        lock_acquired(thread, self, LOCK_PLAIN, flags | ACQUIRED_WAITED);
    return result;
}

static PyObject *acquire(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    Thread *thread = hooks_on ? thread_here() : NULL;
    if (too_deep())
        return NULL;
    if (!thread || thread->busy)
        return call_original(&acquire_original, self, args, count, names);
    Asked asked = {true, true, -1};
    if (count == 1 && !names && args[0] == Py_False) {
        /* Condition asks this way whether its lock is held, at every notify. */
        if (is_locked(self)) {
            Py_INCREF(Py_False);
            return Py_False;
        }
        asked.blocking = false;
    } else if (count || names)
        asked = understand(args, count, names);
    else if (take(self)) { /* without parsing no arguments */
        lock_acquired(thread, self, LOCK_PLAIN, 0);
        Py_INCREF(Py_True);
        return Py_True;
    } else
        return acquire_slowly(thread, self, args, count, names, asked);
    if (asked.understood && asked.blocking && (is_locked(self) || is_given(self)))
        return acquire_slowly(thread, self, args, count, names, asked);
    PyObject *result = call_original(&acquire_original, self, args, count, names);
    if (result == Py_True)
        lock_acquired(thread, self, LOCK_PLAIN,
                      !asked.blocking ? ACQUIRED_TRY : asked.timeout >= 0 ? ACQUIRED_TIMEOUT : 0);
    return result;
}

static PyObject *let_go(PyObject *self, const Original *original, PyObject *const *args, Py_ssize_t count)
{
    Thread *thread = hooks_on ? thread_here() : NULL;
    if (!thread || thread->busy || !is_locked(self))
        return call_original(original, self, args, count, NULL);
    Releasing facts;
    lock_releasing(thread, self, &facts);
    PyObject *result = give(self) ? none() : call_original(original, self, args, count, NULL);
    if (facts.lock)
        lock_released(thread, &facts);
    return result;
}

/* ---- what is known of their type ---- */

static bool looks_right(PyObject *probe)
{
    PyObject *size = PyObject_GetAttrString((PyObject *)Py_TYPE(probe), "__basicsize__");
    Py_ssize_t bytes = size ? PyLong_AsSsize_t(size) : 0;
    Py_XDECREF(size);
    inner_is_byte = python_since(13) && bytes == SIZE_OF_BYTE;
    if (sizeof(void *) != 8 || bytes != (inner_is_byte ? SIZE_OF_BYTE : SIZE) || is_locked(probe))
        return false;
    PyObject *result = call_original(&acquire_original, probe, NULL, 0, NULL);
    bool good = result == Py_True && (inner_is_byte ? *INNER_BYTE(probe) == 1
                                                    : LOCKED(probe) == 1 && PyThread_acquire_lock(INNER(probe), NOWAIT_LOCK) == 0);
    Py_XDECREF(result);
    if (good && !inner_is_byte)
        learn_inner(INNER(probe));
    Py_XDECREF(call_original(&release_original, probe, NULL, 0, NULL));
    return good && (inner_is_byte ? *INNER_BYTE(probe) == 0 : LOCKED(probe) == 0);
}

#include "locks_type.h"
