/* What Python asks about locks: who holds, who waits, how often; and the counts that are written every second. */
#include "core.h"

enum { DEFINED_PER_FLUSH = 500 };

typedef struct { Lock **locks; size_t count, room; bool all; } Changed;

static void collect(Lock *lock, void *argument)
{
    Changed *changed = argument;
    if (lock->unknown_id || (!changed->all && lock->told == lock->acquires))
        return;
    if (!lock->id && (lock->role != ROLE_PROGRAM || !lock->acquires))
        return;
    if (changed->count < changed->room)
        changed->locks[changed->count++] = lock;
}

/* flush_counts(all): cumulative counts of the locks that were used since the last time, or of all. */
static PyObject *flush_counts(PyObject *module, PyObject *all)
{
    (void)module;
    Changed changed = {malloc(65536 * sizeof(Lock *)), 0, 65536, PyObject_IsTrue(all) == 1};
    if (!changed.locks)
        return none();
    table_each(collect, &changed);
    int defined = 0;
    for (size_t i = 0; i < changed.count; i++)
        if (changed.locks[i]->id)
            tell_counts(changed.locks[i]);
    /* Defining runs Python code, during which locks may die: each is looked up again by its address. */
    for (size_t i = 0; i < changed.count; i++)
        changed.locks[i] = changed.locks[i]->id ? NULL : changed.locks[i]->address;
    for (size_t i = 0; i < changed.count && defined < DEFINED_PER_FLUSH; i++) {
        Lock *lock = changed.locks[i] ? table_find(changed.locks[i]) : NULL;
        if (!lock || lock->id)
            continue;
        defined++;
        if (lock_id(lock))
            tell_counts(lock);
    }
    free(changed.locks);
    return none();
}

/* open_waits() -> [(actor, op, object, stack, since, address of the lock or of what a condition stands for)] of the waits that
 * are kept here. */
static PyObject *open_waits(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    PyObject *list = PyList_New(0);
    for (Thread *thread = threads_first(); list && thread; thread = thread->next) {
        if (!thread->waiting || !thread->wait_since)
            continue;
        PyObject *row = Py_BuildValue("(IIIIKK)", (unsigned)thread->wait_actor, (unsigned)thread->wait_op,
                                      (unsigned)thread->wait_object, (unsigned)thread->wait_stack,
                                      (unsigned long long)thread->wait_since,
                                      (unsigned long long)(uintptr_t)(thread->wait_op == WAIT_ACQUIRE ? thread->waiting->address
                                                                                              : thread->wait_subject));
        add_row(&list, row);
    }
    return list;
}

/* owner(address) -> (actor, frames of the acquire, since) or None; actor 0: a thread that a fork has left behind */
static PyObject *owner(PyObject *module, PyObject *number)
{
    (void)module;
    void *address = PyLong_AsVoidPtr(number);
    if (PyErr_Occurred())
        return NULL;
    Lock *lock = table_find(address);
    Context site = 0;
    Thread *holder = lock ? NULL : own_holder(address, &site);
    if (holder)
        return Py_BuildValue("(INK)", (unsigned)holder->id, context_frames(site), 0ull);
    if (!lock || (!lock->owner && (lock->acquires || !lock->site)))
        return none();
    return Py_BuildValue("(INK)", (unsigned)lock->owner, context_frames(lock->site), (unsigned long long)lock->at);
}

/* held(actor) -> [(object id, frames of the acquire)], outermost first */
static PyObject *held(PyObject *module, PyObject *number)
{
    (void)module;
    uint32_t actor = (uint32_t)PyLong_AsUnsignedLongMask(number);
    if (PyErr_Occurred())
        return NULL;
    PyObject *list = PyList_New(0);
    for (Thread *thread = threads_first(); list && thread; thread = thread->next)
        for (int i = 0; list && i < thread->count; i++) {
            if (thread->held[i].actor != actor)
                continue;
            uint32_t id = lock_id(thread->held[i].lock);
            if (i >= thread->count)
                break;
            PyObject *pair = Py_BuildValue("(IN)", (unsigned)id, context_frames(thread->held[i].site));
            add_row(&list, pair);
        }
    return list;
}

/* holds(actor): whether it holds any */
static PyObject *holds(PyObject *module, PyObject *number)
{
    (void)module;
    uint32_t actor = (uint32_t)PyLong_AsUnsignedLongMask(number);
    if (PyErr_Occurred())
        return NULL;
    bool any = false;
    for (Thread *thread = threads_first(); thread && !any; thread = thread->next)
        for (int i = 0; i < thread->count && !any; i++)
            any = thread->held[i].actor == actor;
    return PyBool_FromLong(any);
}

/* object_id(address, kind) -> id of the lock there, defined if need be; 0 when that cannot be */
static PyObject *object_id(PyObject *module, PyObject *args)
{
    PyObject *number;
    int kind = LOCK_PLAIN;
    (void)module;
    if (!PyArg_ParseTuple(args, "O|i", &number, &kind))
        return NULL;
    void *address = PyLong_AsVoidPtr(number);
    if (PyErr_Occurred())
        return NULL;
    Lock *lock = lock_at(address, (uint8_t)kind);
    return PyLong_FromUnsignedLong(lock ? lock_id(lock) : 0);
}

/* counts(address) -> (acquires, contended, waited ns, held ns, role) or None */
static PyObject *counts(PyObject *module, PyObject *number)
{
    (void)module;
    Lock *lock = table_find(PyLong_AsVoidPtr(number));
    if (PyErr_Occurred())
        return NULL;
    if (!lock)
        return none();
    return Py_BuildValue("(IIKKi)", (unsigned)lock->acquires, (unsigned)lock->contended,
                         (unsigned long long)lock->waited, (unsigned long long)lock->held, (int)lock->role);
}

/* creation(address) -> (stack id of where the lock at an address was made, which of those made on its line, how many so
 * far), 0 where nobody looked */
static PyObject *creation(PyObject *module, PyObject *number)
{
    (void)module;
    Lock *lock = table_find(PyLong_AsVoidPtr(number));
    if (PyErr_Occurred())
        return NULL;
    Context created = lock ? lock->created : 0;
    uint32_t nth = lock ? lock->nth : 0;
    return Py_BuildValue("(III)", (unsigned)context_stack(created), (unsigned)nth, (unsigned)made_on_line(created));
}

static PyMethodDef methods[] = {
    {"creation", creation, METH_O, "(stack, nth of its line, among so many) of where the lock at an address was made"},
    {"flush_counts", flush_counts, METH_O, "writes counts and totals of the locks used since the last time (all: true)"},
    {"open_waits", open_waits, METH_NOARGS, "(actor, op, object, stack, since, address) of the waits kept here"},
    {"owner", owner, METH_O, "(actor, frames, since) of who holds the lock at an address, or None"},
    {"held", held, METH_O, "(object, frames) of the locks an actor holds, outermost first"},
    {"holds", holds, METH_O, "whether an actor holds any lock"},
    {"object_id", object_id, METH_VARARGS, "id of the lock at an address"},
    {"counts", counts, METH_O, "(acquires, contended, waited, held, role) of the lock at an address, or None"},
    {NULL, NULL, 0, NULL},
};

PyMethodDef *holding_methods(void)
{
    return methods;
}
