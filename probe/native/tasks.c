/* The making of tasks, and asyncio's Lock and Semaphore: what aio_tasks and aio_objects do for the usual case, without
 * Python. They keep the same tables; everything out of the ordinary is handed to the Python functions. */
#include "aio.h"

static PyObject *tell_created, *creations_used_up; /* aio_tasks._tell_created, _creations_used_up */
static long creations_left;

/* The tables of aio_objects, and its functions for what is not usual. */
static PyObject *holders, *permits, *signals, *blocked_tasks, *held_tasks, *stats;
static PyObject *blocked_slowly, *got_slowly, *got_permit_slowly, *freed_slowly, *freed_permit_slowly;
static PyObject *get_running_loop;
static PyObject *acquires_name, *contended_name, *wait_name, *hold_name, *qualname_name;
static bool looking; /* full looks at acquires, or owners only */
enum { SHORT = 1000000 };

static inline PyObject *at_address(PyObject *table, PyObject *object)
{
    PyObject *address = table ? PyLong_FromVoidPtr(object) : NULL;
    PyObject *found = address ? PyDict_GetItem(table, address) : NULL;
    Py_XDECREF(address);
    return found;
}

static inline void drop(PyObject *table, PyObject *key)
{
    if (PyDict_DelItem(table, key) < 0)
        PyErr_Clear();
}

/* ---- tasks ---- */

static uint32_t actor_in(PyObject *loop, uint32_t thread)
{
    PyObject *task;
    TaskEntry *entry = aio_running_entry(loop, &task);
    return entry ? entry->id | TASK_BIT : thread;
}

static bool create_quickly(PyObject *loop, PyObject *task, PyObject *name, PyObject *coroutine)
{
    uint32_t loop_id, thread;
    if (name != Py_None || !aio_is_task(task) || !aio_current || entry_find(task) || aio_is_done(task) ||
        !aio_loop_here(loop, &loop_id, &thread))
        return false;
    PyObject *qualname = PyObject_GetAttr(coroutine, qualname_name);
    if (!qualname || !PyUnicode_Check(qualname)) {
        PyErr_Clear();
        Py_XDECREF(qualname);
        return false;
    }
    uint32_t text = sink_string(qualname);
    Py_DECREF(qualname);
    uint32_t number = sink_next_task();
    if (!number)
        return false;
    /* The innermost frame is create_task()'s own. */
    uint32_t stack = program_stack();
    uint64_t now = clock_now();
    TaskEntry *entry = entry_new();
    if (!entry) {
        PyErr_Clear();
        return true;
    }
    entry->id = number;
    entry->stack = stack;
    entry->loop = loop_id;
    entry->made = now;
    if (entry_put(task, entry))
        ring_write(KIND_TASK_CREATE, 0, actor_in(loop, thread), now, number, stack, text);
    Py_DECREF(entry);
    return true;
}

/* created(loop, task, name, coroutine) */
static PyObject *created(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    if (count != 4 || !tell_created)
        return none();
    if (!full_detail && creations_left <= 0) {
        /* What is known of the address was another task's. */
        entry_drop(args[1]);
        if (creations_left < 0)
            return none();
        creations_left = -1;
        return PyObject_CallObject(creations_used_up, NULL);
    }
    creations_left--;
    if (create_quickly(args[0], args[1], args[2], args[3]))
        return none();
    return PyObject_CallFunctionObjArgs(tell_created, args[0], args[1], args[2], args[3], NULL);
}

static PyObject *allow_creations(PyObject *module, PyObject *number)
{
    long given = PyLong_AsLong(number);
    (void)module;
    if (PyErr_Occurred())
        return NULL;
    if (given > creations_left)
        creations_left = given;
    return none();
}

/* ---- who runs ---- */

