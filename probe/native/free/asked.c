/* What Python asks of locks: counts, owners, what is held, waits going on. */
#include "../core.h"

#include <string.h>

typedef struct {
    void *address;
    uint64_t serial, waited, held;
    uint32_t id, acquires, contended;
} Changed;
typedef struct {
    Changed *locks;
    size_t count, room;
    bool all;
} List;

static void note_changed(Lock *lock, void *argument)
{
    List *list = argument;
    if (lock->unknown_id || (!list->all && lock->told == lock->acquires))
        return;
    if (!lock->id && (lock->role != ROLE_PROGRAM || !lock->acquires))
        return;
    if (list->count == list->room) {
        size_t more = list->room ? list->room * 2 : 256;
        Changed *bigger = realloc(list->locks, more * sizeof *bigger);
        if (!bigger)
            return;
        list->locks = bigger;
        list->room = more;
    }
    list->locks[list->count++] =
        (Changed){lock->address, lock->serial, lock->waited, lock->held, lock->id, lock->acquires, lock->contended};
    if (lock->id)
        lock->told = lock->acquires;
}

static void tell_counts(const Changed *lock)
{
    uint64_t now = clock_now();
    ring_write(KIND_COUNTS, 0, 0, now, lock->id, lock->acquires, lock->contended);
    ring_write(KIND_TOTALS, 0, 0, now, lock->id, micros(lock->waited), micros(lock->held));
}

static void is_told(const Changed *lock)
{
    Part *part = part_take(lock->address);
    Lock *now = part_find(part, lock->address);
    if (now && now->serial == lock->serial)
        now->told = lock->acquires;
    part_give(part);
}

/* flush_counts(all): the numbers of the locks that were used since. New ones are defined a few at a time. */
static PyObject *flush_counts(PyObject *module, PyObject *all)
{
    enum { DEFINED_PER_FLUSH = 500 };
    List changed = {NULL, 0, 0, PyObject_IsTrue(all) == 1};
    int defined = 0;
    (void)module;
    table_each(note_changed, &changed);
    for (size_t i = 0; i < changed.count; i++) {
        Changed *lock = &changed.locks[i];
        bool fresh = !lock->id;
        if (fresh && defined++ < DEFINED_PER_FLUSH)
            lock->id = lock_id(lock->address, lock->serial);
        if (!lock->id)
            continue;
        tell_counts(lock);
        if (fresh)
            is_told(lock);
    }
    free(changed.locks);
    return none();
}

/* open_waits() -> [(actor, op, object, stack, since, address of the lock)] of the waits that are kept here. */
static PyObject *open_waits(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    PyObject *list = PyList_New(0);
    for (Thread *thread = threads_first(); list && thread; thread = thread->next) {
        guard_take(&thread->guard);
        Going going = thread->going;
        guard_give(&thread->guard);
        if (going.since)
            add_row(&list, Py_BuildValue("(IIIIKK)", (unsigned)going.actor, (unsigned)going.op, (unsigned)going.object,
                                         (unsigned)going.stack, (unsigned long long)going.since, (unsigned long long)going.address));
    }
    return list;
}

static bool address_of(PyObject *number, void **address)
{
    *address = PyLong_AsVoidPtr(number);
    return !PyErr_Occurred();
}

/* owner(address) -> (actor, frames of the acquire, since) or None */
static PyObject *owner(PyObject *module, PyObject *number)
{
    (void)module;
    void *address;
    Lock lock;
    Context site = 0;
    if (!address_of(number, &address))
        return NULL;
    if (!table_look(address, &lock)) {
        uint32_t holder = own_holder(address, &site);
        return holder ? Py_BuildValue("(INK)", (unsigned)holder, context_frames(site), 0ull) : none();
    }
    if (!lock.owner)
        return none();
    return Py_BuildValue("(INK)", (unsigned)lock.owner, context_frames(lock.site), (unsigned long long)lock.at);
}

/* held(actor) -> [(object id, frames of the acquire)], outermost first */
static PyObject *held(PyObject *module, PyObject *number)
{
    (void)module;
    uint32_t actor = (uint32_t)PyLong_AsUnsignedLongMask(number);
    if (PyErr_Occurred())
        return NULL;
    PyObject *list = PyList_New(0);
    for (Thread *thread = threads_first(); list && thread; thread = thread->next) {
        int count;
        Held *copy = held_by(thread, actor, &count);
        for (int i = 0; list && i < count; i++) {
            uint32_t id = lock_id(copy[i].address, copy[i].serial);
            add_row(&list, Py_BuildValue("(IN)", (unsigned)id, context_frames(copy[i].site)));
        }
        free(copy);
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
    int any = 0;
    for (Thread *thread = threads_first(); thread && !any; thread = thread->next)
        free(held_by(thread, actor, &any));
    return PyBool_FromLong(any);
}

/* object_id(address, kind) -> id of the lock there, defined if need be; 0 when that cannot be */
static PyObject *object_id(PyObject *module, PyObject *args)
{
    PyObject *number;
    int kind = LOCK_PLAIN;
    void *address;
    (void)module;
    if (!PyArg_ParseTuple(args, "O|i", &number, &kind) || !address_of(number, &address))
        return NULL;
    Part *part = part_take(address);
    Lock *lock = part_find(part, address);
    if (!lock)
        lock = part_add(part, address, (uint8_t)kind);
    part_give(part);
    return PyLong_FromUnsignedLong(lock ? lock_id(address, 0) : 0);
}

/* counts(address) -> (acquires, contended, waited ns, held ns, role) or None */
static PyObject *counts(PyObject *module, PyObject *number)
{
    (void)module;
    void *address;
    Lock lock;
    if (!address_of(number, &address))
        return NULL;
    if (!table_look(address, &lock))
        return none();
    return Py_BuildValue("(IIKKi)", (unsigned)lock.acquires, (unsigned)lock.contended, (unsigned long long)lock.waited,
                         (unsigned long long)lock.held, (int)lock.role);
}

/* creation(address) -> (stack id of where the lock at an address was made, which of those made on its line, how many so
 * far), 0 where nobody looked */
static PyObject *creation(PyObject *module, PyObject *number)
{
    (void)module;
    void *address;
    Lock lock;
    memset(&lock, 0, sizeof lock);
    if (!address_of(number, &address))
        return NULL;
    table_look(address, &lock);
    return Py_BuildValue("(III)", (unsigned)context_stack(lock.created), (unsigned)lock.nth, (unsigned)made_on_line(lock.created));
}

PyMethodDef *asked_methods(void)
{
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
    return methods;
}
