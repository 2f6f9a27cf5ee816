/* What stands around acquire() and release() of plain locks, the same in both cores: the other methods, making and end, learning and
 * installing. The end of each `locks.c`, which has before it acquire(), let_go(), looks_right(), the originals and `replaced`. */

static PyObject *enter(PyObject *self, PyObject *unused)
{
    (void)unused;
    return acquire(self, NULL, 0, NULL);
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
    if (hooks_are_on())
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
    if (hooks_are_on())
        lock_gone(self);
    replaced.dealloc(self);
}

static PyObject *noted(PyObject *lock)
{
    if (lock && hooks_are_on() && Py_TYPE(lock) == replaced.type)
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