long aio_task_now(void)
{
    if (!get_running_loop || !aio_current)
        return -1;
    PyObject *loop = PyObject_CallObject(get_running_loop, NULL);
    if (!loop) {
        PyErr_Clear();
        return -1;
    }
    long number = 0;
    if (loop != Py_None) {
        PyObject *task;
        TaskEntry *entry = aio_running_entry(loop, &task);
        if (task && task != Py_None)
            /* It runs, so what it was seen waiting for is over: Python says so. */
            number = entry && !aio_waits_seen(entry->id) ? (long)entry->id : -1;
    }
    Py_DECREF(loop);
    PyErr_Clear();
    return number;
}

/* The running task itself; borrowed, NULL for none. */
static PyObject *running_task(void)
{
    PyObject *loop = get_running_loop ? PyObject_CallObject(get_running_loop, NULL) : NULL;
    PyObject *task = loop && loop != Py_None && aio_current ? PyDict_GetItem(aio_current, loop) : NULL;
    Py_XDECREF(loop);
    PyErr_Clear();
    return task;
}

static bool holds_thread_locks(uint32_t actor)
{
    Thread *thread = thread_slot;
    for (int i = 0; thread && i < thread->count; i++)
        if (thread->held[i].actor == actor)
            return true;
    return false;
}

/* ---- taking ---- */

static void add_to(PyObject *about, PyObject *name, int64_t more)
{
    PyObject *number = PyObject_GetAttr(about, name);
    PyObject *sum = number ? PyLong_FromLongLong(PyLong_AsLongLong(number) + more) : NULL;
    if (!sum || PyObject_SetAttr(about, name, sum) < 0)
        PyErr_Clear();
    Py_XDECREF(number);
    Py_XDECREF(sum);
}

/* The hold of the usual case: a task takes something that it need not wait for, or not for long, while it holds nothing
 * else. A new reference; NULL for Python to look at it. */
static PyObject *take_quickly(PyObject *thing)
{
    long number = aio_task_now();
    if (number <= 0 || holds_thread_locks((uint32_t)number | TASK_BIT))
        return NULL;
    PyObject *hold = NULL, *mine = NULL, *weak = NULL, *list = NULL;
    PyObject *task = PyLong_FromLong(number), *address = PyLong_FromVoidPtr(thing);
    if (!task || !address)
        goto done;
    uint64_t now = clock_now();
    PyObject *waited = PyDict_GetItem(blocked_tasks, task);
    PyObject *about = PyDict_GetItem(stats, address);
    int64_t waited_ns = -1;
    if (waited) {
        PyObject *since = PyTuple_GetItem(waited, 1);
        waited_ns = since ? (int64_t)now - PyLong_AsLongLong(since) : SHORT;
        PyObject *what = PyTuple_GetItem(waited, 0);
        if (!about || !what || PyObject_RichCompareBool(what, address, Py_EQ) != 1 || waited_ns >= SHORT)
            goto done;
    }
    if (PyDict_Contains(held_tasks, task) != 0)
        goto done;
    hold = Py_BuildValue("(OIK)", task, (unsigned)program_stack(), (unsigned long long)now);
    weak = hold ? PyWeakref_NewRef(thing, NULL) : NULL;
    mine = weak ? PyTuple_Pack(3, address, hold, weak) : NULL;
    list = mine ? Py_BuildValue("[O]", mine) : NULL;
    if (!list || PyDict_SetItem(held_tasks, task, list) < 0) {
        Py_CLEAR(hold);
        goto done;
    }
    if (waited) {
        drop(blocked_tasks, task);
        add_to(about, contended_name, 1);
        add_to(about, wait_name, waited_ns > 0 ? waited_ns / 1000 : 0);
    }
    if (about)
        add_to(about, acquires_name, 1);
    aio_spend(2);
done:
    Py_XDECREF(task);
    Py_XDECREF(address);
    Py_XDECREF(weak);
    Py_XDECREF(mine);
    Py_XDECREF(list);
    PyErr_Clear();
    return hold;
}

