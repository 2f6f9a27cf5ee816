/* Tables by addresses and numbers that cost the garbage collector nothing, and what is kept in them of tasks and of what
 * tasks hold. To Python they look like the dicts, lists and tuples that the Python core uses. */
#include "aio.h"

#include <structmember.h>

typedef struct { uint64_t key; PyObject *value; } Slot;
struct Table {
    PyObject_HEAD
    Slot *slots;
    size_t room, used;
};

static PyTypeObject *entry_type, *table_type, *hold_type, *stats_type;
Table *task_entries;

/* What was made one after the other lies side by side here too, so that who goes through many tasks in turn, as loops do,
 * finds the next one's slot in the cache. Numbers are no addresses: the next one is the next slot. */
static inline size_t place(const Table *table, uint64_t key)
{
    enum { LEAST_ADDRESS = 1 << 26 };
    uint64_t spread = key < LEAST_ADDRESS ? key : (key >> 4) + (key >> 21);
    return (size_t)spread & (table->room - 1);
}

static Slot *slot_of(const Table *table, uint64_t key)
{
    if (!table || !table->used)
        return NULL;
    for (size_t at = place(table, key); table->slots[at].value; at = (at + 1) & (table->room - 1))
        if (table->slots[at].key == key)
            return &table->slots[at];
    return NULL;
}

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

