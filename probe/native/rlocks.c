/* _thread.RLock: its methods replaced inside the type's own dict. Only the outermost acquire and release count. */
#include "core.h"

static Original acquire_original, release_original, exit_original, owned_original, depth_original, save_original,
    restore_original, reset_original;
static PyTypeObject *rlock_type;
/* Up to 3.13: owner and count at these offsets, as trying them out showed. */
enum { OWNER_AT = 24, COUNT_AT = 32, SIZE = 48 };
static bool layout_known;

#define FIELD(self, offset) (*(unsigned long *)((char *)(self) + (offset)))
#if defined(_WIN32)
#undef FIELD
/* unsigned long has 4 bytes there: owner at 24, count at 28. Never tried, so never used. */
#define FIELD(self, offset) 0ul
#endif

typedef struct { bool mine, others; unsigned long depth; } State;

static State state_of(PyObject *self)
{
    State state = {false, false, 0};
    if (layout_known) {
        state.depth = FIELD(self, COUNT_AT);
        if (state.depth)
            state.mine = FIELD(self, OWNER_AT) == PyThread_get_thread_ident();
        state.others = state.depth && !state.mine;
        return state;
    }
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *answer = call_original(&owned_original, self, NULL, 0, NULL);
    state.mine = answer == Py_True;
    Py_XDECREF(answer);
    if (state.mine && depth_original.function) {
        answer = call_original(&depth_original, self, NULL, 0, NULL);
        state.depth = answer ? PyLong_AsUnsignedLong(answer) : 1;
        Py_XDECREF(answer);
    } else if (!state.mine) {
        Lock *lock = table_find(self);
        state.others = lock && lock->owner;
    }
    PyErr_Restore(type, value, traceback);
    return state;
}

static Thread *hooked(void)
{
    Thread *thread = hooks_on ? thread_here() : NULL;
    return thread && !thread->busy ? thread : NULL;
}

static PyObject *acquire_slowly(Thread *thread, PyObject *self, const Original *original, PyObject *const *args,
                                Py_ssize_t count, PyObject *names, Asked asked)
{
    Waiting wait;
    wait_begin(thread, self, LOCK_REENTRANT, asked.timeout, &wait);
    PyObject *result = call_original(original, self, args, count, names);
    bool taken = result && result != Py_False;
    wait_end(thread, &wait, !result ? RESULT_ERROR : taken ? RESULT_DONE : RESULT_TIMEOUT);
    if (taken)
        lock_acquired(thread, self, LOCK_REENTRANT,
                      (asked.timeout >= 0 ? ACQUIRED_TIMEOUT : 0) | ACQUIRED_WAITED);
    return result;
}

static PyObject *acquire(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    Thread *thread = hooked();
    if (!thread)
        return call_original(&acquire_original, self, args, count, names);
    State state = state_of(self);
    if (state.mine)
        return call_original(&acquire_original, self, args, count, names);
    Asked asked = {true, true, -1};
    if (count || names)
        asked = understand(args, count, names);
    if (state.others && asked.understood && asked.blocking)
        return acquire_slowly(thread, self, &acquire_original, args, count, names, asked);
    PyObject *result = call_original(&acquire_original, self, args, count, names);
    if (result == Py_True)
        lock_acquired(thread, self, LOCK_REENTRANT,
                      !asked.blocking ? ACQUIRED_TRY : asked.timeout >= 0 ? ACQUIRED_TIMEOUT : 0);
    return result;
}

static PyObject *let_go(PyObject *self, const Original *original, PyObject *const *args, Py_ssize_t count, bool wholly)
{
    Thread *thread = hooked();
    State state = {false, false, 0};
    if (thread)
        state = state_of(self);
    if (!state.mine || (!wholly && state.depth > 1))
        return call_original(original, self, args, count, NULL);
    Releasing facts;
    lock_releasing(thread, self, LOCK_REENTRANT, &facts);
    PyObject *result = call_original(original, self, args, count, NULL);
    if (facts.lock)
        lock_released(thread, &facts);
    return result;
}

static PyObject *release(PyObject *self, PyObject *unused)
{
    (void)unused;
    return let_go(self, &release_original, NULL, 0, false);
}

static PyObject *leave(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    return let_go(self, &exit_original, args, exit_original.flags & METH_VARARGS ? 0 : count, false);
}

static PyObject *release_save(PyObject *self, PyObject *unused)
{
    (void)unused;
    return let_go(self, &save_original, NULL, 0, true);
}

