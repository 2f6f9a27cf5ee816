/* What the files of the core for interpreters with a GIL share. Included by core.h; everything here runs with the GIL held. */
#ifndef INTERLEAVE_GIL_H
#define INTERLEAVE_GIL_H

/* ---- threads.c: threads, what they hold, which task runs ---- */

typedef struct Lock Lock;

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
static inline bool hooks_are_on(void)
{
    return hooks_on;
}
/* Which loop turns in a thread; NULL: none. Takes a reference of its own. */
void thread_turns(Thread *thread, PyObject *loop, PyObject *numbers);
Thread *threads_first(void);
void threads_after_fork(void);

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
PyMethodDef *handles_methods(void);
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
PyMethodDef *forks_methods(void);

#endif
