/* _queue.SimpleQueue.get: a wait of the program when the queue is empty. */
#include "core.h"

static Original get_original, size_original;
static PyTypeObject *queue_type;

enum { METHOD = 0x0200 }; /* METH_METHOD, which the limited API does not name */
typedef PyObject *(*WithClass)(PyObject *, PyTypeObject *, PyObject *const *, Py_ssize_t, PyObject *);

static PyObject *really_get(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    if (get_original.flags & METHOD)
        return ((WithClass)(void (*)(void))get_original.function)(self, queue_type, args, count, names);
    return call_original(&get_original, self, args, count, names);
}

static bool is_empty(PyObject *self)
{
    PyObject *size = call_original(&size_original, self, NULL, 0, NULL);
    bool empty = size && PyLong_AsLong(size) == 0;
    Py_XDECREF(size);
    PyErr_Clear();
    return empty;
}

static PyObject *get(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    Thread *thread = hooks_on ? thread_here() : NULL;
    unsigned role;
    if (!thread || thread->busy || !is_empty(self))
        return really_get(self, args, count, names);
    site_here(&role, false);
    if (role != ROLE_PROGRAM)
        return really_get(self, args, count, names);
    /* The same arguments as an acquire's: block and timeout, but with other names and None for "for ever". */
    PyObject *block = count > 0 ? args[0] : NULL;
    PyObject *timeout = count > 1 ? args[1] : NULL;
    for (Py_ssize_t i = 0; names && i < PyTuple_Size(names); i++) {
        PyObject **value = PyUnicode_CompareWithASCIIString(PyTuple_GetItem(names, i), "block") == 0 ? &block : &timeout;
        *value = args[count + i];
    }
    if (block == Py_False)
        return really_get(self, args, count, names);
    PyObject *token = ask("simple_get", "(OO)", self, timeout ? timeout : Py_None);
    PyObject *item = really_get(self, args, count, names);
    if (token)
        Py_XDECREF(ask("waited", "(OiI)", token, item ? RESULT_DONE : RESULT_UNKNOWN, 0u));
    Py_XDECREF(token);
    return item;
}

static PyMethodDef method = {"get", (PyCFunction)(void (*)(void))get, METH_FASTCALL | METH_KEYWORDS, NULL};

/* `dict` is None while the program has not imported _queue. */
int simple_install(PyObject *dict, PyObject *saved)
{
    PyObject *module = PyImport_ImportModule("_queue");
    PyObject *one = module ? PyObject_CallMethod(module, "SimpleQueue", NULL) : NULL;
    Py_XDECREF(module);
    if (!one)
        return -1;
    queue_type = Py_TYPE(one);
    int failed = original_of(one, "get", &get_original) || original_of(one, "qsize", &size_original) ||
                 put_method(queue_type, dict, saved, &method);
    Py_DECREF(one);
    if (!failed)
        PyType_Modified(queue_type);
    return failed ? -1 : 0;
}

void simple_uninstall(void)
{
    if (queue_type)
        PyType_Modified(queue_type);
}
