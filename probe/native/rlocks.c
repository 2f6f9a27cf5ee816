/* _thread.RLock: its methods replaced inside the type's own dict. Only the outermost acquire and release count. */
#include "core.h"

#include <limits.h>

static Original acquire_original, release_original, exit_original, save_original,
    restore_original, reset_original;
static HookedType replaced;
/* The owner at 24, the count behind it, as trying them out showed. Both are `unsigned long`, but for the owner since 3.13,
 * which has 8 bytes on Windows too, and the count since 3.14, which has 8 and does not count the first acquire. */
enum { OWNER_AT = 24 };
static int count_at;
static bool inner_is_byte;

#define INNER(self) (*(PyThread_type_lock *)((char *)(self) + INNER_AT))
#define COUNT(self) (*(unsigned long *)((char *)(self) + count_at))
#define LEVEL(self) (*(size_t *)((char *)(self) + count_at))

static inline unsigned long long owner_of(PyObject *self)
{
    char *owner = (char *)self + OWNER_AT;
    return count_at == OWNER_AT + 8 ? *(unsigned long long *)owner : *(uint32_t *)owner;
}

static inline void set_owner(PyObject *self, unsigned long long owner)
{
    char *place = (char *)self + OWNER_AT;
    if (count_at == OWNER_AT + 8)
        *(unsigned long long *)place = owner;
    else
        *(uint32_t *)place = (uint32_t)owner;
}

static inline unsigned long depth_of(PyObject *self)
{
    if (!inner_is_byte)
        return COUNT(self);
    return owner_of(self) ? (unsigned long)LEVEL(self) + 1 : 0;
}

/* Of a lock that is held before and after. */
static inline void set_depth(PyObject *self, unsigned long depth)
{
    if (inner_is_byte)
        LEVEL(self) = depth - 1;
    else
        COUNT(self) = depth;
}

/* To a thread that waited for it and does not have the GIL yet. */
static inline bool is_given(PyObject *self)
{
    return !inner_is_byte && inner_busy(INNER(self));
}

/* What the original does for a free lock. */
static inline bool take(PyObject *self)
{
    if (!(inner_is_byte ? byte_swap(self, 0, 1) : inner_take(INNER(self))))
        return false;
    set_owner(self, PyThread_get_thread_ident());
    if (!inner_is_byte)
        COUNT(self) = 1;
    return true;
}

/* And for one that is held once; false when it must do it. */
static inline bool give(PyObject *self)
{
    if (inner_is_byte) {
        if (*INNER_BYTE(self) != 1) /* who waits is woken */
            return false;
        set_owner(self, 0);
        if (byte_swap(self, 1, 0))
            return true;
        set_owner(self, PyThread_get_thread_ident());
        return false;
    }
    COUNT(self) = 0;
    set_owner(self, 0);
    inner_give(INNER(self));
    return true;
}

typedef struct { bool mine, others; unsigned long depth; } State;

static inline State state_of(PyObject *self)
{
    State state = {false, false, depth_of(self)};
    if (state.depth)
        state.mine = owner_of(self) == PyThread_get_thread_ident();
    /* One that is given to who waits has no owner until that thread runs. */
    state.others = state.depth ? !state.mine : inner_is_byte && byte_held(self);
    return state;
}

static Thread *hooked(void)
{
    Thread *thread = hooks_on ? thread_here() : NULL;
    return thread && !thread->busy ? thread : NULL;
}

static PyObject *acquire_slowly(Thread *thread, PyObject *self, const Original *original, PyObject *const *args,
                                Py_ssize_t count, PyObject *names, Asked asked, unsigned flags)
{
    Waiting wait;
    wait_begin(thread, self, LOCK_REENTRANT, asked.timeout, flags, &wait);
    PyObject *result = call_original(original, self, args, count, names);
    bool taken = result && result != Py_False;
    wait_end(thread, &wait, !result ? RESULT_ERROR : taken ? RESULT_DONE : RESULT_TIMEOUT);
    if (taken)
        lock_acquired(thread, self, LOCK_REENTRANT,
                      flags | (asked.timeout >= 0 ? ACQUIRED_TIMEOUT : 0) | ACQUIRED_WAITED);
    return result;
}

