/* What aio_tasks keeps of each task, by the task's address: a table that costs the garbage collector nothing. */
#include "aio.h"

#include <string.h>

typedef struct { uintptr_t address; TaskEntry *entry; } Slot;

static PyTypeObject *entry_type, *all_type;
static Slot *slots;
static size_t room, used;

static inline size_t place(uintptr_t address)
{
    return (size_t)((uint64_t)(address >> 4) * 0x9E3779B97F4A7C15ull >> 32) & (room - 1);
}

static Slot *slot_of(uintptr_t address)
{
    if (!room)
        return NULL;
    for (size_t at = place(address); slots[at].entry; at = (at + 1) & (room - 1))
        if (slots[at].address == address)
            return &slots[at];
    return NULL;
}

TaskEntry *entry_find(const void *task)
{
    Slot *slot = slot_of((uintptr_t)task);
    return slot ? slot->entry : NULL;
}

static bool grow(void)
{
    size_t more = room ? room * 2 : 256, before = room;
    Slot *bigger = calloc(more, sizeof *bigger), *old = slots;
    if (!bigger)
        return false;
    slots = bigger;
    room = more;
    for (size_t i = 0; i < before; i++) {
        if (!old[i].entry)
            continue;
        size_t at = place(old[i].address);
        while (slots[at].entry)
            at = (at + 1) & (room - 1);
        slots[at] = old[i];
    }
    free(old);
    return true;
}

bool entry_put(const void *task, TaskEntry *entry)
{
    Slot *known = slot_of((uintptr_t)task);
    Py_INCREF(entry);
    if (known) {
        TaskEntry *before = known->entry;
        known->entry = entry;
        Py_DECREF(before);
        return true;
    }
    if ((used + 1) * 2 > room && !grow()) {
        Py_DECREF(entry);
        return false;
    }
    size_t at = place((uintptr_t)task);
    while (slots[at].entry)
        at = (at + 1) & (room - 1);
    slots[at] = (Slot){(uintptr_t)task, entry};
    used++;
    return true;
}

/* Takes an entry out; a new reference, NULL when there is none. */
static TaskEntry *take(uintptr_t address)
{
    Slot *slot = slot_of(address);
    if (!slot)
        return NULL;
    TaskEntry *entry = slot->entry;
    used--;
    size_t gap = (size_t)(slot - slots);
    for (size_t next = (gap + 1) & (room - 1); slots[next].entry; next = (next + 1) & (room - 1)) {
        size_t wanted = place(slots[next].address);
        if (((next - wanted) & (room - 1)) >= ((next - gap) & (room - 1))) {
            slots[gap] = slots[next];
            gap = next;
        }
    }
    slots[gap] = (Slot){0, NULL};
    return entry;
}

void entry_drop(const void *task)
{
    TaskEntry *entry = take((uintptr_t)task);
    Py_XDECREF(entry);
}

/* ---- one entry, as the list that Python takes it for ---- */

TaskEntry *entry_new(void)
{
    static allocfunc make;
    if (!make)
        make = (allocfunc)PyType_GetSlot(entry_type, Py_tp_alloc);
    return (TaskEntry *)make(entry_type, 0);
}

static PyObject *entry_item(PyObject *self, Py_ssize_t index)
{
    TaskEntry *entry = (TaskEntry *)self;
    switch (index) {
    case TASK_ID:
        return PyLong_FromUnsignedLong(entry->id);
    case TASK_STACK:
        return PyLong_FromUnsignedLong(entry->stack);
    case TASK_LOOP:
        return PyLong_FromUnsignedLong(entry->loop);
    case TASK_DEFINED:
        return PyBool_FromLong(entry->defined);
    case TASK_OVER:
        return entry->over == OVER_SAID ? none() : PyBool_FromLong(entry->over);
    case TASK_MADE:
        return PyLong_FromUnsignedLongLong(entry->made);
    case TASK_SINCE:
        return PyLong_FromUnsignedLongLong(entry->since);
    case TASK_PLACE:
        return PyLong_FromUnsignedLong(entry->place);
    default:
        PyErr_SetString(PyExc_IndexError, "an entry has eight places");
        return NULL;
    }
}

static int entry_set(PyObject *self, Py_ssize_t index, PyObject *value)
{
    TaskEntry *entry = (TaskEntry *)self;
    if (!value)
        return -1;
    unsigned long long number = value == Py_None ? 0 : PyLong_AsUnsignedLongLongMask(value);
    if (number == (unsigned long long)-1 && PyErr_Occurred())
        return -1;
    switch (index) {
    case TASK_ID:
        entry->id = (uint32_t)number;
        return 0;
    case TASK_STACK:
        entry->stack = (uint32_t)number;
        return 0;
    case TASK_LOOP:
        entry->loop = (uint32_t)number;
        return 0;
    case TASK_DEFINED:
        entry->defined = number != 0;
        return 0;
    case TASK_OVER:
        entry->over = value == Py_None ? OVER_SAID : number != 0;
        return 0;
    case TASK_MADE:
        entry->made = number;
        return 0;
    case TASK_SINCE:
        entry->since = number;
        return 0;
    case TASK_PLACE:
        entry->place = (uint32_t)number;
        return 0;
    default:
        PyErr_SetString(PyExc_IndexError, "an entry has eight places");
        return -1;
    }
}

static Py_ssize_t entry_length(PyObject *self)
{
    (void)self;
    return TASK_PLACE + 1;
}

