/* Work of ThreadPoolExecutor and ProcessPoolExecutor: what pools.py does for each item, without Python. */
#include "items.h"

#include <stddef.h>
#include <structmember.h>

/* One piece of work, as pools.Item. It refers to its pool only, which knows its executor weakly: no cycle goes through it. */
typedef struct {
    PyObject_HEAD
    PyObject *pool, *group;
    unsigned long long address;
    unsigned number, worker, error, name, pool_id;
    bool in_process;
} Item;

static PyTypeObject *item_type;
static PyObject *items; /* the table of pools: address of a future -> Item */
static PyObject *used_up, *name_of, *new_worker, *failing;
static PyObject *future_name, *state_name, *shutdown_name, *broken_name, *qualname_name, *count_name, *exception_name;
static long items_left;

static bool is_set(PyObject *object, PyObject *name)
{
    PyObject *value = PyObject_GetAttr(object, name);
    bool yes = value != Py_False && (!value || PyObject_IsTrue(value) != 0);
    Py_XDECREF(value);
    PyErr_Clear();
    return yes;
}

uint32_t item_name(PyObject *function)
{
    static PyTypeObject *plain;
    if (!plain && map_code && Py_TYPE(function) == Py_TYPE(pool_of))
        plain = Py_TYPE(pool_of);
    PyObject *text = plain && Py_TYPE(function) == plain ? PyObject_GetAttr(function, qualname_name)
                                                         : PyObject_CallFunctionObjArgs(name_of, function, NULL);
    uint32_t id = text && PyUnicode_CheckExact(text) ? sink_string(text) : 0;
    Py_XDECREF(text);
    PyErr_Clear();
    return id;
}

static Item *new_item(void)
{
    static allocfunc make;
    if (!make)
        make = (allocfunc)PyType_GetSlot(item_type, Py_tp_alloc);
    return (Item *)make(item_type, 0);
}

/* An item of the pool that was asked for last; its number is what `next` gives, or `number`. */
static Item *item_of_last(PyObject *next, PyObject *number)
{
    /* Before anything that may let another thread in, which may ask for another pool. */
    PyObject *pool = last_pool.pool;
    uint32_t pool_id = last_pool.id;
    Py_INCREF(pool);
    PyObject *given = next ? PyObject_CallObject(next, NULL) : NULL;
    Item *item = given || number ? new_item() : NULL;
    if (item) {
        effort.items++;
        item->pool = pool;
        item->pool_id = pool_id;
        item->number = (unsigned)PyLong_AsUnsignedLongMask(given ? given : number);
    } else {
        Py_DECREF(pool);
    }
    Py_XDECREF(given);
    return item;
}

static void tell_submit(Thread *thread, Item *item)
{
    item->group = group_here();
    uint32_t stack = program_stack();
    ring_write(KIND_SUBMIT, 0, actor_now(thread), clock_now(), item->pool_id, stack, item->number);
}

/* submit(executor, function) -> item, or None when it is not told of one by one */
static PyObject *submit(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    /* First of all, as it is so for most of the items of a busy pool. */
    if (!full_detail && items_left < 0)
        return none();
    Thread *thread = count == 2 && pool_of ? thread_here() : NULL;
    if (!thread || !ring_open || is_set(args[0], shutdown_name) || is_set(args[0], broken_name))
        return none();
    if (!full_detail && items_left == 0) {
        items_left = -1;
        return PyObject_CallObject(used_up, NULL);
    }
    if (!find_pool(args[0]))
        return none();
    if (items_left > 0)
        items_left--;
    Item *item = item_of_last(last_pool.next, NULL);
    if (!item)
        return NULL;
    item->name = item_name(args[1]);
    tell_submit(thread, item);
    return (PyObject *)item;
}

/* Beside the work item, not in it: one attribute more would make each work item of the program longer, as all of a type share
   their keys, and the garbage collector a fifth slower where many of them wait. */
static PyObject *keep(Item *item, PyObject *future)
{
    item->address = (unsigned long long)(uintptr_t)future;
    PyObject *address = PyLong_FromVoidPtr(future);
    int failed = !address || PyDict_SetItem(items, address, (PyObject *)item) < 0;
    Py_XDECREF(address);
    return failed ? NULL : none();
}

/* put(item, future): it is about to stand in the queue. */
static PyObject *put(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    if (count != 2 || Py_TYPE(args[0]) != item_type || !items)
        return none();
    return keep((Item *)args[0], args[1]);
}