static void set_at(PyObject *table, PyObject *thing, PyObject *value)
{
    PyObject *address = PyLong_FromVoidPtr(thing);
    if (!address || !value || PyDict_SetItem(table, address, value) < 0)
        PyErr_Clear();
    Py_XDECREF(address);
}

/* got(lock): it has been taken. */
static PyObject *got(PyObject *module, PyObject *lock)
{
    (void)module;
    if (!holders)
        return none();
    PyObject *hold = looking ? take_quickly(lock) : PyLong_FromVoidPtr(running_task());
    if (!hold)
        hold = PyObject_CallFunctionObjArgs(got_slowly, lock, NULL);
    if (!hold)
        return NULL;
    set_at(holders, lock, hold);
    Py_DECREF(hold);
    return none();
}

/* got_permit(semaphore): a permit of it has been taken. */
static PyObject *got_permit(PyObject *module, PyObject *semaphore)
{
    (void)module;
    if (!permits)
        return none();
    PyObject *hold = looking ? take_quickly(semaphore) : PyLong_FromVoidPtr(running_task());
    if (!hold)
        return PyObject_CallFunctionObjArgs(got_permit_slowly, semaphore, NULL);
    PyObject *list = at_address(permits, semaphore);
    if (list) {
        if (PyList_Append(list, hold) < 0)
            PyErr_Clear();
    } else {
        list = Py_BuildValue("[O]", hold);
        set_at(permits, semaphore, list);
        Py_XDECREF(list);
    }
    Py_DECREF(hold);
    return none();
}

/* blocked(thing): a task is about to wait for it. */
static PyObject *blocked(PyObject *module, PyObject *thing)
{
    (void)module;
    if (!looking || !blocked_tasks)
        return none();
    long number = aio_task_now();
    if (number < 0)
        return PyObject_CallFunctionObjArgs(blocked_slowly, thing, NULL);
    if (!number)
        return none();
    PyObject *address = PyLong_FromVoidPtr(thing);
    PyObject *holder = address ? PyDict_GetItem(holders, address) : NULL;
    if (!holder && address) {
        PyObject *list = PyDict_GetItem(permits, address);
        if (list && PyList_Size(list) > 0 && PySet_Contains(signals, address) == 0)
            holder = PyList_GetItem(list, 0);
    }
    PyObject *task = PyLong_FromLong(number);
    PyObject *waits = address ? Py_BuildValue("(OKO)", address, (unsigned long long)clock_now(), holder ? holder : Py_None) : NULL;
    if (!waits || !task || PyDict_SetItem(blocked_tasks, task, waits) < 0)
        PyErr_Clear();
    Py_XDECREF(waits);
    Py_XDECREF(task);
    Py_XDECREF(address);
    return none();
}

/* ---- giving back ---- */

/* True when a hold is over and nothing more is to be said of it. */
static bool release_quickly(PyObject *thing, PyObject *hold)
{
    PyObject *task = PyTuple_GetItem(hold, 0), *since = PyTuple_GetItem(hold, 2);
    PyObject *list = task && since ? PyDict_GetItem(held_tasks, task) : NULL;
    if (!list || !PyList_Check(list) || PyList_Size(list) != 1)
        return false;
    PyObject *mine = PyList_GetItem(list, 0);
    if (!PyTuple_Check(mine) || PyTuple_GetItem(mine, 1) != hold)
        return false;
    int64_t took = (int64_t)clock_now() - PyLong_AsLongLong(since);
    if (took >= SHORT)
        return false;
    PyObject *about = PyDict_Size(stats) ? at_address(stats, thing) : NULL;
    if (about)
        add_to(about, hold_name, took > 0 ? took / 1000 : 0);
    drop(held_tasks, task);
    return true;
}

