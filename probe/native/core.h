/* What the files of the native core share: the ring, call contexts, threads and the table of locks.
 *
 * Built once against CPython's limited API (3.9), so one binary serves every later version. What the limited
 * API does not show (frames, two fields of the lock objects) is read at offsets known per version and checked
 * against the interpreter's own answers when the core is installed; see frames.c.
 *
 * Everything here runs with the GIL held. For free-threaded builds there is the smaller core of free/, which shares what needs no
 * GIL: INTERLEAVE_FREE is defined where that is built. */
#ifndef INTERLEAVE_CORE_H
#define INTERLEAVE_CORE_H

#if !defined(Py_LIMITED_API) && !defined(INTERLEAVE_FREE)
#define Py_LIMITED_API 0x03090000
#endif
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#ifdef __linux__
#include <semaphore.h>
#endif

#ifndef INTERLEAVE_FREE
/* PyWeakref_GetObject() is said to be old since 3.13; what stands in its place is not in the limited API of 3.9. */
#ifdef __GNUC__
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#endif
/* The headers of 3.15 have lost it; the interpreter keeps it, as a part of the stable ABI. */
PyAPI_FUNC(PyObject *) PyWeakref_GetObject(PyObject *);
#endif

/* In the limited API by these names only since 3.10; the same values and calls exist in 3.9. */
#ifndef METH_FASTCALL
#define METH_FASTCALL 0x0080
#endif

#define TASK_BIT 0x80000000u

#define likely(condition) __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)
/* Out of the way of what runs often. */
#define COLD __attribute__((cold, noinline))

#ifndef INTERLEAVE_FREE
/* Counting as interpreters since 3.12 do it, where some objects live for ever and say so by a count whose lower half is
 * negative. Headers before know nothing of that, and two thousand million references do not fit into memory. Since 3.14
 * the upper half is no part of the count. */
static inline bool lives_for_ever(PyObject *object)
{
    return (int32_t)object->ob_refcnt < 0;
}
static inline void take_reference(PyObject *object)
{
    if (!lives_for_ever(object))
        object->ob_refcnt++;
}
static inline void give_reference(PyObject *object)
{
    if (!lives_for_ever(object) && (uint32_t)--object->ob_refcnt == 0)
        _Py_Dealloc(object);
}
static inline void give_any_reference(PyObject *object)
{
    if (object)
        give_reference(object);
}
#undef Py_INCREF
#undef Py_DECREF
#undef Py_XINCREF
#undef Py_XDECREF
#define Py_INCREF(object) take_reference((PyObject *)(object))
#define Py_DECREF(object) give_reference((PyObject *)(object))
#define Py_XINCREF(object) ((object) ? take_reference((PyObject *)(object)) : (void)0)
#define Py_XDECREF(object) give_any_reference((PyObject *)(object))
#endif

/* Py_RETURN_NONE of the headers since 3.12 counts on an immortal None, which earlier interpreters have not. */
static inline PyObject *none(void)
{
    Py_INCREF(Py_None);
    return Py_None;
}

/* Takes a row's reference; a list that cannot have it, or a row that could not be made, leaves NULL and an exception. */
static inline void add_row(PyObject **list, PyObject *row)
{
    if (!row || PyList_Append(*list, row) < 0) {
        Py_DECREF(*list);
        *list = NULL;
    }
    Py_XDECREF(row);
}

static inline uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0x9E3779B97F4A7C15ull;
    return hash ^ (hash >> 29);
}

/* Kinds of wire/recording.ts that the core writes itself. */
enum {
    KIND_WAIT_BEGIN = 10,
    KIND_WAIT_OWNER = 11,
    KIND_WAIT_END = 13,
    KIND_ACQUIRE = 20,
    KIND_RELEASE = 21,
    KIND_HOLD = 22,
    KIND_NEST = 23,
    KIND_COUNTS = 24,
    KIND_TOTALS = 25,
    KIND_LOOP_STEP = 31,
    KIND_TASK_CREATE = 40,
    KIND_TASK_RESUME = 41,
    KIND_TASK_SUSPEND = 42,
    KIND_TASK_END = 43,
    KIND_SUBMIT = 50,
    KIND_ITEM_START = 51,
    KIND_ITEM_END = 52,
    KIND_MESSAGE = 63,
};
enum { WAIT_ACQUIRE = 1, WAIT_GET = 5, WAIT_SEMAPHORE = 14, WAIT_TIMEOUT = 0x100 };
enum { OWNER_HOLDER = 1 };
enum { RESULT_UNKNOWN = 0, RESULT_DONE = 1, RESULT_TIMEOUT = 2, RESULT_ERROR = 4 };
/* The last is ours alone: the lock that Condition.wait() gave up is taken again. */
enum { ACQUIRED_WAITED = 1, ACQUIRED_TRY = 2, ACQUIRED_TIMEOUT = 4, ACQUIRED_BACK = 0x100 };

