/* Which pool and which map() an item belongs to: what items.c asks of pools.c. */
#ifndef INTERLEAVE_ITEMS_H
#define INTERLEAVE_ITEMS_H

#include "core.h"

/* The pool that was asked for last, with what each item needs of it. */
typedef struct {
    void *executor;
    PyObject *pool, *weak, *next, *running;
    uint32_t id;
} LastPool;
extern LastPool last_pool;
/* What watch_items() gives: a function, pool_failures' table, and the code of Executor.map. */
extern PyObject *pool_of, *groups, *map_code;

bool find_pool(PyObject *executor);
void forget_last_pool(void);
/* The dict of a pool: what each of its workers runs. */
PyObject *running_of(PyObject *pool);
/* What the items of one Executor.map share; a new reference, None for an item submitted by itself. */
PyObject *group_here(void);
PyObject *begin_map(PyObject *module, PyObject *unused);

#endif