/* freed(lock): it has been given back. */
static PyObject *freed(PyObject *module, PyObject *lock)
{
    (void)module;
    PyObject *hold = holders ? at_address(holders, lock) : NULL;
    if (!hold)
        return none();
    if (PyTuple_Check(hold) && !release_quickly(lock, hold))
        return PyObject_CallFunctionObjArgs(freed_slowly, lock, NULL);
    PyObject *address = PyLong_FromVoidPtr(lock);
    if (address)
        drop(holders, address);
    Py_XDECREF(address);
    return none();
}

/* freed_permit(semaphore): a permit has been given back, by whom it may be. */
static PyObject *freed_permit(PyObject *module, PyObject *semaphore)
{
    (void)module;
    PyObject *list = permits ? at_address(permits, semaphore) : NULL;
    if (!permits)
        return none();
    if (!list || PyList_Size(list) != 1)
        return PyObject_CallFunctionObjArgs(freed_permit_slowly, semaphore, NULL);
    PyObject *hold = PyList_GetItem(list, 0);
    if (PyTuple_Check(hold) && !release_quickly(semaphore, hold))
        return PyObject_CallFunctionObjArgs(freed_permit_slowly, semaphore, NULL);
    if (PyList_SetSlice(list, 0, 1, NULL) < 0)
        PyErr_Clear();
    return none();
}

static PyObject *look_at_primitives(PyObject *module, PyObject *on)
{
    (void)module;
    looking = PyObject_IsTrue(on) == 1;
    return none();
}

/* watch_tasks({name: object}); None for no more. */
static PyObject *watch_tasks(PyObject *module, PyObject *given)
{
    (void)module;
    static PyObject **const kept[] = {&tell_created, &creations_used_up, &holders, &permits, &signals, &blocked_tasks,
                                      &held_tasks, &stats, &blocked_slowly, &got_slowly, &got_permit_slowly, &freed_slowly,
                                      &freed_permit_slowly, &get_running_loop};
    static const char *const names[] = {"tell_created", "creations_used_up", "holders", "permits", "signals", "blocked_tasks",
                                        "held_tasks", "stats", "blocked", "got", "got_permit", "freed", "freed_permit", "loop"};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        Py_CLEAR(*kept[i]);
    looking = false;
    if (given == Py_None)
        return none();
    if (!PyDict_Check(given))
        return PyErr_Format(PyExc_TypeError, "a dict of what tasks need");
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (!PyDict_GetItemString(given, names[i]))
            return PyErr_Format(PyExc_ValueError, "%s is missing", names[i]);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        *kept[i] = PyDict_GetItemString(given, names[i]);
        Py_INCREF(*kept[i]);
    }
    if (!qualname_name) {
        qualname_name = PyUnicode_InternFromString("__qualname__");
        acquires_name = PyUnicode_InternFromString("acquires");
        contended_name = PyUnicode_InternFromString("contended");
        wait_name = PyUnicode_InternFromString("wait_us");
        hold_name = PyUnicode_InternFromString("hold_us");
    }
    return none();
}

static PyMethodDef methods[] = {
    {"created", (PyCFunction)(void (*)(void))created, METH_FASTCALL, "created(loop, task, name, coroutine): a task is made"},
    {"allow_creations", allow_creations, METH_O, "so many more tasks may be told of"},
    {"got", got, METH_O, "got(lock): asyncio's Lock has been taken"},
    {"got_permit", got_permit, METH_O, "got_permit(semaphore): a permit has been taken"},
    {"blocked", blocked, METH_O, "blocked(lock or semaphore): a task is about to wait for it"},
    {"freed", freed, METH_O, "freed(lock): it has been given back"},
    {"freed_permit", freed_permit, METH_O, "freed_permit(semaphore): a permit has been given back"},
    {"look_at_primitives", look_at_primitives, METH_O, "whether acquires are looked at, or their owners noted only"},
    {"watch_tasks", watch_tasks, METH_O, "watch_tasks(dict): what all of these need; None: no more"},
    {NULL, NULL, 0, NULL},
};

PyMethodDef *tasks_methods(void)
{
    return methods;
}
