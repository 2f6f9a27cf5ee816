/* _thread.lock: its methods replaced inside the type's own dict. A free lock is taken and given back as the original does it, in
 * one step with what is noted of it; all else is the originals' business. */
#include "../core.h"

static Original acquire_original, release_original, exit_original, reset_original;
static HookedType replaced;

enum { HELD_BIT = 1 };

static inline unsigned char state_of(PyObject *self)
{
    return __atomic_load_n(INNER_BYTE(self), __ATOMIC_SEQ_CST);
}

/* Also where somebody waits already, as the original does it. */
static bool take(PyObject *self)
{
    for (unsigned char state = state_of(self); !(state & HELD_BIT); state = state_of(self))
        if (byte_swap(self, state, state | HELD_BIT))
            return true;
    return false;
}

/* Who waits must be woken by the original. */
static bool give(PyObject *self)
{
    return byte_swap(self, HELD_BIT, 0);
}

static PyObject *yes(bool answer)
{
    return PyBool_FromLong(answer);
}

static PyObject *acquire(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    Thread *thread = thread_hooked();
    if (!thread)
        return call_original(&acquire_original, self, args, count, names);
    bool plain = !count && !names;
    Asked asked = {true, true, -1};
    if (!plain)
        asked = understand(args, count, names);
    bool only_try = count == 1 && !names && args[0] == Py_False;
    /* Condition asks this way whether its lock is held, at every notify. */
    if (only_try && state_of(self) & HELD_BIT)
        return yes(false);
    Taking taking;
    if (!asked.understood || !taking_begin(thread, &taking, false))
        return call_original(&acquire_original, self, args, count, names);
    unsigned flags = !asked.blocking ? ACQUIRED_TRY : asked.timeout >= 0 ? ACQUIRED_TIMEOUT : 0;
    if (plain || only_try || asked.blocking) {
        if (lock_take(thread, self, LOCK_PLAIN, flags, &taking, take))
            return yes(true);
        if (only_try)
            return yes(false);
        Waiting wait;
        wait_begin(thread, self, LOCK_PLAIN, asked.timeout, &taking, false, &wait);
        PyObject *result = call_original(&acquire_original, self, args, count, names);
        wait_end(thread, &wait, !result ? RESULT_ERROR : result == Py_True ? RESULT_DONE : RESULT_TIMEOUT);
        if (result == Py_True)
            lock_acquired(thread, self, LOCK_PLAIN, flags | ACQUIRED_WAITED, &taking);
        return result;
    }
    PyObject *result = call_original(&acquire_original, self, args, count, names);
    if (result == Py_True)
        lock_acquired(thread, self, LOCK_PLAIN, flags, &taking);
    return result;
}

static PyObject *let_go(PyObject *self, const Original *original, PyObject *const *args, Py_ssize_t count)
{
    Thread *thread = thread_hooked();
    if (!thread || !(state_of(self) & HELD_BIT))
        return call_original(original, self, args, count, NULL);
    Releasing facts;
    bool given = lock_releasing(thread, self, &facts, give);
    PyObject *result = given ? none() : call_original(original, self, args, count, NULL);
    if (facts.serial && result)
        lock_released(&facts);
    return result;
}

/* ---- what is known of their type ---- */

static bool looks_right(PyObject *probe)
{
    Py_ssize_t size = Py_TYPE(probe)->tp_basicsize;
    if (sizeof(void *) != 8 || size < (Py_ssize_t)INNER_AT + 1 || size > (Py_ssize_t)INNER_AT + 8 || state_of(probe))
        return false;
    PyObject *result = call_original(&acquire_original, probe, NULL, 0, NULL);
    bool good = result == Py_True && state_of(probe) == HELD_BIT;
    Py_XDECREF(result);
    Py_XDECREF(call_original(&release_original, probe, NULL, 0, NULL));
    return good && !state_of(probe);
}

#include "../locks_type.h"
