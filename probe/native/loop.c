/* The end of an event loop's step in full detail: what aio_loop._step does for the many short steps of tasks that
 * go on, without Python. Everything out of the ordinary is handed to the Python function. */
#include "core.h"

enum { LAST = 0, STATE = 5, TASK_ID = 0, TASK_OVER = 4, LONG_STEP = 5000000 };

static PyObject *slowly;                    /* aio_loop._step */
static PyObject *task_globals, *wait_globals; /* the dicts of aio_tasks and aio_waits */
static PyObject *task_type;                 /* asyncio.Task */
static PyObject *callback_name, *self_name, *done_name, *entries_name, *suspended_name, *seen_name, *left_name, *zero;
/* The loop whose numbers were read last. */
static PyObject *state_seen;
static uint32_t state_id, state_thread;

static bool read_state(PyObject *state)
{
    if (state == state_seen)
        return true;
    PyObject *id = PyObject_GetAttrString(state, "id");
    PyObject *thread = PyObject_GetAttrString(state, "thread");
    bool good = id && thread;
    if (good) {
        state_id = (uint32_t)PyLong_AsUnsignedLongMask(id);
        state_thread = (uint32_t)PyLong_AsUnsignedLongMask(thread);
        Py_INCREF(state);
        Py_XDECREF(state_seen);
        state_seen = state;
    }
    Py_XDECREF(id);
    Py_XDECREF(thread);
    if (!good)
        PyErr_Clear();
    return good;
}

static bool holds_locks(uint32_t actor)
{
    Thread *thread = thread_slot;
    for (int i = 0; thread && i < thread->count; i++)
        if (thread->held[i].actor == actor)
            return true;
    return false;
}

/* The actor of this step, 0 when Python must look at it. */
static uint32_t actor_of_step(PyObject *task, PyObject *now)
{
    if ((PyObject *)Py_TYPE(task) != task_type)
        return 0;
    PyObject *entries = PyDict_GetItem(task_globals, entries_name);
    PyObject *suspended = PyDict_GetItem(task_globals, suspended_name);
    PyObject *left = PyDict_GetItem(task_globals, left_name);
    PyObject *seen = PyDict_GetItem(wait_globals, seen_name);
    if (!entries || !suspended || !left || !seen || PyLong_AsLong(left) > 0)
        return 0;
    PyObject *address = PyLong_FromVoidPtr(task);
    PyObject *entry = address ? PyDict_GetItem(entries, address) : NULL;
    Py_XDECREF(address);
    if (!entry || !PyList_Check(entry) || PyList_GetItem(entry, TASK_OVER) != Py_False)
        return 0;
    PyObject *number = PyList_GetItem(entry, TASK_ID);
    if (!number || PyDict_Contains(seen, number) != 0)
        return 0;
    PyObject *before = PyDict_GetItem(suspended, number);
    if (before && PyTuple_GetItem(before, 1) != zero)
        return 0;
    uint32_t actor = (uint32_t)PyLong_AsUnsignedLongMask(number) | TASK_BIT;
    if (holds_locks(actor))
        return 0;
    PyObject *done = PyObject_CallMethodObjArgs(task, done_name, NULL);
    Py_XDECREF(done);
    if (done != Py_False)
        return 0;
    PyObject *pair = PyTuple_Pack(2, now, zero);
    int failed = !pair || PyDict_SetItem(suspended, number, pair) < 0;
    Py_XDECREF(pair);
    return failed ? 0 : actor;
}

/* step(loop, handle, numbers, now) */
static PyObject *step(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    if (count != 4 || !slowly)
        return none();
    PyObject *last = full_detail && PyList_Check(args[2]) ? PyList_GetItem(args[2], LAST) : NULL;
    PyObject *state = last ? PyList_GetItem(args[2], STATE) : NULL;
    long long now = PyLong_AsLongLong(args[3]);
    long long took = last ? now - PyLong_AsLongLong(last) : LONG_STEP;
    uint32_t actor = 0;
    if (state && state != Py_None && took < LONG_STEP && read_state(state)) {
        PyObject *callback = PyObject_GetAttr(args[1], callback_name);
        PyObject *task = callback ? PyObject_GetAttr(callback, self_name) : NULL;
        if (task)
            actor = actor_of_step(task, args[3]);
        Py_XDECREF(callback);
        Py_XDECREF(task);
    }
    if (PyErr_Occurred())
        PyErr_Clear();
    if (!actor)
        return PyObject_CallFunctionObjArgs(slowly, args[0], args[1], args[2], args[3], NULL);
    ring_write(KIND_LOOP_STEP, 0, actor, (uint64_t)now, state_id, 0, (uint32_t)(took > 0 ? took / 1000 : 0));
    return none();
}

/* watch_steps(aio_loop._step, aio_tasks' dict, aio_waits' dict, asyncio.Task); None for the first: no more. */
static PyObject *watch_steps(PyObject *module, PyObject *args)
{
    PyObject *function, *tasks = NULL, *waits = NULL, *type = NULL;
    (void)module;
    if (!PyArg_ParseTuple(args, "O|O!O!O", &function, &PyDict_Type, &tasks, &PyDict_Type, &waits, &type))
        return NULL;
    Py_CLEAR(slowly);
    Py_CLEAR(task_globals);
    Py_CLEAR(wait_globals);
    Py_CLEAR(task_type);
    Py_CLEAR(state_seen);
    if (function == Py_None || !tasks || !waits || !type)
        return none();
    if (!zero) {
        callback_name = PyUnicode_InternFromString("_callback");
        self_name = PyUnicode_InternFromString("__self__");
        done_name = PyUnicode_InternFromString("done");
        entries_name = PyUnicode_InternFromString("entries");
        suspended_name = PyUnicode_InternFromString("_suspended");
        seen_name = PyUnicode_InternFromString("seen");
        left_name = PyUnicode_InternFromString("_stacks_left");
        zero = PyLong_FromLong(0);
    }
    Py_INCREF(function);
    Py_INCREF(tasks);
    Py_INCREF(waits);
    Py_INCREF(type);
    slowly = function;
    task_globals = tasks;
    wait_globals = waits;
    task_type = type;
    return none();
}

static PyMethodDef methods[] = {
    {"step", (PyCFunction)(void (*)(void))step, METH_FASTCALL, "step(loop, handle, numbers, now): a step has ended"},
    {"watch_steps", watch_steps, METH_VARARGS, "watch_steps(slow, tasks, waits, type): what step() needs"},
    {NULL, NULL, 0, NULL},
};

PyMethodDef *loop_methods(void)
{
    return methods;
}
