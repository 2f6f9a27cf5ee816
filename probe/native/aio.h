/* What the files that know asyncio share. */
#ifndef INTERLEAVE_AIO_H
#define INTERLEAVE_AIO_H

#include "core.h"

/* Places of what aio_tasks keeps of a task. */
enum { TASK_ID, TASK_STACK, TASK_LOOP, TASK_DEFINED, TASK_OVER, TASK_MADE, TASK_SINCE, TASK_PLACE };

/* Over, or said to be pending at the end. */
enum { OVER_SAID = 2 };
typedef struct {
    PyObject_HEAD
    uint32_t id, stack, loop, place;
    uint64_t made, since;
    uint8_t defined, over;
    uintptr_t next; /* address of the task that ran after this one the last time */
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
Hold *hold_new(uint32_t task, uint32_t stack, uint64_t at, PyObject *thing);
bool is_hold(PyObject *object);
bool is_stats(PyObject *object);

/* aio_tasks.entries; NULL while asyncio is not watched. */
extern Table *task_entries;
/* What is kept of a task: borrowed, NULL for nothing. */
TaskEntry *entry_find(const void *task);
TaskEntry *entry_new(void);
/* This task runs; the one that ran next the last time may run next again, so its slot is fetched while there is time:
 * with tens of thousands of tasks that takes longer than all else. */
void entry_runs(const void *task, TaskEntry *entry);
bool entry_put(const void *task, TaskEntry *entry);
void entry_drop(const void *task);

/* Exactly asyncio's Task in C, which runs no Python code when it is looked at. */
bool aio_is_task(PyObject *object);
bool aio_is_done(PyObject *task);
/* The task that runs in this loop, borrowed, NULL for none; and whether that can be said. */
PyObject *aio_running_task(PyObject *loop);
bool aio_tells_tasks(void);
/* The task that runs in this loop and what is kept of it; borrowed both, NULL when there is none of these. */
TaskEntry *aio_running_entry(PyObject *loop, PyObject **task);
/* True while something is known of what the task waits for. */
bool aio_waits_seen(uint32_t number);
/* Object id and thread of a loop that runs; false when it does not run in this thread. */
bool aio_loop_here(PyObject *loop, uint32_t *id, uint32_t *thread);
/* So many looks of the period's budget are used. */
void aio_spend(long looks);

#endif