static void entry_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_Free(self);
    Py_DECREF(type);
}

/* entry(list) -> entry */
static PyObject *entry_from(PyObject *module, PyObject *list)
{
    (void)module;
    TaskEntry *entry = PyList_Check(list) ? entry_new() : NULL;
    for (Py_ssize_t i = 0; entry && i <= TASK_PLACE && i < PyList_Size(list); i++)
        if (entry_set((PyObject *)entry, i, PyList_GetItem(list, i)) < 0)
            Py_CLEAR(entry);
    if (!entry && !PyErr_Occurred())
        PyErr_SetString(PyExc_TypeError, "a list of eight");
    return (PyObject *)entry;
}

/* ---- the table, as the dict that Python takes it for ---- */

static bool address_of(PyObject *number, uintptr_t *address)
{
    *address = (uintptr_t)PyLong_AsVoidPtr(number);
    return !PyErr_Occurred();
}

static PyObject *all_get(PyObject *self, PyObject *number)
{
    uintptr_t address;
    (void)self;
    if (!address_of(number, &address))
        return NULL;
    Slot *slot = slot_of(address);
    if (!slot)
        return none();
    Py_INCREF(slot->entry);
    return (PyObject *)slot->entry;
}

static PyObject *all_pop(PyObject *self, PyObject *args)
{
    PyObject *number, *otherwise = Py_None;
    uintptr_t address;
    (void)self;
    if (!PyArg_ParseTuple(args, "O|O", &number, &otherwise) || !address_of(number, &address))
        return NULL;
    TaskEntry *entry = take(address);
    if (entry)
        return (PyObject *)entry;
    Py_INCREF(otherwise);
    return otherwise;
}

static PyObject *all_items(PyObject *self, PyObject *unused)
{
    (void)self, (void)unused;
    PyObject *list = PyList_New(0);
    for (size_t i = 0; list && i < room; i++) {
        if (!slots[i].entry)
            continue;
        PyObject *pair = Py_BuildValue("(KO)", (unsigned long long)slots[i].address, slots[i].entry);
        if (!pair || PyList_Append(list, pair) < 0)
            Py_CLEAR(list);
        Py_XDECREF(pair);
    }
    return list;
}

static PyObject *all_clear(PyObject *self, PyObject *unused)
{
    (void)self, (void)unused;
    Slot *old = slots;
    size_t before = room;
    slots = NULL;
    room = used = 0;
    for (size_t i = 0; i < before; i++)
        Py_XDECREF(old[i].entry);
    free(old);
    return none();
}

static int all_set(PyObject *self, PyObject *number, PyObject *value)
{
    uintptr_t address;
    (void)self;
    if (!address_of(number, &address))
        return -1;
    if (!value) {
        entry_drop((void *)address);
        return 0;
    }
    if (Py_TYPE(value) != entry_type) {
        PyErr_SetString(PyExc_TypeError, "not an entry");
        return -1;
    }
    if (entry_put((void *)address, (TaskEntry *)value))
        return 0;
    PyErr_NoMemory();
    return -1;
}

static int all_contains(PyObject *self, PyObject *number)
{
    uintptr_t address;
    (void)self;
    if (!address_of(number, &address))
        return -1;
    return slot_of(address) != NULL;
}

static Py_ssize_t all_length(PyObject *self)
{
    (void)self;
    return (Py_ssize_t)used;
}

static PyMethodDef all_methods[] = {
    {"get", all_get, METH_O, "the entry at an address, or None"},
    {"pop", all_pop, METH_VARARGS, "takes the entry at an address out"},
    {"items", all_items, METH_NOARGS, "[(address, entry)]"},
    {"clear", all_clear, METH_NOARGS, "forgets all"},
    {NULL, NULL, 0, NULL},
};
static PyType_Slot all_slots[] = {
    {Py_tp_methods, all_methods},     {Py_mp_ass_subscript, all_set},
    {Py_mp_length, all_length},       {Py_sq_contains, all_contains},
    {Py_tp_doc, "What is kept of tasks."}, {0, NULL},
};
static PyType_Spec all_spec = {"interleave_probe._native.Entries", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, all_slots};
static PyType_Slot entry_slots[] = {
    {Py_sq_item, entry_item},
    {Py_sq_ass_item, entry_set},
    {Py_sq_length, entry_length},
    {Py_tp_dealloc, entry_dealloc},
    {Py_tp_doc, "What is kept of one task."},
    {0, NULL},
};
static PyType_Spec entry_spec = {"interleave_probe._native.Entry", sizeof(TaskEntry), 0, Py_TPFLAGS_DEFAULT, entry_slots};

/* entries() -> the table, of which there is one */
static PyObject *entries(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    return PyObject_CallObject((PyObject *)all_type, NULL);
}

static PyMethodDef methods[] = {
    {"entry", entry_from, METH_O, "entry(list) -> what is kept of one task"},
    {"entries", entries, METH_NOARGS, "entries() -> what is kept of all tasks, by their addresses"},
    {NULL, NULL, 0, NULL},
};

PyMethodDef *entries_methods(void)
{
    if (!entry_type)
        entry_type = (PyTypeObject *)PyType_FromSpec(&entry_spec);
    if (!all_type)
        all_type = (PyTypeObject *)PyType_FromSpec(&all_spec);
    PyErr_Clear();
    return methods;
}
