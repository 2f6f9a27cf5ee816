/* The making of tasks, and asyncio's Lock and Semaphore: what aio_tasks and aio_objects do for the usual case, without
 * Python. They keep the same tables; everything out of the ordinary is handed to the Python functions. */
#include "aio.h"

static PyObject *tell_created, *creations_used_up; /* aio_tasks._tell_created, _creations_used_up */
static long creations_left;

/* The tables of aio_objects, and its functions for what is not usual. */
static Table *holders, *permits, *blocked_tasks, *held_tasks, *stats;
static PyObject *signals;
static PyObject *blocked_slowly, *got_slowly, *got_permit_slowly, *freed_slowly, *freed_permit_slowly;
static PyObject *get_running_loop;
static PyObject *qualname_name;
#define asked_of(...) (effort.asks++, PyObject_CallFunctionObjArgs(__VA_ARGS__))
static bool looking; /* full looks at acquires, or owners only */
enum { SHORT = 1000000 };
/* A first step that a task runs while it is made takes no longer, mostly. */
enum { FIRST_STEP = 50 * 1000000 };

/* ---- tasks ---- */

static uint32_t actor_in(PyObject *loop, uint32_t thread)
{
    PyObject *task;
    TaskEntry *entry = aio_running_entry(loop, &task);
    return entry ? entry->id | TASK_BIT : thread;
}

/* A task becomes known: borrowed, NULL for Python to say it. */
static TaskEntry *tell(PyObject *loop, PyObject *task, PyObject *coroutine, bool made_here)
{
    uint32_t loop_id, thread;
    if (!aio_loop_here(loop, &loop_id, &thread))
        return NULL;
    PyObject *qualname = PyObject_GetAttr(coroutine, qualname_name);
    if (!qualname || !PyUnicode_Check(qualname)) {
        PyErr_Clear();
        Py_XDECREF(qualname);
        return NULL;
    }
    uint32_t text = sink_string(qualname);
    Py_DECREF(qualname);
    uint32_t number = sink_next_task();
    if (!number)
        return NULL;
    /* The innermost frame is create_task()'s own. */
    uint32_t stack = made_here ? program_stack() : 0;
    uint64_t now = clock_now();
    TaskEntry *entry = entry_new();
    if (!entry)
        return NULL;
    entry->id = number;
    entry->stack = stack;
    entry->loop = loop_id;
    entry->made = now;
    bool kept = entry_put(task, entry);
    Py_DECREF(entry);
    if (!kept)
        return NULL;
    ring_write(KIND_TASK_CREATE, 0, actor_in(loop, thread), now, number, stack, text);
    return entry;
}

static bool create_quickly(PyObject *loop, PyObject *task, PyObject *name, PyObject *coroutine)
{
    if (name != Py_None || !aio_is_task(task) || !aio_tells_tasks() || entry_find(task) || aio_is_done(task))
        return false;
    return tell(loop, task, coroutine, true) != NULL;
}

TaskEntry *aio_met(PyObject *loop, PyObject *task)
{
    if (!aio_tells_tasks() || !tell_created)
        return NULL;
    PyObject *coroutine = aio_coroutine_of(task);
    TaskEntry *entry = coroutine ? tell(loop, task, coroutine, false) : NULL;
    Py_XDECREF(coroutine);
    PyErr_Clear();
    return entry;
}