static PyObject *acquire(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    Thread *thread = hooked();
    if (too_deep())
        return NULL;
    if (!thread)
        return call_original(&acquire_original, self, args, count, names);
    State state = state_of(self);
    bool plain = !count && !names;
    if (state.mine) {
        if (!plain || state.depth == ULONG_MAX)
            return call_original(&acquire_original, self, args, count, names);
        set_depth(self, state.depth + 1);
        Py_INCREF(Py_True);
        return Py_True;
    }
    Asked asked = {true, true, -1};
    if (!plain) {
        asked = understand(args, count, names);
    } else if (!state.depth && take(self)) {
        lock_acquired(thread, self, LOCK_REENTRANT, 0);
        Py_INCREF(Py_True);
        return Py_True;
    } else
        return acquire_slowly(thread, self, &acquire_original, args, count, names, asked, 0);
    if ((state.others || is_given(self)) && asked.understood && asked.blocking)
        return acquire_slowly(thread, self, &acquire_original, args, count, names, asked, 0);
    PyObject *result = call_original(&acquire_original, self, args, count, names);
    if (result == Py_True)
        lock_acquired(thread, self, LOCK_REENTRANT,
                      !asked.blocking ? ACQUIRED_TRY : asked.timeout >= 0 ? ACQUIRED_TIMEOUT : 0);
    return result;
}

static PyObject *let_go(PyObject *self, const Original *original, PyObject *const *args, Py_ssize_t count, bool wholly)
{
    Thread *thread = hooked();
    State state = {false, false, 0};
    if (thread)
        state = state_of(self);
    if (state.mine && !wholly && state.depth > 1) {
        set_depth(self, state.depth - 1);
        return none();
    }
    if (!state.mine)
        return call_original(original, self, args, count, NULL);
    Releasing facts;
    lock_releasing(thread, self, &facts);
    PyObject *result = !wholly && give(self) ? none() : call_original(original, self, args, count, NULL);
    if (facts.lock)
        lock_released(thread, &facts);
    return result;
}

static PyObject *acquire_restore(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    Thread *thread = hooked();
    if (!thread)
        return call_original(&restore_original, self, args, count, NULL);
    if (state_of(self).others || is_given(self))
        return acquire_slowly(thread, self, &restore_original, args, count, NULL, (Asked){true, true, -1}, ACQUIRED_BACK);
    PyObject *result = call_original(&restore_original, self, args, count, NULL);
    if (result)
        lock_acquired(thread, self, LOCK_REENTRANT, ACQUIRED_BACK);
    return result;
}

static bool try_layout(PyObject *probe, int count_offset)
{
    count_at = count_offset;
    inner_is_byte = python_since(14);
    if (depth_of(probe) != 0)
        return false;
    bool good = true;
    for (unsigned long depth = 1; depth <= 2; depth++) {
        Py_XDECREF(call_original(&acquire_original, probe, NULL, 0, NULL));
        good = good && depth_of(probe) == depth && owner_of(probe) == PyThread_get_thread_ident() &&
               (inner_is_byte ? *INNER_BYTE(probe) == 1 : PyThread_acquire_lock(INNER(probe), NOWAIT_LOCK) == 0);
        if (good && !inner_is_byte)
            learn_inner(INNER(probe));
    }
    for (unsigned long depth = 2; depth-- > 0;) {
        Py_XDECREF(call_original(&release_original, probe, NULL, 0, NULL));
        good = good && depth_of(probe) == depth;
    }
    if (!good || owner_of(probe) != 0)
        return false;
    if (inner_is_byte)
        return *INNER_BYTE(probe) == 0 && LEVEL(probe) == 0;
    if (PyThread_acquire_lock(INNER(probe), NOWAIT_LOCK) == 0)
        return false;
    PyThread_release_lock(INNER(probe));
    return true;
}

/* Reads nothing beyond the object: the smallest that is known has 40 bytes. */
static bool looks_right(PyObject *probe)
{
    PyObject *size = PyObject_GetAttrString((PyObject *)Py_TYPE(probe), "__basicsize__");
    Py_ssize_t bytes = size ? PyLong_AsSsize_t(size) : 0;
    Py_XDECREF(size);
    if (sizeof(void *) != 8 || bytes < 40)
        return false;
    return try_layout(probe, OWNER_AT + 8) || (sizeof(unsigned long) == 4 && try_layout(probe, OWNER_AT + 4));
}

#include "rlocks_type.h"
