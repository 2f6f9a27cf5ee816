/* The module interleave_probe._native: installs and removes the hooks. */
#include "core.h"

Effort effort;
static PyTypeObject *ring_type;
static PyObject *ring_used;
static PyObject *lock_dict, *rlock_dict, *simple_dict, *lock_saved, *rlock_saved, *simple_saved;

bool python_since(int minor)
{
    PyObject *hex = PySys_GetObject("hexversion");
    return hex && PyLong_AsLong(hex) >= (0x0300 | minor) << 16;
}

static int use(PyObject *ring)
{
    if (ring != Py_None && !PyObject_TypeCheck(ring, ring_type)) {
        PyErr_SetString(PyExc_TypeError, "not a Ring of this module");
        return -1;
    }
    PyObject *old = ring_used;
    ring_used = ring == Py_None ? NULL : ring;
    Py_XINCREF(ring_used);
    ring_use(ring_used);
    Py_XDECREF(old);
    return 0;
}

static void put_back(PyObject *dict, PyObject *saved)
{
    if (dict && saved && PyDict_Update(dict, saved) < 0)
        PyErr_Clear();
}

static PyObject *uninstall(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    put_back(lock_dict, lock_saved);
    put_back(rlock_dict, rlock_saved);
    put_back(simple_dict, simple_saved);
    locks_uninstall();
    rlocks_uninstall();
    simple_uninstall();
    semlocks_uninstall();
    hooks_on = false;
    Py_CLEAR(lock_dict);
    Py_CLEAR(rlock_dict);
    Py_CLEAR(simple_dict);
    Py_CLEAR(simple_saved);
    Py_CLEAR(lock_saved);
    Py_CLEAR(rlock_saved);
    holding_clear();
    contexts_clear();
    use(Py_None);
    return none();
}

/* end(): nobody acts any more. The opposite of begin(), after uninstall(). */
static PyObject *end(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    threads_install(NULL);
    sink_forget();
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
    if (hooks_on || !frames_known()) {
        PyErr_SetString(PyExc_RuntimeError, "installed already, or not begun");
        return NULL;
    }
    lock_saved = PyDict_New();
    rlock_saved = PyDict_New();
    if (!lock_saved || !rlock_saved || use(ring) < 0)
        return NULL;
    Py_INCREF(locks);
    Py_INCREF(rlocks);
    lock_dict = locks;
    rlock_dict = rlocks;
    full_detail = full;
    if (locks_install(locks, lock_saved) < 0 || rlocks_install(rlocks, rlock_saved) < 0) {
        PyObject *type, *value, *traceback;
        PyErr_Fetch(&type, &value, &traceback);
        Py_XDECREF(uninstall(NULL, NULL));
        PyErr_Restore(type, value, traceback);
        return NULL;
    }
    hooks_on = true;
    return none();
}

/* install_simple(SimpleQueue's dict): once the program has imported _queue */
static PyObject *install_simple(PyObject *module, PyObject *dict)
{
    (void)module;
    if (simple_dict)
        return none();
    if (!(simple_saved = PyDict_New()) || simple_install(dict, simple_saved) < 0)
        return NULL;
    Py_INCREF(dict);
    simple_dict = dict;
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
    effort = (Effort){0};
    sink_forget();
    items_after_fork();
    results_after_fork();
    workers_after_fork();
    semlocks_after_fork();
    connections_after_fork();
    threads_after_fork();
    watch_after_fork();
    holding_after_fork();
    contexts_forget_ids();
    return none();
}

static PyObject *use_ring(PyObject *module, PyObject *ring)
{
    (void)module;
    if (use(ring) < 0)
        return NULL;
    return none();
}

static PyObject *effort_so_far(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    return Py_BuildValue("(KKKKKKKKKK)", (unsigned long long)effort.locks, (unsigned long long)effort.own,
                         (unsigned long long)effort.made, (unsigned long long)effort.steps, (unsigned long long)effort.looks,
                         (unsigned long long)effort.handles, (unsigned long long)effort.items, (unsigned long long)effort.asks,
                         (unsigned long long)effort.notes, (unsigned long long)effort.emits);
}

static PyMethodDef methods[] = {
    {"begin", begin, METH_O, "begin(callbacks): learns this interpreter; from here on it knows who acts"},
    {"install", install, METH_VARARGS, "install(lock_dict, rlock_dict, ring, full): puts the lock hooks in place"},
    {"install_simple", install_simple, METH_O, "install_simple(dict): the same for _queue.SimpleQueue"},
    {"rejudge", rejudge, METH_NOARGS, "forgets what code was judged to be; sites seen keep their judgement"},
    {"uninstall", uninstall, METH_NOARGS, "puts every original back"},
    {"end", end, METH_NOARGS, "undoes begin()"},
    {"after_fork", after_fork, METH_NOARGS, "in a forked child: forgets the parent's ring, threads and ids"},
    {"use_ring", use_ring, METH_O, "the Ring the hooks write to from now on, or None"},
    {"effort", effort_so_far, METH_NOARGS, "(locks, own, made, steps, looks, handles, items, asks, notes, emits): how often what was done"},
    {NULL, NULL, 0, NULL},
};

static int add_all(PyObject *module, PyMethodDef *more)
{
    return PyModule_AddFunctions(module, more);
}

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
    Py_INCREF(ring_type);
    if (PyModule_AddObject(module, "Ring", (PyObject *)ring_type) < 0)
        return -1;
    if (PyModule_AddStringConstant(module, "build", INTERLEAVE_BUILD) < 0 || PyModule_AddIntConstant(module, "interface", 3) < 0)
        return -1;
    return add_all(module, acting_methods()) || add_all(module, holding_methods()) || add_all(module, loop_methods()) || add_all(module, steps_methods()) || add_all(module, handles_methods()) ||
                   add_all(module, awaits_methods()) || add_all(module, holds_methods()) ||
                   add_all(module, tasks_methods()) || add_all(module, tables_methods()) || add_all(module, entries_methods()) || add_all(module, items_methods()) || add_all(module, ids_methods()) || add_all(module, results_methods()) ||
                   add_all(module, workers_methods()) || add_all(module, connections_methods()) || add_all(module, semlocks_methods()) ||
                   add_all(module, watch_methods()) || add_all(module, walk_methods()) || add_all(module, append_methods()) || add_all(module, forks_methods())
               ? -1
               : 0;
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, execute},
    {0, NULL},
};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_native", "The probe's native core.", 0, methods, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__native(void)
{
    return PyModuleDef_Init(&definition);
}
