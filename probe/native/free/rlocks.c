/* _thread.RLock: its methods replaced inside the type's own dict. The originals do all the work; only the outermost acquire and
 * release count. Nobody but its owner gives an RLock back, so what is noted of it after it was taken is never late. */
#include "../core.h"

static Original acquire_original, release_original, exit_original, save_original, restore_original, reset_original;
static HookedType replaced;
static PyObject *not_blocking; /* (False,) */

/* Behind the lock: the owner, then how often it has it; since 3.14 how often more than once. */
enum { OWNER_AT = INNER_AT + 8, COUNT_AT = INNER_AT + 16 };

static inline unsigned long long owner_of(PyObject *self)
{
    return __atomic_load_n((unsigned long long *)((char *)self + OWNER_AT), __ATOMIC_RELAXED);
}

static inline bool is_mine(PyObject *self)
{
    return owner_of(self) == PyThread_get_thread_ident();
}

/* Of one that is mine. */
static inline size_t depth_of(PyObject *self)
{
#if PY_VERSION_HEX >= 0x030E0000
    return *(size_t *)((char *)self + COUNT_AT) + 1;
#else
    return *(unsigned long *)((char *)self + COUNT_AT);
#endif
}

static PyObject *try_original(PyObject *self)
{
    PyObject *argument = Py_False;
    if ((acquire_original.flags & (METH_VARARGS | METH_KEYWORDS)) == (METH_VARARGS | METH_KEYWORDS))
        return ((PyCFunctionWithKeywords)(void (*)(void))acquire_original.function)(self, not_blocking, NULL);
    return call_original(&acquire_original, self, &argument, 1, NULL);
}

static PyObject *wait_for(Thread *thread, PyObject *self, const Original *original, PyObject *const *args, Py_ssize_t count,
                          PyObject *names, int64_t timeout, const Taking *taking, bool back)
{
    Waiting wait;
    wait_begin(thread, self, LOCK_REENTRANT, timeout, taking, back, &wait);
    PyObject *result = call_original(original, self, args, count, names);
    bool taken = result && result != Py_False;
    wait_end(thread, &wait, !result ? RESULT_ERROR : taken ? RESULT_DONE : RESULT_TIMEOUT);
    if (taken)
        lock_acquired(thread, self, LOCK_REENTRANT, (back ? ACQUIRED_BACK : 0) | (timeout >= 0 ? ACQUIRED_TIMEOUT : 0) | ACQUIRED_WAITED,
                      taking);
    return result;
}

static PyObject *acquire(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    Thread *thread = thread_hooked();
    Taking taking;
    if (!thread || is_mine(self))
        return call_original(&acquire_original, self, args, count, names);
    Asked asked = {true, true, -1};
    if (count || names)
        asked = understand(args, count, names);
    if (!asked.understood || !taking_begin(thread, &taking, false))
        return call_original(&acquire_original, self, args, count, names);
    PyObject *result = asked.blocking ? try_original(self) : call_original(&acquire_original, self, args, count, names);
    if (result == Py_False && asked.blocking) {
        Py_DECREF(result);
        return wait_for(thread, self, &acquire_original, args, count, names, asked.timeout, &taking, false);
    }
    if (result == Py_True)
        lock_acquired(thread, self, LOCK_REENTRANT, !asked.blocking ? ACQUIRED_TRY : asked.timeout >= 0 ? ACQUIRED_TIMEOUT : 0, &taking);
    return result;
}

static PyObject *let_go(PyObject *self, const Original *original, PyObject *const *args, Py_ssize_t count, bool wholly)
{
    Thread *thread = thread_hooked();
    if (!thread || !is_mine(self) || (!wholly && depth_of(self) > 1))
        return call_original(original, self, args, count, NULL);
    Releasing facts;
    lock_releasing(thread, self, &facts, NULL);
    PyObject *result = call_original(original, self, args, count, NULL);
    if (facts.serial)
        lock_released(&facts);
    return result;
}

static PyObject *acquire_restore(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    Thread *thread = thread_hooked();
    Taking taking;
    if (!thread || !taking_begin(thread, &taking, true))
        return call_original(&restore_original, self, args, count, NULL);
    if (owner_of(self))
        return wait_for(thread, self, &restore_original, args, count, NULL, -1, &taking, true);
    PyObject *result = call_original(&restore_original, self, args, count, NULL);
    if (result)
        lock_acquired(thread, self, LOCK_REENTRANT, ACQUIRED_BACK, &taking);
    return result;
}

static bool looks_right(PyObject *probe)
{
    if (!not_blocking && !(not_blocking = Py_BuildValue("(O)", Py_False)))
        return false;
    if (sizeof(void *) != 8 || Py_TYPE(probe)->tp_basicsize < (Py_ssize_t)COUNT_AT + 8 || owner_of(probe))
        return false;
    bool good = true;
    for (size_t depth = 1; depth <= 2; depth++) {
        Py_XDECREF(call_original(&acquire_original, probe, NULL, 0, NULL));
        good = good && is_mine(probe) && depth_of(probe) == depth;
    }
    Py_XDECREF(call_original(&release_original, probe, NULL, 0, NULL));
    good = good && is_mine(probe) && depth_of(probe) == 1;
    Py_XDECREF(call_original(&release_original, probe, NULL, 0, NULL));
    return good && !owner_of(probe);
}

#include "../rlocks_type.h"
