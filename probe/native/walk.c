/* The innermost frames of all threads, as sys._current_frames() gives them, of the program's own interpreter alone:
 * audit hooks of the program are not called for it, and threads of sub-interpreters, which may run under a GIL of their
 * own, are not walked. */
#include "core.h"

#ifdef _WIN32

PyMethodDef *walk_methods(void)
{
    static PyMethodDef methods[] = {{NULL, NULL, 0, NULL}};
    return methods;
}

#else

/* Every CPython has these since 3.9; headers of the limited API do not show them. */
extern PyThreadState *PyInterpreterState_ThreadHead(PyInterpreterState *);
extern PyThreadState *PyThreadState_Next(PyThreadState *);
extern PyFrameObject *PyThreadState_GetFrame(PyThreadState *);
/* Since 3.10; before, nothing below makes an object while threads are walked. */
extern int PyGC_Disable(void) __attribute__((weak));
extern int PyGC_Enable(void) __attribute__((weak));

typedef struct {
    unsigned long ident;
    PyObject *frame;
} Place;

/* Where a thread's state keeps the thread's ident: where ours does. 0 when it is not found. */
static size_t ident_offset(void)
{
    static size_t found;
    const char *own = (const char *)PyThreadState_Get();
    unsigned long ident = PyThread_get_thread_ident();
    for (size_t offset = sizeof(void *); !found && offset < 240; offset += sizeof ident)
        if (*(const unsigned long *)(own + offset) == ident)
            found = offset;
    return found;
}

static size_t count_threads(PyInterpreterState *interpreter)
{
    size_t count = 0;
    for (PyThreadState *thread = PyInterpreterState_ThreadHead(interpreter); thread; thread = PyThreadState_Next(thread))
        count++;
    return count;
}

/* With the GIL held throughout: nobody ends meanwhile, and no collection may run whose finalizers could give it away. */
static size_t walk(PyInterpreterState *interpreter, Place *places, size_t most, size_t offset)
{
    int enabled = PyGC_Disable ? PyGC_Disable() : 0;
    size_t count = 0;
    for (PyThreadState *thread = PyInterpreterState_ThreadHead(interpreter); thread && count < most;
         thread = PyThreadState_Next(thread)) {
        PyObject *frame = (PyObject *)PyThreadState_GetFrame(thread);
        if (frame)
            places[count++] = (Place){*(const unsigned long *)((const char *)thread + offset), frame};
    }
    if (enabled)
        PyGC_Enable();
    return count;
}

/* current_frames() -> {ident: frame} */
static PyObject *current_frames(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    size_t offset = ident_offset();
    if (!offset) {
        PyErr_SetString(PyExc_RuntimeError, "this interpreter looks different");
        return NULL;
    }
    PyInterpreterState *interpreter = PyInterpreterState_Get();
    size_t most = count_threads(interpreter);
    Place *places = malloc((most + 1) * sizeof *places);
    if (!places)
        return PyErr_NoMemory();
    size_t count = walk(interpreter, places, most, offset);
    PyObject *found = PyDict_New();
    for (size_t index = 0; index < count; index++) {
        PyObject *key = found ? PyLong_FromUnsignedLong(places[index].ident) : NULL;
        if (found && (!key || PyDict_SetItem(found, key, places[index].frame) < 0))
            Py_CLEAR(found);
        Py_XDECREF(key);
        Py_DECREF(places[index].frame);
    }
    free(places);
    return found;
}

PyMethodDef *walk_methods(void)
{
    static PyMethodDef methods[] = {
        {"current_frames", current_frames, METH_NOARGS, "{ident: innermost frame} of the threads of this interpreter"},
        {NULL, NULL, 0, NULL},
    };
    return methods;
}

#endif
