/* The mapped ring of wire/FORMAT.md: one atomic position, space allocated a step ahead, records of 32 bytes.
 *
 * The file is mapped in steps of 1 MiB as it grows. A step is really allocated before it is mapped, so a full
 * disk stops the growth and never raises SIGBUS. */
#include "ring.h"

#ifdef INTERLEAVE_FREE
atomic_bool ring_open;
static _Atomic(Ring *) current;
#else
bool ring_open;
static Ring *current;
#endif

enum { LEAST_STEP = 128 }; /* records: 4 KiB */

/* Maps one more step, a smaller last one where there is no room for a whole. False, and the ring stops growing, when the
 * limit or the disk says so; one that only grows `ahead` of need may try again when no descriptor or memory was free. */
static bool grow(Ring *ring, bool ahead)
{
    if (ring->capacity)
        return false;
    uint64_t records = ring->limit - ring->mapped;
    if (records > STEP)
        records = STEP;
    bool whole = true;
    if (ring->steps_mapped == ring->step_room)
        records = 0;
    while (records > 0) {
        void *view = NULL;
        Record *step = ring_map(ring, HEADER + ring->mapped * RECORD, records * RECORD, &view);
        if (step) {
            ring->views[ring->steps_mapped] = view;
            ring->steps[ring->steps_mapped++] = step;
            ring_set(&ring->mapped, ring->mapped + records);
            break;
        }
#ifdef _WIN32
        (void)ahead;
#else
        if (ahead && (errno == EMFILE || errno == ENFILE || errno == ENOMEM))
            return false;
#endif
        whole = false;
        records = records > LEAST_STEP ? records / 4 : 0;
    }
    if (records > 0 && whole)
        return true;
    ring_set(&ring->capacity, ring->mapped); /* never 0: opening maps the first step */
    ring->header->capacity = ring->capacity;
    return records > 0;
}

static inline void fill(Record *record, unsigned kind, unsigned aux, uint32_t actor, uint64_t at, uint32_t a, uint32_t b,
                        uint32_t c, uint64_t lap)
{
    record->kind = (uint8_t)kind;
    record->lap = (uint8_t)lap;
    record->aux = (uint16_t)aux;
    record->actor = actor;
    record->at = at;
    record->a = a;
    record->b = b;
    record->c = c;
}

#ifdef INTERLEAVE_FREE

static Guard growing;

static bool grow_for(Ring *ring, uint64_t slot)
{
    guard_take(&growing);
    while (slot >= ring->mapped && grow(ring, false))
        ;
    guard_give(&growing);
    return !ring_get(&ring->capacity);
}

/* A slot that is being written says 0. In later laps its writer of the lap before may not have come to it yet, or be in the
 * middle of it: then the newer record is lost, and counted. */
static bool claim(Record *record, uint64_t lap, uint32_t number)
{
    uint32_t before = atomic_load_explicit(&record->seq, memory_order_relaxed);
    if (!lap)
        return before == 0;
    return before != 0 && (int32_t)(before - number) < 0 &&
           atomic_compare_exchange_strong_explicit(&record->seq, &before, 0, memory_order_acquire, memory_order_relaxed);
}

static void write_record(Ring *ring, unsigned kind, unsigned aux, uint32_t actor, uint64_t at, uint32_t a, uint32_t b,
                         uint32_t c)
{
    uint64_t position = atomic_fetch_add_explicit(&ring->next, 1, memory_order_relaxed);
    uint64_t slot = position, lap = 0;
    if (slot >= ring_get(&ring->mapped) && (ring_get(&ring->capacity) || !grow_for(ring, slot))) {
        uint64_t capacity = ring_get(&ring->capacity);
        slot = position % capacity;
        lap = position / capacity;
    }
    Record *record = &ring->steps[slot >> STEP_BITS][slot & (STEP - 1)];
    uint32_t number = (uint32_t)(1 + position % 0xFFFFFFFFull);
    if (!claim(record, lap, number)) {
        __atomic_fetch_add(&ring->dropped, 1, __ATOMIC_RELAXED);
        return;
    }
    fill(record, kind, aux, actor, at, a, b, c, lap);
    atomic_store_explicit(&record->seq, number, memory_order_release);
    if ((position & 1023) == 0)
        atomic_store_explicit(&ring->header->head, position + 1, memory_order_relaxed);
}

void ring_write(unsigned kind, unsigned aux, uint32_t actor, uint64_t at, uint32_t a, uint32_t b, uint32_t c)
{
    Ring *ring = atomic_load_explicit(&current, memory_order_acquire);
    if (ring && atomic_load_explicit(&ring_open, memory_order_relaxed))
        write_record(ring, kind, aux, actor, at, a, b, c);
}

#else

static void write_record(Ring *ring, unsigned kind, unsigned aux, uint32_t actor, uint64_t at, uint32_t a, uint32_t b,
                         uint32_t c)
{
    /* Writers hold the GIL; who reads the position elsewhere needs it whole, no more. */
    uint64_t position = atomic_load_explicit(&ring->next, memory_order_relaxed);
    atomic_store_explicit(&ring->next, position + 1, memory_order_relaxed);
    uint64_t slot = position;
    uint64_t lap = 0;
    if (slot >= ring->mapped) {
        while (slot >= ring->mapped && grow(ring, false))
            ;
        if (ring->capacity) {
            slot = position % ring->capacity;
            lap = position / ring->capacity;
        }
    }
    Record *record = &ring->steps[slot >> STEP_BITS][slot & (STEP - 1)];
    fill(record, kind, aux, actor, at, a, b, c, lap);
    atomic_store_explicit(&record->seq, (uint32_t)(1 + position % 0xFFFFFFFFull), memory_order_release);
    if ((position & 1023) == 0)
        atomic_store_explicit(&ring->header->head, position + 1, memory_order_relaxed);
}

void ring_write(unsigned kind, unsigned aux, uint32_t actor, uint64_t at, uint32_t a, uint32_t b, uint32_t c)
{
    if (ring_open)
        write_record(current, kind, aux, actor, at, a, b, c);
}

#endif

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
        ring_unmap_view(ring->views[step], records * RECORD);
    }
    ring_unmap_header(ring);
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
    if (!ring_create(ring))
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
    if (!grow(ring, false)) {
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

/* Not in a forked child that has no ring of its own yet: this one is its parent's. */
static bool may_write(const Ring *ring)
{
    return ring->header && (ring != current || ring_open);
}

static PyObject *ring_emit(PyObject *object, PyObject *const *args, Py_ssize_t count)
{
    Ring *ring = (Ring *)object;
    uint64_t v[6];
    EMITTED();
    if (!parse(args, count, 6, v))
        return NULL;
    if (may_write(ring))
        write_record(ring, (unsigned)v[0], (unsigned)v[1], (uint32_t)v[2], clock_now(), (uint32_t)v[3], (uint32_t)v[4],
                     (uint32_t)v[5]);
    return none();
}

static PyObject *ring_emit_at(PyObject *object, PyObject *const *args, Py_ssize_t count)
{
    Ring *ring = (Ring *)object;
    uint64_t v[7];
    EMITTED();
    if (!parse(args, count, 7, v))
        return NULL;
    if (may_write(ring))
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
        if (!ring->capacity && atomic_load(&ring->next) + STEP / 2 > ring->mapped) {
            GROWING(guard_take);
            grow(ring, true);
            GROWING(guard_give);
        }
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
#ifdef INTERLEAVE_FREE
    /* Another thread may be in the middle of a record of the core's: the file stays as it is. */
    if (ring == current) {
        ring_use(NULL);
        return none();
    }
#endif
    ring_trim(ring);
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