enum { LOCK_PLAIN = 1, LOCK_REENTRANT = 2 };
/* Whose lock it is: the program's; a part of something a library made; one never to be recorded; its caller's. */
enum { ROLE_PROGRAM = 0, ROLE_INTERNAL = 1, ROLE_HIDDEN = 2, ROLE_PASSES_ON = 3,
       /* Condition.wait() itself: its waiter lock is no lock of anybody, its blocking is the wait to record. */
       ROLE_WAITER = 4 };

/* How often what was done, for the estimate of the probe's own cost: see effort() in module.c. */
typedef struct {
    uint64_t locks;  /* of the program taken */
    uint64_t own;    /* locks of libraries' own taken */
    uint64_t made;   /* locks made */
    uint64_t steps;  /* of event loops, and their turns */
    uint64_t looks;  /* at tasks that were made or have run, at what they took or gave back */
    uint64_t items;  /* of pools: submitted, begun or ended */
    uint64_t emits;  /* records that Python code has written */
    uint64_t asks;   /* calls of Python code */
    uint64_t notes;  /* reads, writes and messages between processes, what is done with semaphores, and those taken */
} Effort;
#ifndef INTERLEAVE_FREE
extern Effort effort;
#endif

/* ---- clock.c ---- */

uint64_t clock_now(void);
void clock_install(void);

/* ---- ring.c: the mapped ring of FORMAT.md ---- */

extern PyType_Spec ring_type_spec;
/* True while a ring is open in this process; false at once in a forked child. */
#ifdef INTERLEAVE_FREE
extern atomic_bool ring_open;
#else
extern bool ring_open;
#endif
void ring_write(unsigned kind, unsigned aux, uint32_t actor, uint64_t at, uint32_t a, uint32_t b, uint32_t c);
/* Makes a Ring object the one that ring_write() writes to, or none with NULL. */
int ring_use(PyObject *ring);

/* ---- frames.c: where the running thread is ---- */

/* A context is an interned list of (code, instruction) pairs, innermost first. 0 means unknown. */
typedef uint32_t Context;
enum { CONTEXT_DEPTH = 32, SITE_DEPTH = 1 };

int frames_install(void);
bool frames_known(void);
Context context_here(int depth);
/* Where another thread is, 0 when it runs no Python code, with the GIL held; false when there are too many places already. */
bool context_of_thread(void *state, Context *context);
/* The same for the frames above the innermost `skip`. */
Context context_above(int skip);
/* Stack id of whoever called the function of a library that runs now: from many calls at one place the last of its first. */
uint32_t program_stack(void);
/* A frame among `most` above the innermost `skip` that runs this code: something to tell one call from the next by. */
void *frame_of_code(PyObject *code, int skip, int most);
/* Where a lock is being made by the code that runs now, without the constructors that make it for their caller;
 * 0 unless it is the program's. */
Context creation_here(void);
/* One more was made there: which of its line it is, from 1; 0 when nobody counts. May run Python code. */
uint32_t count_made(Context creation);
/* How many so far on the line of that. */
uint32_t made_on_line(Context creation);
/* The stack id of a context, asking Python the first time. May run Python code. */
uint32_t context_stack(Context context);
/* The same only when it is known already, else 0. */
uint32_t context_stack_known(Context context);
/* The site (a context of one frame) of the code that takes a lock here, and whose lock that is: ROLE_x.
 * `given_back`: it is the lock that Condition.wait() gave up and takes again. */
Context site_here(unsigned *role, bool given_back);
/* What a blocked Condition.wait() in this context waits for. */
typedef struct {
    bool known;
    int16_t depth;  /* frame whose `self` is what is waited for */
    uint32_t op;    /* WAIT_x; 0 = not to be recorded */
    uint32_t stack;
} Meaning;
Meaning *context_meaning(Context context);
/* The first local variable of the frame at `depth` of the running thread; borrowed, or NULL. */
PyObject *frame_first_local(int depth);
void frames_rejudge(void);
void contexts_forget_ids(void);
void contexts_clear(void);
PyObject *context_frames(Context context);

#ifdef INTERLEAVE_FREE
#include "free/free.h"
#else

/* ---- threads.c: threads, what they hold, which task runs ---- */

typedef struct Lock Lock;
typedef struct Thread Thread;