static PyObject *acquire_restore(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    Thread *thread = hooked();
    if (!thread)
        return call_original(&restore_original, self, args, count, NULL);
    if (state_of(self).others)
        return acquire_slowly(thread, self, &restore_original, args, count, NULL, (Asked){true, true, -1});
    PyObject *result = call_original(&restore_original, self, args, count, NULL);
    if (result)
        lock_acquired(thread, self, LOCK_REENTRANT, 0);
    return result;
}

static PyObject *reset(PyObject *self, PyObject *unused)
{
    (void)unused;
    if (hooks_on)
        lock_reset(self);
    return call_original(&reset_original, self, NULL, 0, NULL);
}

static PyMethodDef methods[] = {
    {"acquire", (PyCFunction)(void (*)(void))acquire, METH_FASTCALL | METH_KEYWORDS, NULL},
    {"__enter__", (PyCFunction)(void (*)(void))acquire, METH_FASTCALL | METH_KEYWORDS, NULL},
    {"release", release, METH_NOARGS, NULL},
    {"__exit__", (PyCFunction)(void (*)(void))leave, METH_FASTCALL, NULL},
    {"_release_save", release_save, METH_NOARGS, NULL},
    {"_acquire_restore", (PyCFunction)(void (*)(void))acquire_restore, METH_FASTCALL, NULL},
    {"_at_fork_reinit", reset, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static destructor *dealloc_slot;
static destructor dealloc_original;
static newfunc *new_slot;
static newfunc new_original;

static void dealloc(PyObject *self)
{
    if (hooks_on)
        lock_gone(self);
    dealloc_original(self);
}

static PyObject *create(PyTypeObject *type, PyObject *args, PyObject *names)
{
    PyObject *lock = new_original(type, args, names);
    if (lock && hooks_on)
        lock_created(lock, LOCK_REENTRANT);
    return lock;
}

static bool try_layout(PyObject *probe)
{
    PyObject *size = PyObject_GetAttrString((PyObject *)Py_TYPE(probe), "__basicsize__");
    Py_ssize_t bytes = size ? PyLong_AsSsize_t(size) : 0;
    Py_XDECREF(size);
    if (sizeof(void *) != 8 || sizeof(unsigned long) != 8 || bytes != SIZE || FIELD(probe, COUNT_AT) != 0)
        return false;
    bool good = true;
    for (unsigned long depth = 1; depth <= 2; depth++) {
        Py_XDECREF(call_original(&acquire_original, probe, NULL, 0, NULL));
        good = good && FIELD(probe, COUNT_AT) == depth && FIELD(probe, OWNER_AT) == PyThread_get_thread_ident();
    }
    for (unsigned long depth = 2; depth-- > 0;) {
        Py_XDECREF(call_original(&release_original, probe, NULL, 0, NULL));
        good = good && FIELD(probe, COUNT_AT) == depth;
    }
    return good;
}

int rlocks_install(PyObject *dict, PyObject *saved)
{
    PyObject *probe = make_one("RLock");
    if (!probe)
        return -1;
    rlock_type = Py_TYPE(probe);
    int failed = original_of(probe, "acquire", &acquire_original) || original_of(probe, "release", &release_original) ||
                 original_of(probe, "__exit__", &exit_original) || original_of(probe, "_is_owned", &owned_original) ||
                 original_of(probe, "_release_save", &save_original) ||
                 original_of(probe, "_acquire_restore", &restore_original) ||
                 original_of(probe, "_at_fork_reinit", &reset_original);
    if (!failed && original_of(probe, "_recursion_count", &depth_original))
        PyErr_Clear(); /* not before 3.11 */
    if (!failed)
        layout_known = try_layout(probe);
    if (!failed && !layout_known && !depth_original.function) {
        PyErr_SetString(PyExc_RuntimeError, "an RLock of unknown layout");
        failed = 1;
    }
    for (PyMethodDef *method = methods; !failed && method->ml_name; method++)
        failed = put_method(rlock_type, dict, saved, method);
    Py_DECREF(probe);
    if (failed)
        return -1;
    PyType_Modified(rlock_type);
    dealloc_slot = (destructor *)type_slot(rlock_type, Py_tp_dealloc);
    if (dealloc_slot) {
        dealloc_original = *dealloc_slot;
        *dealloc_slot = dealloc;
    }
    new_slot = (newfunc *)type_slot(rlock_type, Py_tp_new);
    if (new_slot) {
        new_original = *new_slot;
        *new_slot = create;
    }
    return 0;
}

void rlocks_uninstall(void)
{
    if (dealloc_slot)
        *dealloc_slot = dealloc_original;
    if (new_slot)
        *new_slot = new_original;
    dealloc_slot = NULL;
    new_slot = NULL;
    if (rlock_type)
        PyType_Modified(rlock_type);
}
