/* What a task holds of asyncio's locks and semaphores, and the totals of one of them: to Python like the tuples and objects
 * that the Python core uses. */
#include "aio.h"

#include <structmember.h>

static PyTypeObject *hold_type, *stats_type;

/* Where one is over the next one begins soon: in the same memory, which the cache still has. */
enum { MOST_SPARE = 64 };
static Hold *spare[MOST_SPARE];
static int spares;

Hold *hold_new(uint32_t task, uint32_t stack, uint64_t at, const void *thing)
{
    Hold *hold = spares > 0 ? spare[--spares] : PyObject_Malloc(sizeof *hold);
    if (!hold)
        return (Hold *)PyErr_NoMemory();
    PyObject_Init((PyObject *)hold, hold_type);
    hold->task = task;
    hold->stack = stack;
    hold->at = at;
    hold->address = (uintptr_t)thing;
    hold->weak = NULL;
    return hold;
}

/* Weak references to what was taken lately. */
enum { RECENT = 64 };
static PyObject *recent[RECENT], *forget_dead;

/* Where the thing has died, that one would be an object more, for a program that counts its own. */
static PyObject *forget_thing(PyObject *module, PyObject *weak)
{
    (void)module;
    for (int i = 0; i < RECENT; i++) {
        if (recent[i] != weak)
            continue;
        recent[i] = NULL;
        Py_DECREF(weak);
        break;
    }
    return none();
}

/* A new reference to a weak one, which is made once: what is taken is mostly taken again. */
static PyObject *reference_to(PyObject *thing)
{
    PyObject **place = &recent[((uintptr_t)thing >> 4) & (RECENT - 1)], *known = *place;
    if (unlikely(!known || PyWeakref_GetObject(known) != thing)) {
        PyObject *made = PyWeakref_NewRef(thing, forget_dead);
        if (!made)
            return NULL;
        /* Making it may have collected garbage, and with that what was known. */
        known = *place;
        *place = made;
        Py_XDECREF(known);
        known = made;
    }
    Py_INCREF(known);
    return known;
}

Hold *hold_of_thing(uint32_t task, uint32_t stack, uint64_t at, PyObject *thing)
{
    Hold *hold = hold_new(task, stack, at, thing);
    if (hold && !(hold->weak = reference_to(thing)))
        Py_CLEAR(hold);
    return hold;
}

COLD void hold_waited(const Hold *waited, const Hold *hold, uint32_t object, unsigned op)
{
    uint32_t actor = hold->task | TASK_BIT;
    ring_write(KIND_WAIT_BEGIN, op, actor, waited->at, object, hold->stack, 0);
    if (waited->task)
        ring_write(KIND_WAIT_OWNER, OWNER_HOLDER, actor, waited->at, object, waited->stack, waited->task | TASK_BIT);
    ring_write(KIND_WAIT_END, RESULT_DONE, actor, hold->at, object, hold->stack, 0);
}

COLD void hold_lasted(const Hold *hold, uint32_t object, uint64_t now, uint64_t took_us)
{
    ring_write(KIND_HOLD, 0, hold->task | TASK_BIT, now, object, hold->stack, took_us > UINT32_MAX ? UINT32_MAX : (uint32_t)took_us);
}

bool is_hold(PyObject *object)
{
    return Py_TYPE(object) == hold_type;
}

static PyObject *hold_item(PyObject *self, Py_ssize_t index)
{
    Hold *hold = (Hold *)self;
    switch (index) {
    case 0:
        return PyLong_FromUnsignedLong(hold->task);
    case 1:
        return PyLong_FromUnsignedLong(hold->stack);
    case 2:
        return PyLong_FromUnsignedLongLong(hold->at);
    case 3:
        return PyLong_FromUnsignedLongLong(hold->address);
    case 4:
        if (!hold->weak)
            return none();
        Py_INCREF(hold->weak);
        return hold->weak;
    default:
        PyErr_SetString(PyExc_IndexError, "a hold has five places");
        return NULL;
    }
}

