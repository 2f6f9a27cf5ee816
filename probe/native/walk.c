/* The innermost frames of all threads, as sys._current_frames() gives them, of the program's own interpreter alone:
 * audit hooks of the program are not called for it, and threads of sub-interpreters, which may run under a GIL of their
 * own, are not walked. */
#include "frames.h"

/* Every CPython has these since 3.9; headers of the limited API do not show them. */
typedef PyThreadState *(*Head)(PyInterpreterState *);
typedef PyThreadState *(*Next)(PyThreadState *);
typedef PyFrameObject *(*FrameOf)(PyThreadState *);
typedef int (*Switch)(void);
static Head head_of;
static Next next_of;
static FrameOf innermost_of;
/* Since 3.10; before, nothing below makes an object while threads are walked. */
static Switch disable, enable;

#ifdef _WIN32

#include <windows.h>

/* python3.dll, which has the limited API alone, is not where these are, and the name of the other changes. */
static bool find_functions(void)
{
    PyObject *handle = PySys_GetObject("dllhandle");
    HMODULE library = handle ? (HMODULE)PyLong_AsVoidPtr(handle) : NULL;
    PyErr_Clear();
    if (!library)
        return false;
    head_of = (Head)(void (*)(void))GetProcAddress(library, "PyInterpreterState_ThreadHead");
    next_of = (Next)(void (*)(void))GetProcAddress(library, "PyThreadState_Next");
    innermost_of = (FrameOf)(void (*)(void))GetProcAddress(library, "PyThreadState_GetFrame");
    disable = (Switch)(void (*)(void))GetProcAddress(library, "PyGC_Disable");
    enable = (Switch)(void (*)(void))GetProcAddress(library, "PyGC_Enable");
    return head_of && next_of && innermost_of;
}

#else

extern PyThreadState *PyInterpreterState_ThreadHead(PyInterpreterState *);
extern PyThreadState *PyThreadState_Next(PyThreadState *);
extern PyFrameObject *PyThreadState_GetFrame(PyThreadState *);
extern int PyGC_Disable(void) __attribute__((weak));
extern int PyGC_Enable(void) __attribute__((weak));

static bool find_functions(void)
{
    head_of = PyInterpreterState_ThreadHead;
    next_of = PyThreadState_Next;
    innermost_of = PyThreadState_GetFrame;
    disable = PyGC_Disable;
    enable = PyGC_Enable;
    return true;
}

#endif

typedef struct {
    unsigned long ident;
    PyObject *frame;
} Found;

/* Where a thread's state keeps the thread's ident: where ours does. 0 when it is not found. Windows has small numbers for
 * idents; since 3.11 they stand there twice, as the system's own follows. */
static size_t ident_offset(void)
{
    static size_t found;
    const char *own = (const char *)PyThreadState_Get();
    unsigned long ident = PyThread_get_thread_ident();
    bool twice = python_since(11);
    for (size_t offset = sizeof(void *); !found && offset < 240; offset += sizeof ident)
        if (*(const unsigned long *)(own + offset) == ident &&
            (sizeof ident == 8 || !twice || *(const unsigned long *)(own + offset + sizeof ident) == ident))
            found = offset;
    return found;
}

static size_t count_threads(PyInterpreterState *interpreter)
{
    size_t count = 0;
    for (PyThreadState *thread = head_of(interpreter); thread; thread = next_of(thread))
        count++;
    return count;
}

/* With the GIL held throughout: nobody ends meanwhile, and no collection may run whose finalizers could give it away. */
static size_t walk(PyInterpreterState *interpreter, Found *places, size_t most, size_t offset)
{
    int enabled = disable ? disable() : 0;
    size_t count = 0;
    for (PyThreadState *thread = head_of(interpreter); thread && count < most;
         thread = next_of(thread)) {
        PyObject *frame = (PyObject *)innermost_of(thread);
        if (frame)
            places[count++] = (Found){*(const unsigned long *)((const char *)thread + offset), frame};
    }
    if (enabled && enable)
        enable();
    return count;
}

bool thread_runs(const void *state, const char *frame)
{
    PyThreadState *thread = head_of(PyInterpreterState_Get());
    while (thread && thread != state)
        thread = next_of(thread);
    return thread && frame_is_of(state, frame);
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
    Found *places = malloc((most + 1) * sizeof *places);
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

/* places() -> [(ident, context)] of the threads that run Python code; None where that cannot be said without frames. */
static PyObject *places_of_all(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    typedef struct {
        unsigned long ident;
        Context context;
    } At;
    size_t offset = ident_offset();
    PyInterpreterState *interpreter = PyInterpreterState_Get();
    size_t most = count_threads(interpreter), count = 0;
    At *found = offset ? malloc((most + 1) * sizeof *found) : NULL;
    bool whole = found != NULL;
    for (PyThreadState *thread = head_of(interpreter); whole && thread && count < most; thread = next_of(thread)) {
        found[count] = (At){*(const unsigned long *)((const char *)thread + offset), 0};
        whole = context_of_thread(thread, &found[count].context);
        count += found[count].context != 0;
    }
    PyObject *list = whole ? PyList_New(0) : none();
    for (size_t index = 0; whole && list && index < count; index++) {
        PyObject *pair = Py_BuildValue("(kI)", found[index].ident, (unsigned)found[index].context);
        add_row(&list, pair);
    }
    free(found);
    return list;
}

/* stack_at(context) -> id of that stack */
static PyObject *stack_at(PyObject *module, PyObject *context)
{
    (void)module;
    unsigned long number = PyLong_AsUnsignedLong(context);
    if (PyErr_Occurred())
        return NULL;
    return PyLong_FromUnsignedLong(context_stack((Context)number));
}

PyMethodDef *walk_methods(void)
{
    static PyMethodDef methods[] = {
        {"places", places_of_all, METH_NOARGS, "[(ident, context)] of the threads of this interpreter, or None"},
        {"stack_at", stack_at, METH_O, "stack_at(context) -> id of that stack"},
        {"current_frames", current_frames, METH_NOARGS, "{ident: innermost frame} of the threads of this interpreter"},
        {NULL, NULL, 0, NULL},
    };
    return find_functions() ? methods : &methods[3];
}