/* created(loop, task, name, coroutine) */
static PyObject *created(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    if (count != 4 || !tell_created)
        return none();
    if (!full_detail && creations_left <= 0) {
        /* What is known of the address was another task's, which is gone, unless that one runs its first step while it is made. */
        TaskEntry *before = entry_find(args[1]);
        if (before) {
            uint64_t now = clock_now();
            if (!before->over && (before->stack || before->since || now - before->made > FIRST_STEP))
                ring_write(KIND_TASK_END, RESULT_UNKNOWN, before->id | TASK_BIT, now, before->loop, 0, 0);
            entry_drop(args[1]);
        }
        if (creations_left < 0)
            return none();
        creations_left = -1;
        return PyObject_CallObject(creations_used_up, NULL);
    }
    creations_left--;
    effort.looks++;
    if (create_quickly(args[0], args[1], args[2], args[3]))
        return none();
    return asked_of(tell_created, args[0], args[1], args[2], args[3], NULL);
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

/* The loop that runs in this thread; borrowed, NULL for none. To ask asyncio takes a system call up to 3.11. */
static PyObject *loop_here(void)
{
    PyObject *loop = thread_slot ? thread_slot->loop : NULL;
    if (likely(loop))
        return loop;
    loop = get_running_loop ? PyObject_CallObject(get_running_loop, NULL) : NULL;
    if (!loop)
        PyErr_Clear();
    if (loop == Py_None)
        Py_CLEAR(loop);
    Py_XDECREF(loop); /* it runs: whoever runs it has it */
    return loop;
}

long aio_task_now(void)
{
    if (!get_running_loop || !aio_tells_tasks())
        return -1;
    PyObject *loop = loop_here();
    if (!loop)
        return 0;
    PyObject *task;
    long number = 0;
    TaskEntry *entry = aio_running_entry(loop, &task);
    if (task && task != Py_None)
        /* It runs, so what it was seen waiting for is over: Python says so. */
        number = entry && aio_has_moved(entry->id) ? (long)entry->id : -1;
    return number;
}

/* The running task itself; borrowed, NULL for none. */
static PyObject *running_task(void)
{
    return aio_running_task(loop_here());
}

/* ---- taking ---- */

/* The task of a holder that was not looked at closely: its address alone is known. */
static uint32_t hold_task(PyObject *holder)
{
    void *address = PyLong_Check(holder) ? PyLong_AsVoidPtr(holder) : NULL;
    TaskEntry *entry = address ? entry_find(address) : NULL;
    return entry ? entry->id : 0;
}

/* The hold of the usual case: a task takes something that it need not wait for, or whose waits have been told of before, while
 * it holds nothing else. A new reference; NULL for Python to look at it. */
static PyObject *take_quickly(PyObject *thing, unsigned op)
{
    effort.looks++;
    long number = aio_task_now();
    if (number <= 0 || table_at(held_tasks, (uint64_t)number) || aio_holds_locks((uint32_t)number | TASK_BIT))
        return NULL;
    uint64_t now = clock_now();
    PyObject *about = table_at(stats, (uintptr_t)thing);
    PyObject *waited = table_at(blocked_tasks, (uint64_t)number);
    int64_t waited_ns = 0;
    if (about && !is_stats(about))
        return NULL;
    if (waited) {
        if (!about || !is_hold(waited) || ((Hold *)waited)->address != (uintptr_t)thing)
            return NULL;
        waited_ns = (int64_t)(now - ((Hold *)waited)->at);
    }
    Py_XINCREF(waited); /* a stack that is new is written by Python code, and another thread may forget the wait meanwhile */
    Hold *hold = hold_of_thing((uint32_t)number, program_stack(), now, thing);
    if (!hold) {
        Py_XDECREF(waited);
        PyErr_Clear();
        return NULL;
    }
    /* Python makes a list of it when there are more. */
    table_put(held_tasks, (uint64_t)number, (PyObject *)hold);
    if (waited) {
        if (unlikely(waited_ns >= SHORT))
            hold_waited((Hold *)waited, hold, ((Stats *)about)->id, op);
        table_drop(blocked_tasks, (uint64_t)number);
        Py_DECREF(waited);
        ((Stats *)about)->contended++;
        ((Stats *)about)->wait_us += (uint64_t)(waited_ns > 0 ? waited_ns / 1000 : 0);
    }
    if (about)
        ((Stats *)about)->acquires++;
    aio_spend(2);
    return (PyObject *)hold;
}

/* Who holds it now, looked at closely or not; a new reference, NULL for Python to say. */
static PyObject *hold_of(PyObject *thing, unsigned op)
{
    if (looking)
        return take_quickly(thing, op);
    effort.looks += 2; /* with what is done when it is given back */
    return PyLong_FromVoidPtr(running_task());
}

/* got(lock): it has been taken. */
static PyObject *got(PyObject *module, PyObject *lock)
{
    (void)module;
    if (!got_slowly)
        return none();
    PyObject *hold = hold_of(lock, WAIT_ACQUIRE);
    if (!hold)
        hold = asked_of(got_slowly, lock, NULL);
    if (!hold)
        return NULL;
    table_put(holders, (uintptr_t)lock, hold);
    Py_DECREF(hold);
    return none();
}

/* got_permit(semaphore): a permit of it has been taken. */
static PyObject *got_permit(PyObject *module, PyObject *semaphore)
{
    (void)module;
    if (!got_permit_slowly)
        return none();
    PyObject *hold = hold_of(semaphore, WAIT_SEMAPHORE);
    if (!hold)
        return asked_of(got_permit_slowly, semaphore, NULL);
    PyObject *before = table_at(permits, (uintptr_t)semaphore);
    if (!before || (PyList_Check(before) && PyList_Size(before) == 0)) {
        /* A list is made of it when there are more. */
        table_put(permits, (uintptr_t)semaphore, hold);
    } else if (PyList_Check(before)) {
        if (PyList_Append(before, hold) < 0)
            PyErr_Clear();
    } else {
        PyObject *list = Py_BuildValue("[OO]", before, hold);
        if (list)
            table_put(permits, (uintptr_t)semaphore, list);
        else
            PyErr_Clear();
        Py_XDECREF(list);
    }
    Py_DECREF(hold);
    return none();
}

/* blocked(thing): a task is about to wait for it. */
static PyObject *blocked(PyObject *module, PyObject *thing)
{
    (void)module;
    if (!looking || !blocked_slowly)
        return none();
    long number = aio_task_now();
    if (number == 0)
        return none();
    /* Who has it is said only of waits that last; the usual one is over before. */
    Hold *since = number > 0 ? hold_new((uint32_t)number, 0, clock_now(), thing) : NULL;
    if (!since) {
        PyErr_Clear();
        return asked_of(blocked_slowly, thing, NULL);
    }
    PyObject *holder = table_at(holders, (uintptr_t)thing);
    if (!holder) {
        holder = table_at(permits, (uintptr_t)thing);
        if (holder && PyList_Check(holder))
            holder = PyList_Size(holder) > 0 ? PyList_GetItem(holder, 0) : NULL;
        PyObject *address = holder ? PyLong_FromVoidPtr(thing) : NULL;
        if (address && PySet_Contains(signals, address) != 0)
            holder = NULL;
        Py_XDECREF(address);
    }
    if (holder && is_hold(holder)) {
        /* What aio_objects says of the holder, kept in the place of the waiter's own. */
        since->task = ((Hold *)holder)->task;
        since->stack = ((Hold *)holder)->stack;
    } else {
        since->task = holder ? hold_task(holder) : 0;
    }
    table_put(blocked_tasks, (uint64_t)number, (PyObject *)since);
    Py_DECREF(since);
    if (unlikely(PyErr_Occurred() != NULL))
        PyErr_Clear();
    return none();
}

/* ---- giving back ---- */

/* True when a hold is over and nothing more is to be said of it. */
static bool release_quickly(PyObject *object)
{
    Hold *hold = (Hold *)object;
    effort.looks++;
    PyObject *held = table_at(held_tasks, hold->task);
    if (held != object && !(held && PyList_Check(held) && PyList_Size(held) == 1 && PyList_GetItem(held, 0) == object))
        return false;
    uint64_t now = clock_now();
    int64_t took = (int64_t)(now - hold->at);
    PyObject *about = table_at(stats, hold->address);
    bool known = about && is_stats(about);
    if (unlikely(took >= SHORT)) {
        /* An object that nothing has been said of is Python's to tell of. */
        if (!known)
            return false;
        hold_lasted(hold, ((Stats *)about)->id, now, (uint64_t)took / 1000);
    }
    if (known)
        ((Stats *)about)->hold_us += (uint64_t)(took > 0 ? took / 1000 : 0);
    table_drop(held_tasks, hold->task);
    return true;
}

/* freed(lock): it has been given back. */
static PyObject *freed(PyObject *module, PyObject *lock)
{
    (void)module;
    PyObject *hold = table_at(holders, (uintptr_t)lock);
    if (!hold)
        return none();
    if (is_hold(hold) ? !release_quickly(hold) : !PyLong_Check(hold))
        return asked_of(freed_slowly, lock, NULL);
    table_drop(holders, (uintptr_t)lock);
    return none();
}

/* freed_permit(semaphore): a permit has been given back, by whom it may be. */
static PyObject *freed_permit(PyObject *module, PyObject *semaphore)
{
    (void)module;
    if (!freed_permit_slowly)
        return none();
    PyObject *all = table_at(permits, (uintptr_t)semaphore), *hold = all;
    if (all && PyList_Check(all))
        hold = PyList_Size(all) == 1 ? PyList_GetItem(all, 0) : NULL;
    if (!hold || (is_hold(hold) ? !release_quickly(hold) : !PyLong_Check(hold)))
        return asked_of(freed_permit_slowly, semaphore, NULL);
    if (hold == all)
        table_drop(permits, (uintptr_t)semaphore);
    else if (PyList_SetSlice(all, 0, 1, NULL) < 0)
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
    static PyObject **const kept[] = {&tell_created, &creations_used_up, &signals, &blocked_slowly, &got_slowly,
                                      &got_permit_slowly, &freed_slowly, &freed_permit_slowly, &get_running_loop};
    static const char *const names[] = {"tell_created", "creations_used_up", "signals", "blocked", "got", "got_permit", "freed",
                                        "freed_permit", "loop"};
    static Table **const tables[] = {&holders, &permits, &blocked_tasks, &held_tasks, &stats};
    static const char *const table_names[] = {"holders", "permits", "blocked_tasks", "held_tasks", "stats"};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        Py_CLEAR(*kept[i]);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        Py_CLEAR(*tables[i]);
    looking = false;
    if (given == Py_None)
        return none();
    if (!PyDict_Check(given))
        return PyErr_Format(PyExc_TypeError, "a dict of what tasks need");
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (!PyDict_GetItemString(given, names[i]))
            return PyErr_Format(PyExc_ValueError, "%s is missing", names[i]);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (!table_given(given, table_names[i]))
            return PyErr_Format(PyExc_ValueError, "%s is missing", table_names[i]);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        *kept[i] = PyDict_GetItemString(given, names[i]);
        Py_INCREF(*kept[i]);
    }
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        *tables[i] = table_given(given, table_names[i]);
        Py_INCREF(*tables[i]);
    }
    if (!qualname_name)
        qualname_name = PyUnicode_InternFromString("__qualname__");
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
