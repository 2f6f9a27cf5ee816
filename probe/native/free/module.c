/* The module interleave_probe._native for free-threaded builds: installs and removes the hooks. */
#include "../core.h"

static PyTypeObject *ring_type;
static PyObject *lock_dict, *rlock_dict, *lock_saved, *rlock_saved;
bool frames_known(void);

bool python_since(int minor)
{
    return PY_VERSION_HEX >= (uint32_t)((0x0300 | minor) << 16);
}

static int use(PyObject *ring)
{
    if (ring != Py_None && !PyObject_TypeCheck(ring, ring_type)) {
        PyErr_SetString(PyExc_TypeError, "not a Ring of this module");
        return -1;
    }
    /* For as long as the process: another thread may be about to write to it. */
    Py_INCREF(ring);
    ring_use(ring == Py_None ? NULL : ring);
    return 0;
}

static void put_back(PyObject **dict, PyObject **saved)
{
    if (*dict && *saved && PyDict_Update(*dict, *saved) < 0)
        PyErr_Clear();
    Py_CLEAR(*dict);
    Py_CLEAR(*saved);
}

/* What other threads may be in the middle of stays where it is, for the next time. */
static PyObject *uninstall(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    put_back(&lock_dict, &lock_saved);
    put_back(&rlock_dict, &rlock_saved);
    locks_uninstall();
    rlocks_uninstall();
    atomic_store(&hooks_on, false);
    holding_clear();
    frames_rejudge();
    use(Py_None);
    return none();
}

/* end(): nobody acts any more. The opposite of begin(), after uninstall(). */
static PyObject *end(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    threads_install(NULL);
    return none();
}

/* begin(callbacks): from here on the functions that say who acts work. Raises where this interpreter looks
 * different from those that the core knows. */
static PyObject *begin(PyObject *module, PyObject *callbacks)
{
    (void)module;
    if (!PyDict_Check(callbacks)) {
        PyErr_SetString(PyExc_TypeError, "a dict of callbacks");
        return NULL;
    }
    if (!places_install())
        return PyErr_NoMemory();
    if (frames_install() < 0 || locks_learn() < 0 || rlocks_learn() < 0)
        return NULL;
    threads_install(callbacks);
    return none();
}

/* install(lock's dict, RLock's dict, ring, full) */
static PyObject *install(PyObject *module, PyObject *args)
{
    PyObject *locks, *rlocks, *ring;
    int full;
    (void)module;
    if (!PyArg_ParseTuple(args, "O!O!Op", &PyDict_Type, &locks, &PyDict_Type, &rlocks, &ring, &full))
        return NULL;
    if (atomic_load(&hooks_on) || !frames_known()) {
        PyErr_SetString(PyExc_RuntimeError, "installed already, or not begun");
        return NULL;
    }
    lock_saved = PyDict_New();
    rlock_saved = PyDict_New();
    if (!lock_saved || !rlock_saved || use(ring) < 0)
        return NULL;
    lock_dict = Py_NewRef(locks);
    rlock_dict = Py_NewRef(rlocks);
    full_detail = full;
    if (locks_install(locks, lock_saved) < 0 || rlocks_install(rlocks, rlock_saved) < 0) {
        PyObject *raised = PyErr_GetRaisedException();
        Py_XDECREF(uninstall(NULL, NULL));
        PyErr_SetRaisedException(raised);
        return NULL;
    }
    atomic_store(&hooks_on, true);
    return none();
}

static PyObject *rejudge(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    frames_rejudge();
    return none();
}

/* after_fork(): in the child, before its own ring is there. */
static PyObject *after_fork(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    use(Py_None);
    threads_after_fork();
    table_next_era();
    nests_clear();
    return none();
}

static PyObject *use_ring(PyObject *module, PyObject *ring)
{
    (void)module;
    return use(ring) < 0 ? NULL : none();
}

static PyMethodDef methods[] = {
    {"begin", begin, METH_O, "begin(callbacks): learns this interpreter; from here on it knows who acts"},
    {"install", install, METH_VARARGS, "install(lock_dict, rlock_dict, ring, full): puts the lock hooks in place"},
    {"rejudge", rejudge, METH_NOARGS, "forgets what code was judged to be; sites seen keep their judgement"},
    {"uninstall", uninstall, METH_NOARGS, "puts every original back"},
    {"end", end, METH_NOARGS, "undoes begin()"},
    {"after_fork", after_fork, METH_NOARGS, "in a forked child: forgets the parent's ring, threads and ids"},
    {"use_ring", use_ring, METH_O, "the Ring the hooks write to from now on, or None"},
    {NULL, NULL, 0, NULL},
};

static int execute(PyObject *module)
{
    /* State is one per process: in a sub-interpreter the probe stays out. */
    if (PyInterpreterState_GetID(PyInterpreterState_Get()) != 0) {
        PyErr_SetString(PyExc_ImportError, "the native core serves the main interpreter only");
        return -1;
    }
    clock_install();
    if (!empty_tuple)
        empty_tuple = PyTuple_New(0);
    if (!ring_type)
        ring_type = (PyTypeObject *)PyType_FromSpec(&ring_type_spec);
    if (!empty_tuple || !ring_type)
        return -1;
    if (PyModule_AddObjectRef(module, "Ring", (PyObject *)ring_type) < 0 ||
        PyModule_AddStringConstant(module, "build", INTERLEAVE_BUILD) < 0 || PyModule_AddIntConstant(module, "interface", 3) < 0 ||
        PyModule_AddIntConstant(module, "free", 1) < 0)
        return -1;
    return PyModule_AddFunctions(module, acting_methods()) || PyModule_AddFunctions(module, threads_methods()) || PyModule_AddFunctions(module, asked_methods()) ? -1 : 0;
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, execute},
    /* Loading this must not bring the GIL back. */
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_native", "The probe's native core for free-threaded builds.", 0, methods, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__native(void)
{
    return PyModuleDef_Init(&definition);
}
