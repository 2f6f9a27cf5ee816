/* The lock at an address: an open hash table with records that stay where they are, and sets of hashes. */
#include "core.h"

#include <string.h>

typedef struct { void *address; Lock *lock; } Slot;

static Slot *table;
static size_t room, used;
static Lock *spare;
static uint32_t this_process;
enum { MOST_LOCKS = 1 << 20, SLAB = 256, MOST_SEEN = 1 << 20 };

static inline size_t place(const void *address)
{
    return (size_t)(((uintptr_t)address >> 4) * 0x9E3779B97F4A7C15ull >> 32) & (room - 1);
}

Lock *table_find(void *address)
{
    if (!room)
        return NULL;
    for (size_t slot = place(address); table[slot].lock; slot = (slot + 1) & (room - 1))
        if (table[slot].address == address) {
            Lock *lock = table[slot].lock;
            if (lock->process != this_process) {
                lock->process = this_process;
                lock_forget(lock);
            }
            return lock;
        }
    return NULL;
}

void table_in_child(void)
{
    this_process++;
}

static bool grow(void)
{
    size_t old_room = room;
    Slot *old = table;
    size_t more = room ? room * 2 : 1024;
    Slot *bigger = calloc(more, sizeof *bigger);
    if (!bigger)
        return false;
    table = bigger;
    room = more;
    for (size_t i = 0; i < old_room; i++) {
        if (!old[i].lock)
            continue;
        size_t slot = place(old[i].address);
        while (table[slot].lock)
            slot = (slot + 1) & (room - 1);
        table[slot] = old[i];
    }
    free(old);
    return true;
}

static Lock *take(void)
{
    if (!spare) {
        Lock *slab = calloc(SLAB, sizeof *slab);
        if (!slab)
            return NULL;
        for (int i = 0; i < SLAB; i++) {
            slab[i].address = spare;
            spare = &slab[i];
        }
    }
    Lock *lock = spare;
    spare = lock->address;
    memset(lock, 0, sizeof *lock);
    return lock;
}

Lock *table_add(void *address, uint8_t kind)
{
    static uint64_t serial;
    if (used >= MOST_LOCKS || ((used + 1) * 2 > room && !grow()))
        return NULL;
    Lock *lock = take();
    if (!lock)
        return NULL;
    lock->address = address;
    lock->kind = kind;
    lock->process = this_process;
    lock->serial = ++serial;
    size_t slot = place(address);
    while (table[slot].lock)
        slot = (slot + 1) & (room - 1);
    table[slot] = (Slot){address, lock};
    used++;
    return lock;
}

void table_remove(void *address)
{
    if (!room)
        return;
    size_t slot = place(address);
    while (table[slot].address != address) {
        if (!table[slot].lock)
            return;
        slot = (slot + 1) & (room - 1);
    }
    Lock *lock = table[slot].lock;
    lock->address = spare;
    spare = lock;
    used--;
    /* Close the gap, so that no tombstones are needed. */
    size_t next = slot;
    for (;;) {
        next = (next + 1) & (room - 1);
        if (!table[next].lock)
            break;
        size_t wanted = place(table[next].address);
        if (((next - wanted) & (room - 1)) >= ((next - slot) & (room - 1))) {
            table[slot] = table[next];
            slot = next;
        }
    }
    table[slot] = (Slot){NULL, NULL};
}

void table_each(void (*visit)(Lock *, void *), void *argument)
{
    for (size_t i = 0; i < room; i++)
        if (table[i].lock && table[i].lock->process == this_process)
            visit(table[i].lock, argument);
}

void table_clear(void)
{
    for (size_t i = 0; i < room; i++)
        if (table[i].lock) {
            table[i].lock->address = spare;
            spare = table[i].lock;
        }
    free(table);
    table = NULL;
    room = used = 0;
}

bool seen_add(Seen *seen, uint64_t hash)
{
    hash |= 1; /* 0 marks a free slot */
    if (seen->count * 2 >= seen->room) {
        size_t more = seen->room ? seen->room * 2 : 1024;
        if (seen->count >= MOST_SEEN)
            return false;
        uint64_t *slots = calloc(more, sizeof *slots);
        if (!slots)
            return false;
        for (size_t i = 0; i < seen->room; i++) {
            if (!seen->slots[i])
                continue;
            size_t slot = (size_t)(seen->slots[i] >> 1) & (more - 1);
            while (slots[slot])
                slot = (slot + 1) & (more - 1);
            slots[slot] = seen->slots[i];
        }
        free(seen->slots);
        seen->slots = slots;
        seen->room = more;
    }
    size_t slot = (size_t)(hash >> 1) & (seen->room - 1);
    for (; seen->slots[slot]; slot = (slot + 1) & (seen->room - 1))
        if (seen->slots[slot] == hash)
            return false;
    seen->slots[slot] = hash;
    seen->count++;
    return true;
}

void seen_clear(Seen *seen)
{
    free(seen->slots);
    *seen = (Seen){NULL, 0, 0};
}