typedef struct {
    Lock *lock;
    uint64_t at;
    uint64_t chain; /* hash of everything this actor holds up to here */
    uint32_t actor;
    Context site;
} Held;

/* A lock of a library's own that was free: the table of locks gets it when somebody waits for it. */
enum { MOST_OWN = 8 };
typedef struct {
    void *address;
    uint64_t serial; /* the last acquire is the one that counts */
    Context site;
} OwnHeld;

struct Thread {
    uint32_t id;     /* actor of the thread; 0 until Python was asked */
    uint32_t task;   /* TASK_BIT | id while a task's step runs, else 0 */
    void *loop;      /* the event loop that turned last here, while it runs */
    PyObject *numbers; /* and what is kept of it: a reference, NULL between loops */
    bool in_loop;    /* it runs an event loop: which task acts is asked for only when needed */
    uint32_t pool;   /* object id of the pool whose worker it is known to be */
    uint32_t epoch;  /* grows with each thread started or joined */
    int busy;        /* > 0: the probe's own code runs here; hooks stand aside */
    int count, room; /* of held */
    Held *held;
    Held first[6];
    int own_count;
    OwnHeld own[MOST_OWN]; /* in the order of taking */
    /* the wait going on, for the watcher */
    Lock *waiting;
    uint32_t wait_op, wait_object, wait_stack, wait_actor;
    uint64_t wait_since;
    void *wait_subject; /* address of what Condition.wait() stands for */
    struct Notes *notes; /* of reads and writes going on; NULL until the first */
    atomic_bool ended;
    Thread *next;
};

extern bool hooks_on;
int threads_install(PyObject *callbacks);
Thread *thread_make(void);
/* At a fixed place of each thread's own memory where the loader can still give one: no call to find it. */
#if defined(__linux__) && defined(__GLIBC__)
#define THREAD_LOCAL _Thread_local __attribute__((tls_model("initial-exec")))
#else
#define THREAD_LOCAL _Thread_local
#endif
extern THREAD_LOCAL Thread *thread_slot;
/* The running thread's record, or NULL when hooks must stand aside. */
static inline Thread *thread_here(void)
{
    Thread *thread = thread_slot;
    return thread ? thread : thread_make();
}
/* Who acts in the running thread: the task whose step it runs, else itself. May ask Python in a loop's thread. */
uint32_t actor_now(Thread *thread);
uint32_t thread_ask_id(Thread *thread);
/* Which loop turns in a thread; NULL: none. Takes a reference of its own. */
void thread_turns(Thread *thread, PyObject *loop, PyObject *numbers);
Thread *threads_first(void);
void threads_after_fork(void);
PyMethodDef *threads_methods(void);

/* Calls a Python callback with the hooks of this thread standing aside and the current exception kept.
 * NULL without an exception when it failed. What signal handlers raised meanwhile is raised later. */
PyObject *ask(const char *name, const char *format, ...);
long ask_id(PyObject *answer);
/* Of waits.py: the actors whose waits it keeps, and its names; NULL while nobody may be asked. */
extern PyObject *waits_by_actor, *waits_names;

/* ---- table.c: the lock at an address ---- */


struct Lock {
    void *address;
    Thread *thread;    /* whose held list has it */
    uint64_t serial;   /* tells locks at a reused address apart */
    uint64_t at;       /* acquired at */
    uint64_t waited, held; /* totals, ns */
    uint32_t id;       /* object id; 0 until defined */
    uint32_t owner;    /* actor; 0 = free or unknown */
    uint32_t acquires, contended, told;
    uint32_t waiters;
    uint32_t waker;    /* actor that released it last, while somebody waited */
    Context created, site;
    uint32_t nth;      /* of those made on its line; 0 = not counted */
    uint16_t flags;    /* of the acquire to be published at release */
    uint8_t kind, role;
    bool unknown_id;   /* could not be defined */
    bool told_acquire; /* its acquire is recorded, so its release will be */
    bool pending;      /* that record waits for the release */
    uint32_t process;  /* the one that has used it last: see table_in_child() */
};

Lock *table_find(void *address);
Lock *table_add(void *address, uint8_t kind);
void table_remove(void *address);
/* Of those that this process has used. */
void table_each(void (*visit)(Lock *, void *), void *argument);
void table_clear(void);
/* In a forked child, for which `lock_forget` is called when it first asks for a lock: to change them all would copy them. */
void table_in_child(void);
void lock_forget(Lock *lock);
/* Sets of 64-bit hashes, for "seen before?". */
typedef struct { uint64_t *slots; size_t room, count; } Seen;
/* True when it was not there yet. A full set (1 M) says false. */
bool seen_add(Seen *seen, uint64_t hash);
void seen_clear(Seen *seen);

