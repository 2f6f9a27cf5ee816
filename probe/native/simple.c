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

/* Less than 0 for none, and for what the original will not have. */
static int64_t nanoseconds(PyObject *timeout)
{
    const double most = 4e6;
    double seconds = PyFloat_CheckExact(timeout) || PyLong_CheckExact(timeout) ? PyFloat_AsDouble(timeout) : -1;
    PyErr_Clear();
    return seconds >= 0 ? (int64_t)((seconds < most ? seconds : most) * 1e9) : -1;
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
    Waiting wait;
    tell_first();
    uint32_t id = id_of_object(self, "queue"), stack = context_stack(context_here(CONTEXT_DEPTH));
    wait_begin_for(thread, WAIT_GET, id, stack, timeout ? nanoseconds(timeout) : -1, &wait);
    if (wait.told)
        wait.marked = wait_mark(wait.actor);
    PyObject *item = really_get(self, args, count, names);
    wait_end(thread, &wait, item ? RESULT_DONE : RESULT_UNKNOWN);
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
