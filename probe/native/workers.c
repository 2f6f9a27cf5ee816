/* Work of ProcessPoolExecutor in the worker's own process: what pool_workers.py does for each item, without Python. */
#include "core.h"

static PyObject *pool_of_queue, *set_pool, *partial_type, *chunk;
static PyObject *work_id_name, *fn_name, *func_name, *args_name;

/* The queue that the items come from, and its pool's object id. */
static struct { PyObject *queue, *weak; uint32_t pool; } source;
static uint32_t error;

static void forget_source(void)
{
    PyObject *weak = source.weak;
    source.queue = source.weak = NULL;
    source.pool = 0;
    Py_XDECREF(weak);
}

void workers_after_fork(void)
{
    forget_source();
}

static uint32_t find_pool(PyObject *queue)
{
    if (source.queue == queue && PyWeakref_GetObject(source.weak) == queue)
        return source.pool;
    long pool = ask_id(PyObject_CallFunctionObjArgs(pool_of_queue, queue, NULL));
    forget_source();
    if (pool > 0 && (source.weak = PyWeakref_NewRef(queue, NULL))) {
        source.queue = queue;
        source.pool = (uint32_t)pool;
        Py_XDECREF(PyObject_CallFunction(set_pool, "I", (unsigned)source.pool));
    }
    PyErr_Clear();
    return pool > 0 ? (uint32_t)pool : 0;
}

/* `map` wraps the program's function to run several items at once. */
static uint32_t name_of(PyObject *item)
{
    PyObject *function = PyObject_GetAttr(item, fn_name), *inner = NULL;
    if (function && (PyObject *)Py_TYPE(function) == partial_type) {
        PyObject *wrapped = PyObject_GetAttr(function, func_name);
        PyObject *args = wrapped == chunk ? PyObject_GetAttr(function, args_name) : NULL;
        inner = args && PyTuple_Check(args) && PyTuple_Size(args) > 0 ? PyTuple_GetItem(args, 0) : NULL;
        Py_XINCREF(inner);
        Py_XDECREF(wrapped);
        Py_XDECREF(args);
    }
    uint32_t name = inner || function ? item_name(inner ? inner : function) : 0;
    Py_XDECREF(inner);
    Py_XDECREF(function);
    PyErr_Clear();
    return name;
}

static uint32_t number_of(PyObject *item)
{
    PyObject *number = PyObject_GetAttr(item, work_id_name);
    uint32_t known = number ? (uint32_t)PyLong_AsUnsignedLongMask(number) : 0;
    Py_XDECREF(number);
    PyErr_Clear();
    return known;
}

/* begin_here(item, queue): this process takes it. */
static PyObject *begin_here(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    Thread *thread = count == 2 && ring_open && pool_of_queue ? thread_here() : NULL;
    if (!thread)
        return none();
    uint32_t worker = thread->id ? thread->id : thread_ask_id(thread);
    uint32_t pool = find_pool(args[1]), name = name_of(args[0]);
    effort.items++;
    error = 0;
    ring_write(KIND_ITEM_START, 0, worker, clock_now(), pool, name, number_of(args[0]));
    return none();
}

/* fail_here(text's id): why the item fails that runs */
static PyObject *fail_here(PyObject *module, PyObject *text)
{
    (void)module;
    error = (uint32_t)PyLong_AsUnsignedLongMask(text);
    return PyErr_Occurred() ? NULL : none();
}

/* end_here(item): it has run. */
static PyObject *end_here(PyObject *module, PyObject *item)
{
    (void)module;
    Thread *thread = ring_open && source.pool ? thread_here() : NULL;
    if (!thread)
        return none();
    effort.items++;
    uint32_t worker = thread->id ? thread->id : thread_ask_id(thread);
    ring_write(KIND_ITEM_END, 0, worker, clock_now(), source.pool, error, number_of(item));
    return none();
}

/* work_here(function: queue -> pool's id, function: id -> says whose worker this is, functools.partial, map's helper);
 * with None for all: no more */
static PyObject *work_here(PyObject *module, PyObject *args)
{
    PyObject *pool, *whose, *partial, *helper;
    (void)module;
    if (!PyArg_ParseTuple(args, "OOOO", &pool, &whose, &partial, &helper))
        return NULL;
    PyObject **const kept[] = {&pool_of_queue, &set_pool, &partial_type, &chunk};
    PyObject *const given[] = {pool, whose, partial, helper};
    for (int i = 0; i < 4; i++) {
        PyObject *before = *kept[i];
        *kept[i] = given[i] == Py_None ? NULL : given[i];
        Py_XINCREF(*kept[i]);
        Py_XDECREF(before);
    }
    forget_source();
    return none();
}

static PyMethodDef methods[] = {
    {"work_here", work_here, METH_VARARGS, "what the other functions for workers need"},
    {"begin_here", (PyCFunction)(void (*)(void))begin_here, METH_FASTCALL, "begin_here(item, queue): this process takes it"},
    {"fail_here", fail_here, METH_O, "fail_here(text): why the item fails that runs"},
    {"end_here", end_here, METH_O, "end_here(item): it has run"},
    {NULL, NULL, 0, NULL},
};

PyMethodDef *workers_methods(void)
{
    if (!work_id_name) {
        work_id_name = PyUnicode_InternFromString("work_id");
        fn_name = PyUnicode_InternFromString("fn");
        func_name = PyUnicode_InternFromString("func");
        args_name = PyUnicode_InternFromString("args");
    }
    PyErr_Clear();
    return methods;
}
