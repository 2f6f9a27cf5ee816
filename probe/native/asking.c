/* How the core asks Python for what it does not know. */
#include "core.h"

#include <stdarg.h>

/* Without a GIL another thread may be about to look into what was there before. */
#ifdef INTERLEAVE_FREE
#define SHARED _Atomic
#else
#define SHARED
#endif
static PyObject *SHARED callbacks; /* name → callable */
static SHARED uint64_t failures;

static int raise_kept(void *kept)
{
    PyObject *value = kept;
    PyErr_SetObject((PyObject *)Py_TYPE(value), value);
    Py_DECREF(value);
    return -1;
}

void asking_install(PyObject *given)
{
#ifndef INTERLEAVE_FREE
    Py_XDECREF(callbacks);
#endif
    Py_XINCREF(given);
    callbacks = given;
}

bool asking_installed(void)
{
    return callbacks != NULL;
}

PyObject *callback(const char *name)
{
    PyObject *dict = callbacks, *found = NULL;
#ifdef INTERLEAVE_FREE
    if (dict && PyDict_GetItemStringRef(dict, name, &found) < 0)
        PyErr_Clear();
#else
    found = dict ? PyDict_GetItemString(dict, name) : NULL;
    Py_XINCREF(found);
#endif
    return found;
}

uint64_t ask_failures(void)
{
    return failures;
}

/* True when the exception comes from the probe's own code and not from a signal handler that ran inside. */
static bool is_own(PyObject *value)
{
    if (PyErr_GivenExceptionMatches(value, PyExc_KeyboardInterrupt))
        return false;
    PyObject *folder = callback("folder");
    PyObject *traceback = PyObject_GetAttrString(value, "__traceback__");
    PyObject *file = NULL;
    while (traceback && traceback != Py_None) {
        PyObject *frame = PyObject_GetAttrString(traceback, "tb_frame");
        PyObject *code = frame ? PyObject_GetAttrString(frame, "f_code") : NULL;
        Py_XDECREF(file);
        file = code ? PyObject_GetAttrString(code, "co_filename") : NULL;
        Py_XDECREF(frame);
        Py_XDECREF(code);
        PyObject *next = PyObject_GetAttrString(traceback, "tb_next");
        Py_DECREF(traceback);
        traceback = next;
    }
    Py_XDECREF(traceback);
    bool own = !file || !folder || PyUnicode_Tailmatch(file, folder, 0, PY_SSIZE_T_MAX, -1) != 0;
    Py_XDECREF(file);
    Py_XDECREF(folder);
    PyErr_Clear();
    return own;
}

/* Our own mistakes are counted and forgotten. What a signal handler of the program raised inside our code is
 * raised again as soon as the program's own code runs. */
static void settle_exception(void)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    if (value && traceback)
        PyException_SetTraceback(value, traceback);
    if (value && !is_own(value)) {
        Py_INCREF(value);
        if (Py_AddPendingCall(raise_kept, value) < 0)
            Py_DECREF(value);
    } else {
        failures++;
    }
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
}

PyObject *ask(const char *name, const char *format, ...)
{
    Thread *thread = thread_slot;
    PyObject *type, *value, *traceback, *answer = NULL;
    va_list arguments;
    PyErr_Fetch(&type, &value, &traceback);
    va_start(arguments, format);
    PyObject *values = Py_VaBuildValue(format, arguments);
    va_end(arguments);
    PyObject *callable = callback(name);
    ASKED(thread);
    if (thread)
        thread->busy++;
    if (values && callable)
        answer = PyObject_CallObject(callable, values);
    if (!answer && PyErr_Occurred())
        settle_exception();
    Py_XDECREF(callable);
    Py_XDECREF(values);
    if (thread)
        thread->busy--;
    PyErr_Restore(type, value, traceback);
    return answer;
}

long ask_id(PyObject *answer)
{
    if (!answer)
        return -1;
    long id = PyLong_AsLong(answer);
    Py_DECREF(answer);
    if (id == -1)
        PyErr_Clear();
    return id;
}
