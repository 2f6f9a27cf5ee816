/* Tables by addresses and numbers, as those that look into them without a call see them. */
#ifndef INTERLEAVE_TABLES_H
#define INTERLEAVE_TABLES_H

#include "aio.h"

typedef struct { uint64_t key; PyObject *value; } Slot;
struct Table {
    PyObject_HEAD
    Slot *slots;
    size_t room, used;
    unsigned apart; /* keys that are addresses lie 2 to the power of this apart, or mostly more */
};

extern PyTypeObject *entry_type, *table_type;
/* Makes a type once. */
void make_type(PyTypeObject **type, PyType_Spec *spec);

/* What was made one after the other lies side by side here too, so that who goes through many tasks in turn, as loops do,
 * finds the next one's slot in the cache. Numbers are no addresses: the next one is the next slot. */
static inline size_t place(const Table *table, uint64_t key)
{
    enum { LEAST_ADDRESS = 1 << 26 };
    uint64_t spread = key < LEAST_ADDRESS ? key : (key >> table->apart) + (key >> 21);
    return (size_t)spread & (table->room - 1);
}

static inline Slot *slot_of(const Table *table, uint64_t key)
{
    if (!table || !table->used)
        return NULL;
    for (size_t at = place(table, key); table->slots[at].value; at = (at + 1) & (table->room - 1))
        if (table->slots[at].key == key)
            return &table->slots[at];
    return NULL;
}

#endif
