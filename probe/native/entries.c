/* What is kept of each task, in a table by its address. To Python it looks like the lists that the Python core uses. */
#include "tables.h"

PyTypeObject *entry_type;
Table *task_entries;

TaskEntry *entry_find(const void *task)
{
    Slot *slot = slot_of(task_entries, (uintptr_t)task);
    return slot ? (TaskEntry *)slot->value : NULL;
}

TaskEntry *entry_next(const void *task)
{
    static TaskEntry *last;
    TaskEntry *before = last, *entry = before ? before->next : NULL;
    if (unlikely(!entry || entry->task != (uintptr_t)task)) {
        entry = entry_find(task);
        if (!entry)
            return NULL;
        /* One that is free keeps the next free one there. */
        if (before && before->task)
            before->next = entry;
    }
    last = entry;
    if (entry->next)
        __builtin_prefetch(entry->next);
    return entry;
}

bool entry_put(const void *task, TaskEntry *entry)
{
    return table_put(task_entries, (uintptr_t)task, (PyObject *)entry);
}

void entry_drop(const void *task)
{
    table_drop(task_entries, (uintptr_t)task);
}

/* ---- as the list that Python takes it for ---- */

static TaskEntry *free_entries;

static bool more_entries(void)
{
    enum { AT_ONCE = 256 };
    char *room = malloc((AT_ONCE + 1) * sizeof(TaskEntry));
    if (!room)
        return false;
    TaskEntry *first = (TaskEntry *)(room + sizeof *first - (uintptr_t)room % sizeof *first);
    memset(first, 0, AT_ONCE * sizeof *first);
    for (int i = 0; i + 1 < AT_ONCE; i++)
        first[i].next = &first[i + 1];
    free_entries = first;
    return true;
}

TaskEntry *entry_new(void)
{
    _Static_assert(sizeof(TaskEntry) == 64, "an entry is a line of the cache");
    if (!free_entries && !more_entries())
        return NULL;
    TaskEntry *entry = free_entries;
    free_entries = entry->next;
    memset(entry, 0, sizeof *entry);
    PyObject_Init((PyObject *)entry, entry_type);
    return entry;
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
    TaskEntry *entry = (TaskEntry *)self;
    PyTypeObject *type = Py_TYPE(self);
    entry->task = 0;
    entry->next = free_entries;
    free_entries = entry;
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

static PyType_Slot entry_slots[] = {
    {Py_sq_item, entry_item},
    {Py_sq_ass_item, entry_set},
    {Py_sq_length, entry_length},
    {Py_tp_dealloc, entry_dealloc},
    {Py_tp_doc, "What is kept of one task."},
    {0, NULL},
};
static PyType_Spec entry_spec = {"interleave_probe._native.Entry", sizeof(TaskEntry), 0, Py_TPFLAGS_DEFAULT, entry_slots};

static PyMethodDef methods[] = {
    {"entry", entry_from, METH_O, "entry(list) -> what is kept of one task"},
    {NULL, NULL, 0, NULL},
};

PyMethodDef *entries_methods(void)
{
    make_type(&entry_type, &entry_spec);
    return methods;
}
