/* How methods of the interpreter's lock types are replaced, and how those locks look inside. */
#ifndef INTERLEAVE_HOOKS_H
#define INTERLEAVE_HOOKS_H

/* A saved original of a type's method: the C function behind it. */
typedef struct { PyCFunction function; int flags; bool strict; } Original;
int original_of(PyObject *instance, const char *name, Original *original);
void reset_of(PyObject *instance, Original *original);
PyObject *call_original(const Original *original, PyObject *self, PyObject *const *args, Py_ssize_t count,
                        PyObject *names);
PyObject *refuse_names(const char *type);
/* Whether the original takes what __exit__() was called with; since 3.15 it takes three arguments and no other number. */
static inline bool may_leave(const Original *original, Py_ssize_t count)
{
    return likely(count == 3) || !original->strict;
}
/* Where the original `name` takes no argument or one alone, by what stands in its flags, `function` does so in the table. */
void be_as_strict(PyMethodDef *methods, const char *name, PyObject *instance, PyCFunction function);
/* Whether this is Python 3.minor or a later one. */
bool python_since(int minor);
bool too_deep(void);
/* What acquire() was asked for. */
typedef struct { bool understood, blocking; int64_t timeout; /* ns; < 0 = for ever */ } Asked;
Asked understand(PyObject *const *args, Py_ssize_t count, PyObject *names);
/* Puts methods into a type's own dict; keeps the originals in `saved` (a dict). */
int put_method(PyTypeObject *type, PyObject *dict, PyObject *saved, PyMethodDef *definition);
/* What _thread makes plain locks with calls this instead; `maker_original` is what it was. */
void hook_makers(PyCFunction ours);
void unhook_makers(void);
extern PyCFunction maker_original;
/* An instance made by a function of the module _thread, to learn from. */
PyObject *make_one(const char *maker);
/* A type of the interpreter's whose methods, making and end are ours while the probe is there. */
typedef struct {
    PyTypeObject *type;
    destructor *dealloc_slot, dealloc;
    newfunc *new_slot, create;
} HookedType;
int hook_type(HookedType *hooked, PyMethodDef *methods, PyObject *dict, PyObject *saved, destructor dealloc, newfunc create);
void unhook_type(HookedType *hooked);
int simple_install(PyObject *dict, PyObject *saved);
void simple_uninstall(void);
/* Find the originals and check how the objects look; before anything is replaced. */
int locks_learn(void);
int rlocks_learn(void);
int locks_install(PyObject *dict, PyObject *saved);
int rlocks_install(PyObject *dict, PyObject *saved);
void locks_uninstall(void);
void rlocks_uninstall(void);
extern PyObject *empty_tuple;

/* Since 3.14, and a plain lock in late releases of 3.13 too, a lock object has one byte: 1 while somebody holds it, 2 while
 * somebody waits for it. What is not simply free, or held with nobody waiting, is the originals' business. */
enum { INNER_AT = sizeof(PyObject) };
#define INNER_BYTE(self) ((unsigned char *)(self) + INNER_AT)
static inline bool byte_swap(PyObject *self, unsigned char from, unsigned char to)
{
    return __atomic_compare_exchange_n(INNER_BYTE(self), &from, to, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}
static inline bool byte_held(PyObject *self)
{
    return __atomic_load_n(INNER_BYTE(self), __ATOMIC_SEQ_CST) & 1;
}

/* Before: the system's lock inside of a lock object. Where sys.thread_info says that it is a semaphore, it is taken and given back
 * as one: the interpreter asks for the time first since 3.11, also where it does not wait. */
extern bool inner_is_semaphore;
/* Finds that out from a lock that is held now. */
void learn_inner(PyThread_type_lock inner);
static inline bool inner_take(PyThread_type_lock inner)
{
#ifdef __linux__
    if (inner_is_semaphore)
        return sem_trywait((sem_t *)inner) == 0;
#endif
    return PyThread_acquire_lock(inner, NOWAIT_LOCK) != 0;
}
/* Held, as far as that can be asked: one that was given to who waits looks free until that thread has the GIL. */
static inline bool inner_busy(PyThread_type_lock inner)
{
#ifdef __linux__
    int value;
    if (inner_is_semaphore)
        return sem_getvalue((sem_t *)inner, &value) == 0 && value <= 0;
#endif
    (void)inner;
    return false;
}
static inline void inner_give(PyThread_type_lock inner)
{
#ifdef __linux__
    if (inner_is_semaphore) {
        sem_post((sem_t *)inner);
        return;
    }
#endif
    PyThread_release_lock(inner);
}

#endif
