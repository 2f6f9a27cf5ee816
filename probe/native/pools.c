/* Pools that are asked for again and again, and the calls of map() whose items belong together. */
#include "items.h"

PyObject *pool_of, *groups, *map_code;

/* The pool that was asked for last, with what each item needs of it. */
LastPool last_pool;

void forget_last_pool(void)
{
    last_pool.executor = NULL;
    Py_CLEAR(last_pool.pool);
    Py_CLEAR(last_pool.weak);
    Py_CLEAR(last_pool.next);
    Py_CLEAR(last_pool.running);
}

/* A forked child's pools have ids of their own. */
void items_after_fork(void)
{
    forget_last_pool();
}

static bool is_last(PyObject *executor)
{
    if (last_pool.executor != executor)
        return false;
    PyObject *alive = PyObject_CallObject(last_pool.weak, NULL);
    Py_XDECREF(alive);
    return alive == executor;
}

bool find_pool(PyObject *executor)
{
    if (is_last(executor))
        return true;
    forget_last_pool();
    PyObject *pool = PyObject_CallFunctionObjArgs(pool_of, executor, NULL);
    PyObject *id = pool ? PyObject_GetAttrString(pool, "id") : NULL;
    last_pool.weak = id ? PyObject_GetAttrString(pool, "executor") : NULL;
    last_pool.next = last_pool.weak ? PyObject_GetAttrString(pool, "next") : NULL;
    last_pool.running = last_pool.next ? PyObject_GetAttrString(pool, "running") : NULL;
    last_pool.pool = pool;
    last_pool.id = id ? (uint32_t)PyLong_AsUnsignedLongMask(id) : 0;
    Py_XDECREF(id);
    if (!last_pool.running || !PyDict_Check(last_pool.running)) {
        forget_last_pool();
        PyErr_Clear();
        return false;
    }
    last_pool.executor = executor;
    return true;
}

/* The dict of a pool: what each of its workers runs. */
PyObject *running_of(PyObject *pool)
{
    PyObject *running;
    if (pool == last_pool.pool) {
        running = last_pool.running;
        Py_INCREF(running);
    } else {
        running = PyObject_GetAttrString(pool, "running");
    }
    return running;
}

/* What the items of one Executor.map share; a new reference, None for an item submitted by itself. */
PyObject *group_here(void)
{
    void *map = map_code ? frame_of_code(map_code, 1, 2) : NULL;
    if (!map || !groups)
        return none();
    PyObject *key = PyLong_FromVoidPtr(map);
    PyObject *group = key ? PyDict_GetItem(groups, key) : NULL;
    Py_XINCREF(group);
    if (!group && key) {
        if (PyDict_Size(groups) > 256)
            PyDict_Clear(groups);
        group = Py_BuildValue("[O]", Py_False);
        if (!group || PyDict_SetItem(groups, key, group) < 0)
            PyErr_Clear();
    }
    Py_XDECREF(key);
    return group ? group : none();
}

/* begin_map(): the frame of an earlier call may have lain at the same address. */
PyObject *begin_map(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    void *map = map_code && groups ? frame_of_code(map_code, 0, 1) : NULL;
    PyObject *key = map ? PyLong_FromVoidPtr(map) : NULL;
    if (key && PyDict_DelItem(groups, key) < 0)
        PyErr_Clear();
    Py_XDECREF(key);
    return none();
}
