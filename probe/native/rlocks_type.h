/* What stands around acquire() and release() of RLocks, the same in both cores: see locks_type.h. The end of each `rlocks.c`, which has
 * before it acquire(), let_go(), acquire_restore(), looks_right(), the originals and `replaced`. */

static PyObject *enter(PyObject *self, PyObject *unused)
{
    (void)unused;
    return acquire(self, NULL, 0, NULL);
}

static PyObject *release(PyObject *self, PyObject *unused)
{
    (void)unused;
    return let_go(self, &release_original, NULL, 0, false);
}

static PyObject *leave(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    if (names && PyTuple_Size(names) > 0)
        return refuse_names("RLock");
    if (!may_leave(&exit_original, count))
        return call_original(&exit_original, self, args, count, NULL);
    return let_go(self, &exit_original, args, exit_original.flags & METH_VARARGS ? 0 : count, false);
}

static PyObject *release_save(PyObject *self, PyObject *unused)
{
    (void)unused;
    return let_go(self, &save_original, NULL, 0, true);
}

static PyObject *restore(PyObject *self, PyObject *state)
{
    return acquire_restore(self, &state, 1);
}

static PyObject *reset(PyObject *self, PyObject *unused)
{
    (void)unused;
    if (hooks_are_on())
        lock_reset(self);
    return call_original(&reset_original, self, NULL, 0, NULL);
}

static PyMethodDef methods[] = {
    {"acquire", (PyCFunction)(void (*)(void))acquire, METH_FASTCALL | METH_KEYWORDS, NULL},
    {"__enter__", (PyCFunction)(void (*)(void))acquire, METH_FASTCALL | METH_KEYWORDS, NULL},
    {"release", release, METH_NOARGS, NULL},
    {"__exit__", (PyCFunction)(void (*)(void))leave, METH_FASTCALL | METH_KEYWORDS, NULL},
    {"_release_save", release_save, METH_NOARGS, NULL},
    {"_acquire_restore", (PyCFunction)(void (*)(void))acquire_restore, METH_FASTCALL, NULL},
    {"_at_fork_reinit", reset, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static void dealloc(PyObject *self)
{
    if (hooks_are_on())
        lock_gone(self);
    replaced.dealloc(self);
}

static PyObject *create(PyTypeObject *type, PyObject *args, PyObject *names)
{
    PyObject *lock = replaced.create(type, args, names);
    if (lock && hooks_are_on())
        lock_created(lock, LOCK_REENTRANT);
    return lock;
}

int rlocks_learn(void)
{
    PyObject *probe = make_one("RLock");
    if (!probe)
        return -1;
    replaced.type = Py_TYPE(probe);
    int failed = original_of(probe, "acquire", &acquire_original) || original_of(probe, "release", &release_original) ||
                 original_of(probe, "__exit__", &exit_original) ||
                 original_of(probe, "_release_save", &save_original) ||
                 original_of(probe, "_acquire_restore", &restore_original);
    if (!failed)
        reset_of(probe, &reset_original);
    be_as_strict(methods, "__enter__", probe, enter);
    be_as_strict(methods, "_acquire_restore", probe, restore);
    if (!failed && !looks_right(probe)) {
        PyErr_SetString(PyExc_RuntimeError, "RLocks of this interpreter look different");
        failed = 1;
    }
    Py_DECREF(probe);
    return failed ? -1 : 0;
}

int rlocks_install(PyObject *dict, PyObject *saved)
{
    return hook_type(&replaced, methods, dict, saved, dealloc, create);
}

void rlocks_uninstall(void)
{
    unhook_type(&replaced);
}