/* ---- holding.c, waits.c, asked.c: what acquires, releases and waits record ---- */

extern bool full_detail;
extern uint64_t hold_threshold;
void lock_acquired(Thread *thread, void *address, uint8_t kind, unsigned flags);
/* To be called after the release; the facts were taken before it by lock_releasing(). */
typedef struct {
    Lock *lock;
    uint64_t since, now;
    uint32_t actor, owner;
    Context site;
    uint16_t flags;
    bool pending, told, watched;
} Releasing;
void lock_releasing(Thread *thread, void *address, Releasing *facts);
void lock_released(Thread *thread, Releasing *facts);
/* A wait going on; not `told` when it is not to be recorded. */
typedef struct {
    Lock *lock;
    uint64_t since;
    uint32_t object, actor;
    bool told;
    bool marked; /* see wait_mark() */
} Waiting;
void wait_begin(Thread *thread, void *address, uint8_t kind, int64_t timeout_ns, unsigned flags, Waiting *wait);
/* For what is no lock of this process, but a semaphore that several have. */
void wait_begin_for(Thread *thread, unsigned op, uint32_t object, uint32_t stack, int64_t timeout_ns, Waiting *wait);
void wait_end(Thread *thread, Waiting *wait, unsigned result);
/* Of semaphores.py: what is known of those at an address, and the addresses of those without owners; borrowed. */
void waits_learn(PyObject *known, PyObject *signals);
uint32_t lock_id(Lock *lock);
/* The record of a lock, made if there is none; NULL when there is no room. */
Lock *lock_at(void *address, uint8_t kind);
/* Who took a lock of a library's own that has no record, and where; NULL when nobody is known. */
Thread *own_holder(void *address, Context *site);
void lock_created(void *address, uint8_t kind);
void lock_gone(void *address);
/* It is free now, whoever had it (after a fork). */
void lock_reset(void *address);
/* Cumulative numbers of a defined lock. */
void tell_counts(Lock *lock);
PyMethodDef *holding_methods(void);
void holding_after_fork(void);
void holding_clear(void);

/* ---- loop.c, steps.c, awaits.c, tasks.c, entries.c, holds.c: asyncio ---- */

PyMethodDef *loop_methods(void);
PyMethodDef *steps_methods(void);
PyMethodDef *awaits_methods(void);
PyMethodDef *holds_methods(void);
PyMethodDef *tasks_methods(void);
PyMethodDef *tables_methods(void);
PyMethodDef *entries_methods(void);
/* Id of the task that the running thread's loop runs, 0 for none, -1 when Python must say. */
long aio_task_now(void);

/* ---- items.c, workers.c: work in pools ---- */

PyMethodDef *items_methods(void);
void items_after_fork(void);
/* Id of the text that names what an item runs. */
uint32_t item_name(PyObject *function);
PyMethodDef *workers_methods(void);
void workers_after_fork(void);

/* ---- connections.c, semlocks.c: what processes share ---- */

PyMethodDef *connections_methods(void);
void connections_after_fork(void);
/* Where somebody waits for the first thing to watch, here it is. May run Python code. */
void tell_first(void);
PyMethodDef *semlocks_methods(void);
void semlocks_after_fork(void);
void semlocks_uninstall(void);

/* ---- results.c: waits for results ---- */

PyMethodDef *results_methods(void);
void results_after_fork(void);
/* Python must not tell of waits of this actor meanwhile; false when it does already. */
bool wait_mark(uint32_t actor);
void wait_unmark(uint32_t actor);

/* ---- ids.c ---- */

PyMethodDef *ids_methods(void);
uint32_t sink_string(PyObject *text);
/* 0 when nothing is recorded. */
uint32_t sink_next_task(void);
/* Id of an object that takes weak references, asked for by this name the first time; 0 for none. */
uint32_t id_of_object(PyObject *object, const char *question);
void sink_forget(void);

/* ---- watch.c ---- */

PyMethodDef *watch_methods(void);
/* In the child the thread is not there. */
void watch_after_fork(void);

/* ---- walk.c: the threads' frames ---- */

PyMethodDef *walk_methods(void);
/* Whether the thread with this state still lives and runs this frame. */
bool thread_runs(const void *state, const char *frame);

/* ---- append.c: definitions ---- */

PyMethodDef *append_methods(void);

#endif

/* ---- locks.c, rlocks.c, simple.c: the hooks themselves ---- */

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
