/* What the files that know asyncio share. */
#ifndef INTERLEAVE_AIO_H
#define INTERLEAVE_AIO_H

#include "core.h"

/* Places of what aio_tasks keeps of a task. */
enum { TASK_ID, TASK_STACK, TASK_LOOP, TASK_DEFINED, TASK_OVER, TASK_MADE, TASK_SINCE, TASK_PLACE };

/* Over, or said to be pending at the end. */
enum { OVER_SAID = 2 };
/* One line of the cache each, side by side in the order of their making, and never given back: whoever has a pointer may
 * look whether it is still of the same task. */
typedef struct TaskEntry {
    PyObject_HEAD
    uint32_t id, stack, loop, place;
    uint64_t made : 60, met : 1, defined : 1, over : 2;
    uint64_t since;
    uintptr_t task;         /* address of the task, 0 for none */
    struct TaskEntry *next; /* of the task that ran after this one the last time; of a free one the next free one */
} TaskEntry;

/* Values by numbers; `at` borrows, `take` gives the reference it had. A table that is NULL has nothing. */
typedef struct Table Table;
PyObject *table_at(const Table *table, uint64_t key);
bool table_put(Table *table, uint64_t key, PyObject *value);
PyObject *table_take(Table *table, uint64_t key);
void table_drop(Table *table, uint64_t key);
/* The table of this name in a dict, borrowed. */
Table *table_given(PyObject *given, const char *name);

/* What a task holds of asyncio's, and the totals of one lock, as aio_objects knows them. */
typedef struct {
    PyObject_HEAD
    uint32_t task, stack;
    uint64_t at;
    uintptr_t address;
    PyObject *weak;
} Hold;
typedef struct {
    PyObject_HEAD
    unsigned id;
    unsigned long long acquires, contended, wait_us, hold_us;
    PyObject *told;
} Stats;
Hold *hold_new(uint32_t task, uint32_t stack, uint64_t at, const void *thing);
/* One that knows its object also while nothing else says that it lives. */
Hold *hold_of_thing(uint32_t task, uint32_t stack, uint64_t at, PyObject *thing);
/* Tells of a wait that has lasted (who had the thing when it began is kept in the place of the waiter's own), and of a hold. */
void hold_waited(const Hold *waited, const Hold *hold, uint32_t object, unsigned op);
void hold_lasted(const Hold *hold, uint32_t object, uint64_t now, uint64_t took_us);
bool is_hold(PyObject *object);
bool is_stats(PyObject *object);

/* aio_tasks.entries; NULL while asyncio is not watched. */
extern Table *task_entries;
/* What is kept of a task: borrowed, NULL for nothing. */
TaskEntry *entry_find(const void *task);
TaskEntry *entry_new(void);
/* The same for a task that has just run: the one that ran after the last one the last time may do so again, and is
 * fetched while there is time. With tens of thousands of tasks that takes longer than all else. */
TaskEntry *entry_next(const void *task);
bool entry_put(const void *task, TaskEntry *entry);
void entry_drop(const void *task);

/* ---- loop.c, steps.c ---- */

/* Places of a loop's numbers, as in aio_loop, which takes them for a list. */
enum { LAST, TURN, WORST, IDLE, TURNS, STATE, SCAN };
typedef struct {
    PyObject_HEAD
    int64_t last, turn, worst, idle, turns;
    PyObject *state;
    PyObject *loop;      /* an address: the loop has turned at least once, and keeps this while it runs */
    uint32_t id, thread; /* object id and thread, as its state says; 0 = not known */
    bool scan;
    bool plain; /* it says by asyncio's own _check_closed() that it is closed, which it cannot be while it runs */
    bool usual; /* all that its call_soon() calls was asyncio's own when it began to turn */
} Numbers;
extern PyTypeObject *numbers_type;

typedef struct {
    PyObject *turn_slowly, *step_slowly, *used_up; /* aio_loop._turn, _step, _disarm */
    PyObject *check_closed;                        /* BaseEventLoop._check_closed */
    PyObject *running;                             /* aio_loop.running */
    PyObject *task_type, *base_task_type; /* asyncio's Task in C and, for what is to be looked at, in Python */
    PyObject *handle_types[2];
    /* For handles.c: vars(asyncio.events), Handle.__init__, BaseEventLoop._call_soon and get_debug, contextvars.copy_context,
     * collections.deque. */
    PyObject *events, *handle_init, *call_soon, *get_debug, *copy_context, *deque;
    /* asyncio's loop → running task where it shows it, NULL elsewhere and while asyncio is not watched; and where asyncio
     * keeps that to itself, since 3.14, its current_task(). */
    PyObject *current_tasks, *current_task;
    Table *seen; /* aio_waits.seen */
    bool task_known;
    int64_t limit;        /* steps of this many ns and less are not looked at */
    long looks;           /* left before that is so */
    uint64_t armed_since; /* every step has been looked at since then; never, when it is not so now */
    long with_stacks;     /* steps of tasks whose stacks are taken in this period, also in full detail */
} Loops;
extern Loops loops;

/* The numbers of the loop that turns in this thread, when it is this one; borrowed. */
Numbers *loop_turning(PyObject *loop);
void steps_learn(void);
void steps_forget(void);
/* Exactly asyncio's Task in C, which runs no Python code when it is looked at. */
bool aio_is_task(PyObject *object);
bool aio_is_done(PyObject *task);
bool aio_ask_task(const Original *original, const char *name, PyObject *task);
/* The task that runs in this loop, borrowed, NULL for none; and whether that can be said. */
PyObject *aio_running_task(PyObject *loop);
bool aio_tells_tasks(void);
/* The task that runs in this loop and what is kept of it; borrowed both, NULL when there is none of these. */
TaskEntry *aio_running_entry(PyObject *loop, PyObject **task);
/* A task has run, so what it was seen waiting for is over; false when Python must say so. */
bool aio_has_moved(uint32_t number);
bool aio_holds_locks(uint32_t actor);
/* Object id and thread of a loop that runs; false when it does not run in this thread. */
bool aio_loop_here(PyObject *loop, uint32_t *id, uint32_t *thread);
/* So many looks of the period's budget are used. */
void aio_spend(long looks);
static inline bool numbers_read(const Numbers *numbers, uint32_t *loop, uint32_t *thread)
{
    *loop = numbers->id;
    *thread = numbers->thread;
    return numbers->id != 0;
}

/* ---- handles.c ---- */

enum { HANDLE_CALLBACK, HANDLE_ARGS, HANDLE_CANCELLED, HANDLE_LOOP, HANDLE_REPR, HANDLE_CONTEXT, HANDLE_TRACEBACK, HANDLE_SLOTS };
/* Where a Handle keeps these; 0 = not known. */
extern Py_ssize_t handle_at[HANDLE_SLOTS];
void handles_learn(void);
/* Whether this loop says by asyncio's own function that it is closed, and makes its handles by asyncio's own. */
bool handles_closes_plainly(PyObject *loop);
bool handles_are_usual(PyObject *loop);

/* ---- tasks.c ---- */

/* A task is met whose making was not seen: borrowed, NULL for Python to say it. */
TaskEntry *aio_met(PyObject *loop, PyObject *task);

/* ---- awaits.c ---- */

/* A task's coroutine; a new reference. */
PyObject *aio_coroutine_of(PyObject *task);
/* Stack where a suspended task stands; false when Python must find it. */
bool aio_task_stack(PyObject *task, uint32_t *stack);
/* Learns where a coroutine keeps its frame from a suspended generator. */
void awaits_learn(PyObject *generator, PyObject *coroutine_type, PyObject *asynchronous_type);

#endif
