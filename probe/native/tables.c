/* Tables by addresses and numbers that cost the garbage collector nothing. To Python they look like the dicts that the Python core uses. */
#include "tables.h"

#include <string.h>

PyTypeObject *table_type;

/* Slots of tasks that were made one after the other, of 200 bytes and more each, are to share lines of the cache. */
enum { ANY_APART = 4, TASKS_APART = 6 };

PyObject *table_at(const Table *table, uint64_t key)
{
    Slot *slot = slot_of(table, key);
    return slot ? slot->value : NULL;
}

static bool grow(Table *table)
{
    size_t more = table->room ? table->room * 2 : 64, before = table->room;
    Slot *bigger = calloc(more, sizeof *bigger), *old = table->slots;
    if (!bigger)
        return false;
    table->slots = bigger;
    table->room = more;
    for (size_t i = 0; i < before; i++) {
        if (!old[i].value)
            continue;
        size_t at = place(table, old[i].key);
        while (bigger[at].value)
            at = (at + 1) & (more - 1);
        bigger[at] = old[i];
    }
    free(old);
    return true;
}

/* An entry is of the task at its address for as long as the table has it. */
static inline void belongs(const Table *table, PyObject *value, uint64_t key)
{
    if (table == task_entries && Py_TYPE(value) == entry_type)
        ((TaskEntry *)value)->task = (uintptr_t)key;
}

bool table_put(Table *table, uint64_t key, PyObject *value)
{
    Slot *known = slot_of(table, key);
    if (known) {
        PyObject *before = known->value;
        Py_INCREF(value);
        known->value = value;
        belongs(table, before, 0);
        belongs(table, value, key);
        Py_DECREF(before);
        return true;
    }
    if (!table || ((table->used + 1) * 2 > table->room && !grow(table)))
        return false;
    size_t at = place(table, key);
    while (table->slots[at].value)
        at = (at + 1) & (table->room - 1);
    Py_INCREF(value);
    table->slots[at] = (Slot){key, value};
    table->used++;
    belongs(table, value, key);
    return true;
}

PyObject *table_take(Table *table, uint64_t key)
{
    Slot *slot = slot_of(table, key);
    if (!slot)
        return NULL;
    PyObject *value = slot->value;
    size_t mask = table->room - 1, gap = (size_t)(slot - table->slots);
    table->used--;
    for (size_t next = (gap + 1) & mask; table->slots[next].value; next = (next + 1) & mask) {
        size_t wanted = place(table, table->slots[next].key);
        if (((next - wanted) & mask) >= ((next - gap) & mask)) {
            table->slots[gap] = table->slots[next];
            gap = next;
        }
    }
    table->slots[gap] = (Slot){0, NULL};
    belongs(table, value, 0);
    return value;
}

void table_drop(Table *table, uint64_t key)
{
    PyObject *value = table_take(table, key);
    Py_XDECREF(value);
}

Table *table_given(PyObject *given, const char *name)
{
    PyObject *value = PyDict_GetItemString(given, name);
    return value && Py_TYPE(value) == table_type ? (Table *)value : NULL;
}

/* ---- as the dict that Python takes it for ---- */

static bool key_of(PyObject *number, uint64_t *key)
{
    *key = PyLong_AsUnsignedLongLongMask(number);
    return !PyErr_Occurred();
}

static PyObject *all_get(PyObject *self, PyObject *args)
{
    PyObject *number, *value = Py_None;
    uint64_t key;
    if (!PyArg_ParseTuple(args, "O|O", &number, &value) || !key_of(number, &key))
        return NULL;
    PyObject *found = table_at((Table *)self, key);
    if (found)
        value = found;
    Py_INCREF(value);
    return value;
}

static PyObject *all_subscript(PyObject *self, PyObject *number)
{
    uint64_t key;
    if (!key_of(number, &key))
        return NULL;
    PyObject *found = table_at((Table *)self, key);
    if (!found) {
        PyErr_SetObject(PyExc_KeyError, number);
        return NULL;
    }
    Py_INCREF(found);
    return found;
}

static PyObject *all_pop(PyObject *self, PyObject *args)
{
    PyObject *number, *otherwise = Py_None;
    uint64_t key;
    if (!PyArg_ParseTuple(args, "O|O", &number, &otherwise) || !key_of(number, &key))
        return NULL;
    PyObject *value = table_take((Table *)self, key);
    if (value)
        return value;
    Py_INCREF(otherwise);
    return otherwise;
}

static int all_set(PyObject *self, PyObject *number, PyObject *value)
{
    uint64_t key;
    if (!key_of(number, &key))
        return -1;
    if (!value) {
        table_drop((Table *)self, key);
        return 0;
    }
    if (table_put((Table *)self, key, value))
        return 0;
    PyErr_NoMemory();
    return -1;
}

static PyObject *all_setdefault(PyObject *self, PyObject *args)
{
    PyObject *number, *value;
    uint64_t key;
    if (!PyArg_ParseTuple(args, "OO", &number, &value) || !key_of(number, &key))
        return NULL;
    PyObject *found = table_at((Table *)self, key);
    if (found)
        value = found;
    else if (!table_put((Table *)self, key, value))
        return PyErr_NoMemory();
    Py_INCREF(value);
    return value;
}

static PyObject *listed(Table *table, bool keys)
{
    PyObject *list = PyList_New(0);
    for (size_t i = 0; list && i < table->room; i++) {
        Slot slot = table->slots[i];
        if (!slot.value)
            continue;
        Py_INCREF(slot.value);
        PyObject *one = slot.value;
        if (keys)
            one = Py_BuildValue("(KN)", (unsigned long long)slot.key, slot.value);
        add_row(&list, one);
    }
    return list;
}

