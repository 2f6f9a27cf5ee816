/* The mapped ring of wire/FORMAT.md: one atomic position, space allocated a step ahead, records of 32 bytes.
 *
 * The file is mapped in steps of 1 MiB as it grows. A step is really allocated before it is mapped, so a full
 * disk stops the growth and never raises SIGBUS. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
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
    int file;
    dev_t device;
    ino_t inode;
#endif
} Ring;

bool ring_open;
static Ring *current;

/* Allocates and maps bytes [from, from + size) of the file; *view is what to unmap. */
#ifdef _WIN32
static void *map_range(Ring *ring, uint64_t from, uint64_t size, void **view)
{
    LARGE_INTEGER end;
    end.QuadPart = (LONGLONG)(from + size);
    if (!SetFilePointerEx(ring->file, end, NULL, FILE_BEGIN) || !SetEndOfFile(ring->file))
        return NULL;
    HANDLE mapping = CreateFileMappingW(ring->file, NULL, PAGE_READWRITE, 0, 0, NULL);
    if (!mapping)
        return NULL;
    uint64_t aligned = from & ~(uint64_t)0xFFFF;
    char *base = MapViewOfFile(mapping, FILE_MAP_WRITE, (DWORD)(aligned >> 32), (DWORD)aligned,
                               (SIZE_T)(size + (from - aligned)));
    CloseHandle(mapping);
    *view = base;
    return base ? base + (from - aligned) : NULL;
}
static void unmap_range(void *view, uint64_t size)
{
    (void)size;
    if (view)
        UnmapViewOfFile(view);
}
#else
/* Descriptors above what programs count, compare or close one by one. */
enum { HIGH_DESCRIPTOR = 200 };

static int open_high(const char *path, int flags)
{
    int file = open(path, flags | O_CLOEXEC, 0600);
    if (file < 0 || file >= HIGH_DESCRIPTOR)
        return file;
    int high = fcntl(file, F_DUPFD_CLOEXEC, HIGH_DESCRIPTOR);
    if (high < 0)
        return file;
    close(file);
    return high;
}

static bool is_ours(const Ring *ring, int file)
{
    struct stat status;
    return file >= 0 && fstat(file, &status) == 0 && status.st_dev == ring->device && status.st_ino == ring->inode;
}

/* The file's descriptor, opened again when the program has closed or replaced it; -1 when that fails. */
static int descriptor(Ring *ring)
{
    if (is_ours(ring, ring->file))
        return ring->file;
    int file = open_high(ring->path, O_RDWR);
    if (file >= 0 && !is_ours(ring, file)) {
        close(file);
        file = -1;
    }
    ring->file = file;
    return file;
}

static bool allocate(int file, uint64_t from, uint64_t size)
{
#if defined(__linux__)
    int failed = posix_fallocate(file, (off_t)from, (off_t)size);
    if (failed == 0 || failed == ENOSPC)
        return failed == 0;
#endif
    static const char zeros[65536];
    while (size > 0) {
        size_t part = size < sizeof zeros ? (size_t)size : sizeof zeros;
        ssize_t done = pwrite(file, zeros, part, (off_t)from);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        from += (uint64_t)done;
        size -= (uint64_t)done;
    }
    return true;
}
static void *map_range(Ring *ring, uint64_t from, uint64_t size, void **view)
{
    /* Steps begin at 4096 + n MiB: on systems with larger pages the view starts a little earlier. */
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t aligned = from & ~(page - 1);
    int file = descriptor(ring);
    if (file < 0 || !allocate(file, from, size))
        return NULL;
    char *base = mmap(NULL, (size_t)(size + (from - aligned)), PROT_READ | PROT_WRITE, MAP_SHARED, file,
                      (off_t)aligned);
    if (base == MAP_FAILED)
        return NULL;
    *view = base;
    return base + (from - aligned);
}
static void unmap_range(void *view, uint64_t size)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    if (view)
        munmap(view, (size_t)((size + HEADER % page + page - 1) & ~(page - 1)));
}
#endif

