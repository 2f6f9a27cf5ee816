/* What a fork asks for, without a page of Python's: each that the parent changes is copied for the child, and the other way round. */
#include "core.h"

#ifdef __linux__
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { PART = 4096 };

/* The last number of a file, 0 where there is none. */
static long last_number(int file)
{
    char part[PART];
    long number = 0, last = 0;
    ssize_t size;
    while ((size = read(file, part, PART)) != 0) {
        if (size < 0 && errno != EINTR)
            return 0;
        for (ssize_t i = 0; i < size; i++) {
            if (part[i] >= '0' && part[i] <= '9') {
                number = number * 10 + (part[i] - '0');
            } else if (number) {
                last = number;
                number = 0;
            }
        }
    }
    return number ? number : last;
}
#endif

/* latest_child(): process id of the running thread's newest child where the system tells, else 0 */
static PyObject *latest_child(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    long child = 0;
#ifdef __linux__
    int file = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        child = last_number(file);
        close(file);
    }
#endif
    return PyLong_FromLong(child);
}

/* empty(list of dictionaries and lists): what is empty already is only looked at. */
static PyObject *empty(PyObject *module, PyObject *tables)
{
    (void)module;
    for (Py_ssize_t i = 0; i < PyList_Size(tables); i++) {
        PyObject *table = PyList_GetItem(tables, i);
        if (!table || PyObject_Size(table) == 0)
            continue;
        Py_INCREF(table);
        PyObject *done = PyObject_CallMethod(table, "clear", NULL);
        Py_DECREF(table);
        if (!done)
            return NULL;
        Py_DECREF(done);
    }
    if (PyErr_Occurred())
        return NULL;
    return none();
}

PyMethodDef *forks_methods(void)
{
    static PyMethodDef methods[] = {
        {"latest_child", latest_child, METH_NOARGS, "latest_child(): process id of the running thread's newest child where the system tells, else 0"},
        {"empty", empty, METH_O, "empty(tables): clears those of a list that have something in them"},
        {NULL, NULL, 0, NULL},
    };
    return methods;
}