static void hold_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    Py_XDECREF(((Hold *)self)->weak);
    if (spares < MOST_SPARE)
        spare[spares++] = (Hold *)self;
    else
        PyObject_Free(self);
    Py_DECREF(type);
}

static PyType_Slot hold_slots[] = {
    {Py_sq_item, hold_item},
    {Py_tp_dealloc, hold_dealloc},
    {Py_tp_doc, "What a task holds or waits for: task, stack, since when, address, and of what it holds a weak reference."},
    {0, NULL},
};
static PyType_Spec hold_spec = {"interleave_probe._native.Hold", sizeof(Hold), 0, Py_TPFLAGS_DEFAULT, hold_slots};

bool is_stats(PyObject *object)
{
    return Py_TYPE(object) == stats_type;
}

static int stats_init(PyObject *self, PyObject *args, PyObject *names)
{
    Stats *stats = (Stats *)self;
    (void)names;
    if (!PyArg_ParseTuple(args, "I", &stats->id))
        return -1;
    if (!stats->told)
        stats->told = Py_BuildValue("(ii)", 0, 0);
    return stats->told ? 0 : -1;
}

static void stats_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    Py_XDECREF(((Stats *)self)->told);
    PyObject_Free(self);
    Py_DECREF(type);
}

static PyMemberDef stats_members[] = {
    {"id", T_UINT, offsetof(Stats, id), 0, NULL},
    {"acquires", T_ULONGLONG, offsetof(Stats, acquires), 0, NULL},
    {"contended", T_ULONGLONG, offsetof(Stats, contended), 0, NULL},
    {"wait_us", T_ULONGLONG, offsetof(Stats, wait_us), 0, NULL},
    {"hold_us", T_ULONGLONG, offsetof(Stats, hold_us), 0, NULL},
    {"told", T_OBJECT, offsetof(Stats, told), 0, NULL},
    {NULL, 0, 0, 0, NULL},
};
static PyType_Slot stats_slots[] = {
    {Py_tp_init, stats_init},       {Py_tp_dealloc, stats_dealloc},
    {Py_tp_members, stats_members}, {Py_tp_doc, "Totals of one lock that something is said of."},
    {0, NULL},
};
static PyType_Spec stats_spec = {"interleave_probe._native.Stats", sizeof(Stats), 0, Py_TPFLAGS_DEFAULT, stats_slots};

static PyObject *new_stats(PyObject *module, PyObject *id)
{
    (void)module;
    return PyObject_CallFunctionObjArgs((PyObject *)stats_type, id, NULL);
}

/* hold(task, stack, at, thing) */
static PyObject *new_hold(PyObject *module, PyObject *args)
{
    unsigned task, stack;
    unsigned long long at;
    PyObject *thing;
    (void)module;
    if (!PyArg_ParseTuple(args, "IIKO", &task, &stack, &at, &thing))
        return NULL;
    return (PyObject *)hold_of_thing(task, stack, at, thing);
}

static void make_type(PyTypeObject **type, PyType_Spec *spec)
{
    if (!*type)
        *type = (PyTypeObject *)PyType_FromSpec(spec);
    PyErr_Clear();
}

PyMethodDef *holds_methods(void)
{
    static PyMethodDef methods[] = {
        {"stats", new_stats, METH_O, "stats(id) -> totals of a lock"},
        {"hold", new_hold, METH_VARARGS, "hold(task, stack, at, thing) -> what a task holds"},
        {NULL, NULL, 0, NULL},
    };
    static PyMethodDef forget = {"forget_thing", forget_thing, METH_O, NULL};
    make_type(&hold_type, &hold_spec);
    make_type(&stats_type, &stats_spec);
    if (!forget_dead)
        forget_dead = PyCFunction_New(&forget, NULL);
    PyErr_Clear();
    return methods;
}