/* Maps one more step. False, and the ring stops growing, when the limit or the disk says so. */
static bool grow(Ring *ring)
{
    if (ring->capacity)
        return false;
    uint64_t records = ring->limit - ring->mapped;
    if (records > STEP)
        records = STEP;
    if (records > 0 && ring->steps_mapped < ring->step_room) {
        void *view = NULL;
        Record *step = map_range(ring, HEADER + ring->mapped * RECORD, records * RECORD, &view);
        if (step) {
            ring->views[ring->steps_mapped] = view;
            ring->steps[ring->steps_mapped++] = step;
            ring->mapped += records;
            return true;
        }
    }
    ring->capacity = ring->mapped; /* never 0: opening maps the first step */
    ring->header->capacity = ring->capacity;
    return false;
}

static void write_record(Ring *ring, unsigned kind, unsigned aux, uint32_t actor, uint64_t at, uint32_t a, uint32_t b,
                         uint32_t c)
{
    uint64_t position = atomic_fetch_add_explicit(&ring->next, 1, memory_order_relaxed);
    uint64_t slot = position;
    uint64_t lap = 0;
    if (slot >= ring->mapped) {
        while (slot >= ring->mapped && grow(ring))
            ;
        if (ring->capacity) {
            slot = position % ring->capacity;
            lap = position / ring->capacity;
        }
    }
    Record *record = &ring->steps[slot >> STEP_BITS][slot & (STEP - 1)];
    record->kind = (uint8_t)kind;
    record->lap = (uint8_t)lap;
    record->aux = (uint16_t)aux;
    record->actor = actor;
    record->at = at;
    record->a = a;
    record->b = b;
    record->c = c;
    atomic_store_explicit(&record->seq, (uint32_t)(1 + position % 0xFFFFFFFFull), memory_order_release);
    if ((position & 1023) == 0)
        atomic_store_explicit(&ring->header->head, position + 1, memory_order_relaxed);
}

void ring_write(unsigned kind, unsigned aux, uint32_t actor, uint64_t at, uint32_t a, uint32_t b, uint32_t c)
{
    if (ring_open)
        write_record(current, kind, aux, actor, at, a, b, c);
}

#ifndef _WIN32
/* A forked child must not write one record into its parent's stream, not even from threading's own
 * after-fork handlers, which may run before ours. */
static void close_in_child(void)
{
    ring_open = false;
}
#endif

static void ring_unmap(Ring *ring)
{
    if (!ring->header)
        return;
    if (current == ring) {
        current = NULL;
        ring_open = false;
    }
    for (uint64_t step = 0; step < ring->steps_mapped; step++) {
        uint64_t records = step + 1 < ring->steps_mapped ? STEP : ring->mapped - step * STEP;
        unmap_range(ring->views[step], records * RECORD);
    }
#ifdef _WIN32
    UnmapViewOfFile(ring->header);
    CloseHandle(ring->file);
#else
    munmap(ring->header, HEADER);
    if (is_ours(ring, ring->file))
        close(ring->file);
    ring->file = -1;
#endif
    ring->header = NULL;
}