/* submit_to_process(executor, future): it is about to be sent to a worker. */
static PyObject *submit_to_process(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    Thread *thread = count == 2 && items && ring_open ? thread_here() : NULL;
    if (!thread || !find_pool(args[0]))
        return none();
    PyObject *number = PyObject_GetAttr(args[0], count_name);
    Item *item = number ? item_of_last(NULL, number) : NULL;
    Py_XDECREF(number);
    if (!item)
        return NULL;
    item->in_process = true;
    PyObject *done = keep(item, args[1]);
    if (done)
        tell_submit(thread, item);
    Py_DECREF(item);
    return done;
}

static void drop(unsigned long long address)
{
    PyObject *key = PyLong_FromUnsignedLongLong(address);
    if (!key || !items || PyDict_DelItem(items, key) < 0)
        PyErr_Clear();
    Py_XDECREF(key);
}

/* A new reference to the item of a work item's future, which is of a pool of processes or of threads; NULL for none. */
static Item *item_of(PyObject *work, bool in_process)
{
    PyObject *future = PyObject_GetAttr(work, future_name);
    PyObject *key = future ? PyLong_FromVoidPtr(future) : NULL;
    PyObject *item = key ? PyDict_GetItem(items, key) : NULL;
    bool found = item && Py_TYPE(item) == item_type && ((Item *)item)->in_process == in_process;
    if (found)
        Py_INCREF(item);
    Py_XDECREF(key);
    Py_XDECREF(future);
    PyErr_Clear();
    return found ? (Item *)item : NULL;
}

/* done_by_process(work, result): its result is there. */
static PyObject *done_by_process(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    Item *item = count == 2 && items ? item_of(args[0], true) : NULL;
    if (!item)
        return none();
    PyObject *error = PyObject_GetAttr(args[1], exception_name);
    if (error && error != Py_None)
        Py_XDECREF(PyObject_CallFunctionObjArgs(failing, args[0], error, NULL));
    Py_XDECREF(error);
    drop(item->address);
    Py_DECREF(item);
    return PyErr_Occurred() ? NULL : none();
}

static bool is_cancelled(PyObject *work)
{
    PyObject *future = PyObject_GetAttr(work, future_name);
    PyObject *state = future ? PyObject_GetAttr(future, state_name) : NULL;
    bool yes = state && PyUnicode_Check(state) && PyUnicode_CompareWithASCIIString(state, "CANCELLED") == 0;
    Py_XDECREF(state);
    Py_XDECREF(future);
    PyErr_Clear();
    return yes;
}

/* begin(work) -> its item, None when it is not told of: the worker takes it. */
static PyObject *begin(PyObject *module, PyObject *work)
{
    (void)module;
    Thread *thread = ring_open && items ? thread_here() : NULL;
    Item *item = thread ? item_of(work, false) : NULL;
    if (!item)
        return none();
    if (is_cancelled(work)) {
        drop(item->address);
        Py_DECREF(item);
        return none();
    }
    uint32_t worker = thread->id ? thread->id : thread_ask_id(thread);
    if (thread->pool != item->pool_id) {
        Py_XDECREF(PyObject_CallFunction(new_worker, "OI", item->pool, (unsigned)worker));
        thread->pool = item->pool_id;
    }
    effort.items++;
    item->worker = worker;
    PyObject *running = running_of(item->pool);
    PyObject *key = PyLong_FromUnsignedLong(worker), *number = PyLong_FromUnsignedLong(item->number);
    if (!running || !key || !number || PyDict_SetItem(running, key, number) < 0)
        PyErr_Clear();
    Py_XDECREF(running);
    Py_XDECREF(key);
    Py_XDECREF(number);
    ring_write(KIND_ITEM_START, 0, worker, clock_now(), item->pool_id, item->name, item->number);
    PyErr_Clear();
    return (PyObject *)item;
}

/* end(item): its work has run. */
static PyObject *end(PyObject *module, PyObject *given)
{
    (void)module;
    Item *item = (Item *)given;
    if (!items || Py_TYPE(given) != item_type)
        return none();
    drop(item->address);
    effort.items++;
    if (item->worker) {
        PyObject *running = running_of(item->pool), *key = PyLong_FromUnsignedLong(item->worker);
        if (!running || !key || PyDict_DelItem(running, key) < 0)
            PyErr_Clear();
        Py_XDECREF(running);
        Py_XDECREF(key);
        ring_write(KIND_ITEM_END, 0, item->worker, clock_now(), item->pool_id, item->error, item->number);
    }
    return none();
}

