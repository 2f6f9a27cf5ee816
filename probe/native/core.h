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
    uint64_t looks;  /* at tasks that were made or have run, at what they took or gave back; also where nobody looks closely */
    uint64_t handles; /* of event loops, made here */
    uint64_t items;  /* of pools: submitted, begun or ended */
    uint64_t emits;  /* records that Python code has written */
    uint64_t asks;   /* calls of Python code */
    uint64_t notes;  /* reads, writes and messages between processes, what is done with semaphores, and those taken */
} Effort;
#ifndef INTERLEAVE_FREE
extern Effort effort;
#define ASKED(thread) ((void)effort.asks++)
#define EMITTED() ((void)effort.emits++)
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

/* ---- asking.c: Python callbacks ---- */

/* By name; as long as the process where there is no GIL. NULL: none. */
void asking_install(PyObject *callbacks);
bool asking_installed(void);
/* A new reference to what has this name, or NULL. */
PyObject *callback(const char *name);
/* Calls a Python callback with the hooks of this thread standing aside and the current exception kept.
 * NULL without an exception when it failed. What signal handlers raised meanwhile is raised later. */
PyObject *ask(const char *name, const char *format, ...);
long ask_id(PyObject *answer);
/* Callbacks that failed by the probe's own fault. */
uint64_t ask_failures(void);

/* ---- acting.c: who acts, as Python asks for it and says it ---- */

PyMethodDef *acting_methods(void);

/* ---- threads.c: the running thread's record ---- */

typedef struct Thread Thread;
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
/* Who acts in the running thread: the task whose step it runs, else itself. May run Python code. */
uint32_t actor_now(Thread *thread);
uint32_t thread_ask_id(Thread *thread);

#ifdef INTERLEAVE_FREE
#include "free/free.h"
#else
#include "gil.h"
#endif

#include "hooks.h"

#endif
