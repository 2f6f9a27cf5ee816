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
} TaskEntry;

/* What is kept of a task: borrowed, NULL for nothing. */
TaskEntry *entry_find(const void *task);
TaskEntry *entry_new(void);
bool entry_put(const void *task, TaskEntry *entry);
void entry_drop(const void *task);

/* asyncio's loop → running task where it shows it; NULL while asyncio is not watched. */
extern PyObject *aio_current;

/* Exactly asyncio's Task in C, which runs no Python code when it is looked at. */
bool aio_is_task(PyObject *object);
bool aio_is_done(PyObject *task);
/* The task that runs in this loop and what is kept of it; borrowed both, NULL when there is none of these. */
TaskEntry *aio_running_entry(PyObject *loop, PyObject **task);
/* True while something is known of what the task waits for. */
bool aio_waits_seen(uint32_t number);
/* Object id and thread of a loop that runs; false when it does not run in this thread. */
bool aio_loop_here(PyObject *loop, uint32_t *id, uint32_t *thread);
/* So many looks of the period's budget are used. */
void aio_spend(long looks);

#endif