bool table_put(Table *table, uint64_t key, PyObject *value)
{
    Slot *known = slot_of(table, key);
    if (known) {
        PyObject *before = known->value;
        Py_INCREF(value);
        known->value = value;
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

static PyObject *make_of(PyTypeObject *type)
{
    allocfunc make = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    return make(type, 0);
}

TaskEntry *entry_find(const void *task)
{
    return (TaskEntry *)table_at(task_entries, (uintptr_t)task);
}

void entry_runs(const void *task, TaskEntry *entry)
{
    static TaskEntry *last; /* a reference */
    enum { FIT_INTO_CACHE = 1024 };
    if (task_entries->room <= FIT_INTO_CACHE || entry == last)
        return;
    TaskEntry *before = last;
    Py_INCREF(entry);
    last = entry;
    if (before) {
        if (before->next != (uintptr_t)task)
            before->next = (uintptr_t)task;
        Py_DECREF(before);
    }
    if (entry->next)
        __builtin_prefetch(&task_entries->slots[place(task_entries, entry->next)]);
}

bool entry_put(const void *task, TaskEntry *entry)
{
    return table_put(task_entries, (uintptr_t)task, (PyObject *)entry);
}

void entry_drop(const void *task)
{
    table_drop(task_entries, (uintptr_t)task);
}

/* ---- one entry, as the list that Python takes it for ---- */

TaskEntry *entry_new(void)
{
    return (TaskEntry *)make_of(entry_type);
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

/* ---- a hold and the totals of a lock ---- */

Hold *hold_new(uint32_t task, uint32_t stack, uint64_t at, PyObject *thing)
{
    Hold *hold = (Hold *)make_of(hold_type);
    if (!hold)
        return NULL;
    hold->task = task;
    hold->stack = stack;
    hold->at = at;
    hold->address = (uintptr_t)thing;
    hold->weak = PyWeakref_NewRef(thing, NULL);
    if (!hold->weak)
        Py_CLEAR(hold);
    return hold;
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
    PyObject_Free(self);
    Py_DECREF(type);
}

static PyType_Slot hold_slots[] = {
    {Py_sq_item, hold_item},
    {Py_tp_dealloc, hold_dealloc},
    {Py_tp_doc, "What a task holds: task, stack, since when, address, weak reference."},
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

/* ---- a table, as the dict that Python takes it for ---- */

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
        if (!one || PyList_Append(list, one) < 0)
            Py_CLEAR(list);
        Py_XDECREF(one);
    }
    return list;
}

/* unmet(met, loop, before) -> [(number, entry)] of the tasks of a loop that were made before and whose number is not in
 * the dict: few of many, so nothing is made for the others. */
static PyObject *all_unmet(PyObject *self, PyObject *args)
{
    Table *table = (Table *)self;
    PyObject *met;
    unsigned loop;
    unsigned long long before;
    if (!PyArg_ParseTuple(args, "O!IK", &PyDict_Type, &met, &loop, &before))
        return NULL;
    PyObject *list = PyList_New(0);
    for (size_t i = 0; list && i < table->room; i++) {
        Slot slot = table->slots[i];
        TaskEntry *entry = (TaskEntry *)slot.value;
        if (!entry || Py_TYPE(slot.value) != entry_type || entry->loop != loop || entry->made >= before)
            continue;
        PyObject *number = PyLong_FromUnsignedLongLong(slot.key);
        int known = number ? PyDict_Contains(met, number) : -1;
        PyObject *one = known == 0 ? Py_BuildValue("(OO)", number, slot.value) : NULL;
        Py_XDECREF(number);
        if (known < 0 || (known == 0 && (!one || PyList_Append(list, one) < 0)))
            Py_CLEAR(list);
        Py_XDECREF(one);
    }
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
    for (size_t i = 0; i < before; i++)
        Py_XDECREF(old[i].value);
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
    {"unmet", all_unmet, METH_VARARGS, "[(number, entry)] of a loop's older tasks that are not in a dict"},
    {"clear", all_clear, METH_NOARGS, "forgets all"},
    {NULL, NULL, 0, NULL},
};
static PyType_Slot all_slots[] = {
    {Py_tp_methods, all_methods},   {Py_mp_ass_subscript, all_set}, {Py_mp_subscript, all_subscript},
    {Py_mp_length, all_length},     {Py_sq_contains, all_contains}, {Py_tp_dealloc, all_dealloc},
    {Py_tp_doc, "Values by numbers."}, {0, NULL},
};
static PyType_Spec all_spec = {"interleave_probe._native.Table", sizeof(Table), 0, Py_TPFLAGS_DEFAULT, all_slots};
static PyType_Slot entry_slots[] = {
    {Py_sq_item, entry_item},
    {Py_sq_ass_item, entry_set},
    {Py_sq_length, entry_length},
    {Py_tp_dealloc, entry_dealloc},
    {Py_tp_doc, "What is kept of one task."},
    {0, NULL},
};
static PyType_Spec entry_spec = {"interleave_probe._native.Entry", sizeof(TaskEntry), 0, Py_TPFLAGS_DEFAULT, entry_slots};

static PyObject *new_table(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    return make_of(table_type);
}

/* keep_entries(table): where entries of tasks are; None for nowhere */
static PyObject *keep_entries(PyObject *module, PyObject *table)
{
    (void)module;
    Py_CLEAR(task_entries);
    if (Py_TYPE(table) == table_type) {
        Py_INCREF(table);
        task_entries = (Table *)table;
    }
    return none();
}

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
    return (PyObject *)hold_new(task, stack, at, thing);
}

static PyMethodDef methods[] = {
    {"entry", entry_from, METH_O, "entry(list) -> what is kept of one task"},
    {"keep_entries", keep_entries, METH_O, "keep_entries(table): where entries of tasks are from now on"},
    {"table", new_table, METH_NOARGS, "table() -> values by numbers"},
    {"stats", new_stats, METH_O, "stats(id) -> totals of a lock"},
    {"hold", new_hold, METH_VARARGS, "hold(task, stack, at, thing) -> what a task holds"},
    {NULL, NULL, 0, NULL},
};

static void make_type(PyTypeObject **type, PyType_Spec *spec)
{
    if (!*type)
        *type = (PyTypeObject *)PyType_FromSpec(spec);
    PyErr_Clear();
}

PyMethodDef *entries_methods(void)
{
    make_type(&entry_type, &entry_spec);
    make_type(&table_type, &all_spec);
    make_type(&hold_type, &hold_spec);
    make_type(&stats_type, &stats_spec);
    return methods;
}