/* drop_item(work): it will never run. */
static PyObject *drop_item(PyObject *module, PyObject *work)
{
    (void)module;
    Item *item = items ? item_of(work, false) : NULL;
    if (item)
        drop(item->address);
    Py_XDECREF(item);
    return none();
}

static PyObject *allow_items(PyObject *module, PyObject *number)
{
    long given = PyLong_AsLong(number);
    (void)module;
    if (PyErr_Occurred())
        return NULL;
    if (given > items_left)
        items_left = given;
    return none();
}

/* watch_items({name: object}); None for no more. */
static PyObject *watch_items(PyObject *module, PyObject *given)
{
    (void)module;
    static PyObject **const kept[] = {&items, &groups, &pool_of, &used_up, &name_of, &new_worker, &failing, &map_code};
    static const char *const names[] = {"items", "groups", "pool_of", "used_up", "name_of", "new_worker", "failing", "map"};
    forget_last_pool();
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        Py_CLEAR(*kept[i]);
    for (Thread *thread = threads_first(); thread; thread = thread->next)
        thread->pool = 0;
    if (given == Py_None)
        return none();
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (!PyDict_Check(given) || !PyDict_GetItemString(given, names[i]))
            return PyErr_Format(PyExc_ValueError, "%s is missing", names[i]);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        *kept[i] = PyDict_GetItemString(given, names[i]);
        Py_INCREF(*kept[i]);
    }
    if (!qualname_name) {
        future_name = PyUnicode_InternFromString("future");
        state_name = PyUnicode_InternFromString("_state");
        shutdown_name = PyUnicode_InternFromString("_shutdown");
        broken_name = PyUnicode_InternFromString("_broken");
        count_name = PyUnicode_InternFromString("_queue_count");
        exception_name = PyUnicode_InternFromString("exception");
        qualname_name = PyUnicode_InternFromString("__qualname__");
    }
    return none();
}

static PyMethodDef methods[] = {
    {"submit", (PyCFunction)(void (*)(void))submit, METH_FASTCALL, "submit(executor, function) -> item or None"},
    {"put", (PyCFunction)(void (*)(void))put, METH_FASTCALL, "put(item, future): it goes into the queue"},
    {"submit_to_process", (PyCFunction)(void (*)(void))submit_to_process, METH_FASTCALL, "submit_to_process(executor, future)"},
    {"done_by_process", (PyCFunction)(void (*)(void))done_by_process, METH_FASTCALL, "done_by_process(work, result)"},
    {"begin_item", begin, METH_O, "begin_item(work) -> item or None: a worker takes it"},
    {"end_item", end, METH_O, "end_item(item): it has run"},
    {"drop_item", drop_item, METH_O, "drop_item(work): it will never run"},
    {"allow_items", allow_items, METH_O, "so many more items may be told of"},
    {"begin_map", begin_map, METH_NOARGS, "Executor.map() begins: what it submits belongs together"},
    {"watch_items", watch_items, METH_O, "watch_items(dict): what all of these need; None: no more"},
    {NULL, NULL, 0, NULL},
};

static void item_dealloc(PyObject *self)
{
    Item *item = (Item *)self;
    Py_XDECREF(item->pool);
    Py_XDECREF(item->group);
    PyTypeObject *type = Py_TYPE(self);
    PyObject_Free(self);
    Py_DECREF(type);
}

static PyMemberDef members[] = {
    {"pool", T_OBJECT, offsetof(Item, pool), READONLY, NULL},
    {"group", T_OBJECT, offsetof(Item, group), READONLY, NULL},
    {"number", T_UINT, offsetof(Item, number), READONLY, NULL},
    {"worker", T_UINT, offsetof(Item, worker), 0, NULL},
    {"error", T_UINT, offsetof(Item, error), 0, NULL},
    {"address", T_ULONGLONG, offsetof(Item, address), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};
static PyType_Slot slots[] = {
    {Py_tp_dealloc, item_dealloc},
    {Py_tp_members, members},
    {Py_tp_doc, "One piece of work that is told of."},
    {0, NULL},
};
static PyType_Spec spec = {"interleave_probe._native.Item", sizeof(Item), 0, Py_TPFLAGS_DEFAULT, slots};

PyMethodDef *items_methods(void)
{
    if (!item_type)
        item_type = (PyTypeObject *)PyType_FromSpec(&spec);
    PyErr_Clear();
    return methods;
}
