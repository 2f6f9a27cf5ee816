/* The mapped ring as ring.c and mapping.c share it. */
#ifndef INTERLEAVE_RING_H
#define INTERLEAVE_RING_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "core.h"

#include <string.h>
#ifdef _WIN32
#include <windows.h>
#else
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

enum { HEADER = 4096, RECORD = 32, STEP_BITS = 15 };
#define STEP ((uint64_t)1 << STEP_BITS) /* records in a step: 1 MiB */

typedef struct {
    uint8_t kind, lap;
    uint16_t aux;
    uint32_t actor;
    uint64_t at;
    uint32_t a, b, c;
    _Atomic uint32_t seq;
} Record;
_Static_assert(sizeof(Record) == RECORD, "a record is 32 bytes");

typedef struct {
    char magic[8];
    uint32_t version, record_bytes;
    uint64_t pid, started, capacity;
    _Atomic uint64_t head;
    uint64_t closed, overhead, dropped;
} Header;

typedef struct {
    PyObject_HEAD
    Header *header;
    Record **steps;
    void **views; /* what to unmap */
    uint64_t step_room, steps_mapped;
    uint64_t limit;    /* most records */
    uint64_t mapped;   /* records that may be written now */
    uint64_t capacity; /* 0 while it grows */
    uint64_t dropped;
    _Atomic uint64_t next;
    char *path;
#ifdef _WIN32
    HANDLE file;
#else
    dev_t device;
    ino_t inode;
#endif
} Ring;

/* What other threads look at while it grows. */
#ifdef INTERLEAVE_FREE
static inline uint64_t ring_get(const uint64_t *number)
{
    return __atomic_load_n(number, __ATOMIC_ACQUIRE);
}
static inline void ring_set(uint64_t *number, uint64_t value)
{
    __atomic_store_n(number, value, __ATOMIC_RELEASE);
}
#define GROWING(do_with) do_with(&growing)
#else
static inline void ring_set(uint64_t *number, uint64_t value)
{
    *number = value;
}
#define GROWING(do_with) (void)0
#endif

/* mapping.c: the file below. `create` makes it and maps its header; false with an exception. */
bool ring_create(Ring *ring);
/* Allocates and maps bytes [from, from + size) of the file; *view is what to unmap. NULL with errno set. */
void *ring_map(Ring *ring, uint64_t from, uint64_t size, void **view);
void ring_unmap_view(void *view, uint64_t size);
void ring_unmap_header(Ring *ring);
/* Cuts the file to what was written. */
void ring_trim(Ring *ring);

#endif
