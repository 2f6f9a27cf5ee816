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

static PyObject *enter(PyObject *self, PyObject *unused)
{
    (void)unused;
    return acquire(self, NULL, 0, NULL);
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

static PyObject *release(PyObject *self, PyObject *unused)
{
    (void)unused;
    return let_go(self, &release_original, NULL, 0);
}

static PyObject *leave(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    if (names && PyTuple_Size(names) > 0)
        return refuse_names("lock");
    if (!may_leave(&exit_original, count))
        return call_original(&exit_original, self, args, count, NULL);
    /* Where it takes a tuple (up to 3.13) the original looks at nothing in it. */
    return let_go(self, &exit_original, args, exit_original.flags & METH_VARARGS ? 0 : count);
}

static PyObject *reset(PyObject *self, PyObject *unused)
{
    (void)unused;
    if (atomic_load(&hooks_on))
        lock_reset(self);
    return call_original(&reset_original, self, NULL, 0, NULL);
}

static PyMethodDef methods[] = {
    {"acquire", (PyCFunction)(void (*)(void))acquire, METH_FASTCALL | METH_KEYWORDS, NULL},
    {"acquire_lock", (PyCFunction)(void (*)(void))acquire, METH_FASTCALL | METH_KEYWORDS, NULL},
    {"__enter__", (PyCFunction)(void (*)(void))acquire, METH_FASTCALL | METH_KEYWORDS, NULL},
    {"release", release, METH_NOARGS, NULL},
    {"release_lock", release, METH_NOARGS, NULL},
    {"__exit__", (PyCFunction)(void (*)(void))leave, METH_FASTCALL | METH_KEYWORDS, NULL},
    {"_at_fork_reinit", reset, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

/* ---- birth and death ---- */

static void dealloc(PyObject *self)
{
    if (atomic_load(&hooks_on))
        lock_gone(self);
    replaced.dealloc(self);
}

static PyObject *noted(PyObject *lock)
{
    if (lock && Py_TYPE(lock) == replaced.type)
        lock_created(lock, LOCK_PLAIN);
    return lock;
}

static PyObject *create(PyTypeObject *type, PyObject *args, PyObject *names)
{
    return noted(replaced.create(type, args, names));
}

static PyObject *make(PyObject *module, PyObject *unused)
{
    return noted(maker_original(module, unused));
}

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

int locks_learn(void)
{
    PyObject *probe = make_one("allocate_lock");
    if (!probe)
        return -1;
    replaced.type = Py_TYPE(probe);
    int failed = original_of(probe, "acquire", &acquire_original) || original_of(probe, "release", &release_original) ||
                 original_of(probe, "__exit__", &exit_original);
    if (!failed)
        reset_of(probe, &reset_original);
    be_as_strict(methods, "__enter__", probe, enter);
    if (!failed && !looks_right(probe)) {
        PyErr_SetString(PyExc_RuntimeError, "locks of this interpreter look different");
        failed = 1;
    }
    Py_DECREF(probe);
    return failed ? -1 : 0;
}

int locks_install(PyObject *dict, PyObject *saved)
{
    if (hook_type(&replaced, methods, dict, saved, dealloc, create) < 0)
        return -1;
    hook_makers(make);
    return 0;
}

void locks_uninstall(void)
{
    unhook_type(&replaced);
    unhook_makers();
}