/* Makes the file and maps its header. */
static bool create(Ring *ring)
{
    void *view = NULL;
#ifdef _WIN32
    wchar_t wide[4096];
    if (!MultiByteToWideChar(CP_UTF8, 0, ring->path, -1, wide, 4096)) {
        PyErr_SetFromWindowsErrWithFilename(0, ring->path);
        return false;
    }
    ring->file = CreateFileW(wide, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                             NULL, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
    bool opened = ring->file != INVALID_HANDLE_VALUE;
    if (opened && !(ring->header = map_range(ring, 0, HEADER, &view))) {
        CloseHandle(ring->file);
        opened = false;
    }
    if (!opened)
        PyErr_SetFromWindowsErrWithFilename(0, ring->path);
#else
    struct stat status;
    ring->file = open_high(ring->path, O_RDWR | O_CREAT | O_EXCL);
    bool opened = ring->file >= 0 && fstat(ring->file, &status) == 0;
    if (opened) {
        ring->device = status.st_dev;
        ring->inode = status.st_ino;
        ring->header = map_range(ring, 0, HEADER, &view);
        opened = ring->header != NULL;
    }
    if (!opened) {
        PyErr_SetFromErrnoWithFilename(PyExc_OSError, ring->path);
        if (ring->file >= 0) {
            close(ring->file);
            unlink(ring->path);
        }
        ring->file = -1;
    }
#endif
    return opened;
}

static int ring_init(PyObject *object, PyObject *args, PyObject *names)
{
    static char *keywords[] = {"path", "limit", "pid", "started", NULL};
    Ring *ring = (Ring *)object;
    PyObject *path = NULL;
    unsigned long long limit, pid, started;
    if (!PyArg_ParseTupleAndKeywords(args, names, "O&KKK", keywords, PyUnicode_FSConverter, &path, &limit, &pid,
                                     &started))
        return -1;
    if (ring->header || limit == 0) {
        Py_DECREF(path);
        PyErr_SetString(PyExc_ValueError, "a ring is opened once, with room for a record");
        return -1;
    }
    const char *name = PyBytes_AsString(path);
    ring->path = malloc(strlen(name) + 1);
    if (!ring->path) {
        Py_DECREF(path);
        PyErr_NoMemory();
        return -1;
    }
    strcpy(ring->path, name);
    Py_DECREF(path);
    if (!create(ring))
        return -1;
    ring->limit = limit;
    ring->step_room = (limit + STEP - 1) / STEP;
    ring->steps = calloc(ring->step_room, sizeof *ring->steps);
    ring->views = calloc(ring->step_room, sizeof *ring->views);
    if (!ring->steps || !ring->views) {
        PyErr_NoMemory();
        return -1;
    }
    Header *header = ring->header;
    header->version = 1;
    header->record_bytes = RECORD;
    header->pid = pid;
    header->started = started;
    memcpy(header->magic, "ILVRING1", 8);
    if (!grow(ring)) {
        ring_unmap(ring);
        PyErr_SetString(PyExc_OSError, "no space for the recording");
        return -1;
    }
#ifndef _WIN32
    static bool registered;
    if (!registered)
        registered = pthread_atfork(NULL, NULL, close_in_child) == 0;
#endif
    return 0;
}

static void ring_dealloc(PyObject *object)
{
    Ring *ring = (Ring *)object;
    ring_unmap(ring);
    free(ring->steps);
    free(ring->views);
    free(ring->path);
    PyTypeObject *type = Py_TYPE(object);
    PyObject_Free(object);
    Py_DECREF(type);
}

static bool parse(PyObject *const *args, Py_ssize_t count, Py_ssize_t wanted, uint64_t *values)
{
    if (count < 3 || count > wanted) {
        PyErr_Format(PyExc_TypeError, "expected 3 to %zd numbers, got %zd", wanted, count);
        return false;
    }
    for (Py_ssize_t i = 0; i < wanted; i++) {
        values[i] = i < count ? PyLong_AsUnsignedLongLongMask(args[i]) : 0;
        if (values[i] == (uint64_t)-1 && PyErr_Occurred())
            return false;
    }
    return true;
}

static PyObject *ring_emit(PyObject *object, PyObject *const *args, Py_ssize_t count)
{
    Ring *ring = (Ring *)object;
    uint64_t v[6];
    if (!parse(args, count, 6, v))
        return NULL;
    if (ring->header)
        write_record(ring, (unsigned)v[0], (unsigned)v[1], (uint32_t)v[2], clock_now(), (uint32_t)v[3], (uint32_t)v[4],
                     (uint32_t)v[5]);
    return none();
}

static PyObject *ring_emit_at(PyObject *object, PyObject *const *args, Py_ssize_t count)
{
    Ring *ring = (Ring *)object;
    uint64_t v[7];
    if (!parse(args, count, 7, v))
        return NULL;
    if (ring->header)
        write_record(ring, (unsigned)v[0], (unsigned)v[1], (uint32_t)v[2], v[3], (uint32_t)v[4], (uint32_t)v[5],
                     (uint32_t)v[6]);
    return none();
}

static void renew(Ring *ring)
{
    atomic_store(&ring->header->head, atomic_load(&ring->next));
    ring->header->dropped = ring->dropped;
}

static PyObject *ring_set_overhead(PyObject *object, PyObject *value)
{
    Ring *ring = (Ring *)object;
    uint64_t ns = PyLong_AsUnsignedLongLongMask(value);
    if (ns == (uint64_t)-1 && PyErr_Occurred())
        return NULL;
    if (ring->header) {
        ring->header->overhead = ns;
        renew(ring);
    }
    return none();
}

static PyObject *ring_prepare(PyObject *object, PyObject *unused)
{
    Ring *ring = (Ring *)object;
    (void)unused;
    if (ring->header) {
        renew(ring);
        if (!ring->capacity && atomic_load(&ring->next) + STEP / 2 > ring->mapped)
            grow(ring);
    }
    return none();
}

static PyObject *ring_close(PyObject *object, PyObject *unused)
{
    Ring *ring = (Ring *)object;
    (void)unused;
    if (ring->header) {
        renew(ring);
        ring->header->closed = clock_now();
    }
    return none();
}

static PyObject *ring_release(PyObject *object, PyObject *unused)
{
    Ring *ring = (Ring *)object;
    (void)unused;
    if (!ring->header)
        return none();
#ifndef _WIN32
    int file = descriptor(ring);
    uint64_t head = atomic_load(&ring->next);
    if (!ring->capacity && file >= 0 && head < ring->mapped) {
        int ignored = ftruncate(file, (off_t)(HEADER + head * RECORD));
        (void)ignored; /* a file a little too long is as good */
    }
#endif
    ring_unmap(ring);
    return none();
}

/* In a forked child: nothing is written, truncated or waited for. */
static PyObject *ring_abandon(PyObject *object, PyObject *unused)
{
    (void)unused;
    ring_unmap((Ring *)object);
    return none();
}

static PyObject *ring_head(PyObject *object, void *unused)
{
    (void)unused;
    return PyLong_FromUnsignedLongLong(atomic_load(&((Ring *)object)->next));
}

static PyObject *ring_dropped(PyObject *object, void *unused)
{
    (void)unused;
    return PyLong_FromUnsignedLongLong(((Ring *)object)->dropped);
}

static PyObject *ring_capacity(PyObject *object, void *unused)
{
    (void)unused;
    return PyLong_FromUnsignedLongLong(((Ring *)object)->capacity);
}

static PyObject *ring_path(PyObject *object, void *unused)
{
    (void)unused;
    const char *path = ((Ring *)object)->path;
    return PyUnicode_DecodeFSDefault(path ? path : "");
}

int ring_use(PyObject *object)
{
    current = (Ring *)object;
    ring_open = current && current->header;
    return 0;
}

static PyMethodDef methods[] = {
    {"emit", (PyCFunction)(void (*)(void))ring_emit, METH_FASTCALL, "emit(kind, aux, actor, a, b, c): a record of now"},
    {"emit_at", (PyCFunction)(void (*)(void))ring_emit_at, METH_FASTCALL,
     "emit_at(kind, aux, actor, at, a, b, c): a record of the given time"},
    {"set_overhead", ring_set_overhead, METH_O, "writes head, losses and the probe's own CPU time (ns) into the header"},
    {"prepare", ring_prepare, METH_NOARGS, "renews the head hint and allocates ahead; about ten times a second"},
    {"close", ring_close, METH_NOARGS, "stamps the end; later records are still accepted"},
    {"release", ring_release, METH_NOARGS, "gives map and unused space back; nothing is recorded afterwards"},
    {"abandon", ring_abandon, METH_NOARGS, "unmaps without a word: after a fork, in the child"},
    {NULL, NULL, 0, NULL},
};
static PyGetSetDef properties[] = {
    {"head", ring_head, NULL, "records claimed so far", NULL},
    {"dropped", ring_dropped, NULL, "records that could not be written", NULL},
    {"lost", ring_dropped, NULL, "the same", NULL},
    {"path", ring_path, NULL, "the ring's file", NULL},
    {"capacity", ring_capacity, NULL, "records in a lap; 0 while it grows", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};
static PyType_Slot slots[] = {
    {Py_tp_init, ring_init},   {Py_tp_dealloc, ring_dealloc}, {Py_tp_methods, methods},
    {Py_tp_getset, properties}, {Py_tp_doc, "The ring of one process, as wire/FORMAT.md says."}, {0, NULL},
};
PyType_Spec ring_type_spec = {"interleave_probe._native.Ring", sizeof(Ring), 0, Py_TPFLAGS_DEFAULT, slots};