/* Ends a task that is gone, when nothing was said of it but that it was made; false for Python to say it. */
static bool ends_unseen(Table *table, uint64_t key, TaskEntry *entry, uint64_t now)
{
    if (entry->defined || (!entry->over && !aio_has_moved(entry->id)))
        return false;
    effort.looks++;
    if (!entry->over)
        ring_write(KIND_TASK_END, RESULT_UNKNOWN, entry->id | TASK_BIT, now, entry->loop, 0, 0);
    table_drop(table, key);
    return true;
}

/* unmet(loop, before, now): ends those tasks of a loop that were made before and that no look at all tasks has met since this
 * was asked last -> [(number, entry)] of those that something else is to be said of. */
static PyObject *all_unmet(PyObject *self, PyObject *args)
{
    Table *table = (Table *)self;
    unsigned loop;
    unsigned long long before, now;
    if (!PyArg_ParseTuple(args, "IKK", &loop, &before, &now))
        return NULL;
    /* Where one is taken out others move: first all are looked at. */
    uint64_t *gone = malloc((table->used + 1) * sizeof *gone);
    size_t count = 0;
    if (!gone)
        return PyErr_NoMemory();
    for (size_t i = 0; i < table->room; i++) {
        TaskEntry *entry = (TaskEntry *)table->slots[i].value;
        if (!entry || Py_TYPE((PyObject *)entry) != entry_type || entry->loop != loop)
            continue;
        if (!entry->met && entry->made < before)
            gone[count++] = table->slots[i].key;
        entry->met = 0;
    }
    PyObject *list = PyList_New(0);
    for (size_t i = 0; list && i < count; i++) {
        PyObject *entry = table_at(table, gone[i]);
        if (entry && Py_TYPE(entry) == entry_type && !ends_unseen(table, gone[i], (TaskEntry *)entry, now))
            add_row(&list, Py_BuildValue("(KO)", (unsigned long long)gone[i], entry));
    }
    free(gone);
    return list;
}

static PyObject *all_items(PyObject *self, PyObject *unused)
{
    (void)unused;
    return listed((Table *)self, true);
}

static PyObject *all_values(PyObject *self, PyObject *unused)
{
    (void)unused;
    return listed((Table *)self, false);
}

static PyObject *all_clear(PyObject *self, PyObject *unused)
{
    Table *table = (Table *)self;
    Slot *old = table->slots;
    size_t before = table->room;
    (void)unused;
    table->slots = NULL;
    table->room = table->used = 0;
    for (size_t i = 0; i < before; i++) {
        if (!old[i].value)
            continue;
        belongs(table, old[i].value, 0);
        Py_DECREF(old[i].value);
    }
    free(old);
    return none();
}

static int all_contains(PyObject *self, PyObject *number)
{
    uint64_t key;
    if (!key_of(number, &key))
        return -1;
    return slot_of((Table *)self, key) != NULL;
}

static Py_ssize_t all_length(PyObject *self)
{
    return (Py_ssize_t)((Table *)self)->used;
}

static void all_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject *cleared = all_clear(self, NULL);
    Py_XDECREF(cleared);
    PyObject_Free(self);
    Py_DECREF(type);
}

static PyMethodDef all_methods[] = {
    {"get", all_get, METH_VARARGS, "the value of a number, or None"},
    {"pop", all_pop, METH_VARARGS, "takes the value of a number out"},
    {"setdefault", all_setdefault, METH_VARARGS, "the value of a number, this one when there was none"},
    {"items", all_items, METH_NOARGS, "[(number, value)]"},
    {"values", all_values, METH_NOARGS, "[value]"},
    {"unmet", all_unmet, METH_VARARGS, "ends a loop's older tasks that no look has met: [(number, entry)] of those left to Python"},
    {"clear", all_clear, METH_NOARGS, "forgets all"},
    {NULL, NULL, 0, NULL},
};
static PyType_Slot all_slots[] = {
    {Py_tp_methods, all_methods},   {Py_mp_ass_subscript, all_set}, {Py_mp_subscript, all_subscript},
    {Py_mp_length, all_length},     {Py_sq_contains, all_contains}, {Py_tp_dealloc, all_dealloc},
    {Py_tp_doc, "Values by numbers."}, {0, NULL},
};
static PyType_Spec all_spec = {"interleave_probe._native.Table", sizeof(Table), 0, Py_TPFLAGS_DEFAULT, all_slots};
static PyObject *new_table(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    allocfunc make = (allocfunc)PyType_GetSlot(table_type, Py_tp_alloc);
    Table *table = (Table *)make(table_type, 0);
    if (table)
        table->apart = ANY_APART;
    return (PyObject *)table;
}

/* keep_entries(table): where entries of tasks are; None for nowhere */
static PyObject *keep_entries(PyObject *module, PyObject *table)
{
    (void)module;
    Py_CLEAR(task_entries);
    if (Py_TYPE(table) == table_type) {
        Py_INCREF(table);
        task_entries = (Table *)table;
        if (!task_entries->used)
            task_entries->apart = TASKS_APART;
    }
    return none();
}

static PyMethodDef methods[] = {
    {"keep_entries", keep_entries, METH_O, "keep_entries(table): where entries of tasks are from now on"},
    {"table", new_table, METH_NOARGS, "table() -> values by numbers"},
    {NULL, NULL, 0, NULL},
};

void make_type(PyTypeObject **type, PyType_Spec *spec)
{
    if (!*type)
        *type = (PyTypeObject *)PyType_FromSpec(spec);
    PyErr_Clear();
}

PyMethodDef *tables_methods(void)
{
    make_type(&table_type, &all_spec);
    return methods;
}
