/* Interned lists of (code, instruction), and whose code it is that takes or makes locks. Entries are only ever added, and looked
 * up without a guard: what is kept of them stays as long as the process. */
#include "../frames.h"

#include <string.h>

typedef struct {
    uint64_t hash;
    _Atomic uint64_t stack; /* era << 32 | id in its stream: asked for once in an era */
    _Atomic Context line;   /* of a place where locks are made: the first known site of its line, which counts them */
    _Atomic uint32_t made;
    uint8_t count;
    uint8_t role; /* of a site: whose locks are taken there */
    Place places[];
} Entry;

enum { MOST_CONTEXTS = 1 << 17, MOST_CODES = 8192, CODE_SLOTS = MOST_CODES * 2, MOST_LINES = 1024 };
typedef struct { uint32_t room; _Atomic uint32_t slots[]; } Index;

static Guard guard; /* of whoever adds */
static Entry **entries; /* entries[id - 1]; room for all, most of it never touched */
static uint32_t entry_count;
static _Atomic(Index *) ids_by_hash;
static struct { _Atomic(PyObject *) code; _Atomic int judged; } codes[CODE_SLOTS];
static int code_count;
static struct { uint32_t stack, era; Context site; } lines[MOST_LINES];
static uint32_t line_count;

static Index *bigger_index(const Index *old)
{
    uint32_t room = old ? old->room * 2 : 2048;
    Index *index = calloc(1, sizeof *index + room * sizeof *index->slots);
    if (!index)
        return NULL;
    index->room = room;
    for (uint32_t id = 1; id <= entry_count; id++) {
        uint32_t slot = (uint32_t)entries[id - 1]->hash & (room - 1);
        while (atomic_load_explicit(&index->slots[slot], memory_order_relaxed))
            slot = (slot + 1) & (room - 1);
        atomic_store_explicit(&index->slots[slot], id, memory_order_relaxed);
    }
    return index;
}

bool places_install(void)
{
    if (!entries)
        entries = calloc(MOST_CONTEXTS, sizeof *entries);
    if (entries && !atomic_load(&ids_by_hash))
        atomic_store(&ids_by_hash, bigger_index(NULL));
    return entries && atomic_load(&ids_by_hash);
}

static Context find(uint64_t hash)
{
    Index *index = atomic_load_explicit(&ids_by_hash, memory_order_acquire);
    for (uint32_t slot = (uint32_t)hash & (index->room - 1);; slot = (slot + 1) & (index->room - 1)) {
        Context id = atomic_load_explicit(&index->slots[slot], memory_order_acquire);
        if (!id || entries[id - 1]->hash == hash)
            return id;
    }
}

static Context intern(uint64_t hash, const Place *places, int count, uint8_t role)
{
    Entry *entry = calloc(1, sizeof *entry + (size_t)count * sizeof *places);
    if (!entry)
        return 0;
    entry->hash = hash;
    entry->count = (uint8_t)count;
    entry->role = role;
    memcpy(entry->places, places, (size_t)count * sizeof *places);
    /* A kept code object keeps its address: no later one can be mistaken for it. */
    for (int i = 0; i < count; i++)
        Py_INCREF(places[i].code);
    guard_take(&guard);
    Context id = find(hash); /* another thread was faster */
    Index *index = atomic_load(&ids_by_hash), *more = NULL;
    if (!id && entry_count < MOST_CONTEXTS && (entry_count + 1) * 2 > index->room) {
        /* Who looks at the old one meanwhile finds less: it stays where it is. */
        if ((more = bigger_index(index))) {
            atomic_store_explicit(&ids_by_hash, more, memory_order_release);
            index = more;
        }
    }
    bool added = !id && entry_count < MOST_CONTEXTS && (entry_count + 1) * 2 <= index->room;
    if (added) {
        entries[entry_count] = entry;
        id = ++entry_count;
        uint32_t slot = (uint32_t)hash & (index->room - 1);
        while (atomic_load_explicit(&index->slots[slot], memory_order_relaxed))
            slot = (slot + 1) & (index->room - 1);
        atomic_store_explicit(&index->slots[slot], id, memory_order_release);
    }
    guard_give(&guard);
    if (!added) {
        for (int i = 0; i < count; i++)
            Py_DECREF(places[i].code);
        free(entry);
    }
    return id;
}

Context context_from(const char *frame, int depth)
{
    Place places[CONTEXT_DEPTH];
    uint64_t hash = (uint64_t)depth;
    int count = frames_walk(frame, places, depth);
    for (int i = 0; i < count; i++)
        hash = mix(mix(hash, (uintptr_t)places[i].code), places[i].instruction);
    if (!count)
        return 0;
    Context found = find(hash);
    return found ? found : intern(hash, places, count, 0);
}

Context context_here(int depth)
{
    return context_from(current_frame(), depth);
}

PyObject *context_frames(Context context)
{
    if (!context)
        return PyTuple_New(0);
    Entry *entry = entries[context - 1];
    return places_tuple(entry->places, entry->count);
}

uint32_t context_stack_known(Context context)
{
    uint64_t known = context ? atomic_load_explicit(&entries[context - 1]->stack, memory_order_relaxed) : 0;
    return known >> 32 == table_era() ? (uint32_t)known : 0;
}

uint32_t context_stack(Context context)
{
    uint32_t era = table_era();
    if (!context)
        return 0;
    uint64_t known = atomic_load_explicit(&entries[context - 1]->stack, memory_order_relaxed);
    if (known >> 32 == era)
        return (uint32_t)known;
    PyObject *frames = context_frames(context);
    long id = frames ? ask_id(ask("stack", "(N)", frames)) : -1;
    if (id < 0)
        return 0;
    atomic_store_explicit(&entries[context - 1]->stack, (uint64_t)era << 32 | (uint32_t)id, memory_order_relaxed);
    return (uint32_t)id;
}

/* ---- whose code it is ---- */

int code_judged(PyObject *code)
{
    enum { UNKNOWN = -1 };
    size_t first = (size_t)mix(0, (uintptr_t)code) & (CODE_SLOTS - 1), slot = first;
    PyObject *known;
    for (; (known = atomic_load_explicit(&codes[slot].code, memory_order_acquire)); slot = (slot + 1) & (CODE_SLOTS - 1))
        if (known == code)
            break;
    int judged = known ? atomic_load_explicit(&codes[slot].judged, memory_order_relaxed) : UNKNOWN;
    if (judged >= 0)
        return judged;
    judged = (int)ask_id(ask("judge", "(O)", code));
    if (judged < 0)
        return judged;
    if (!known) {
        guard_take(&guard);
        for (slot = first; (known = atomic_load(&codes[slot].code)) && known != code; slot = (slot + 1) & (CODE_SLOTS - 1))
            ;
        if (!known && code_count < MOST_CODES) {
            code_count++;
            Py_INCREF(code);
            atomic_store_explicit(&codes[slot].judged, judged, memory_order_relaxed);
            atomic_store_explicit(&codes[slot].code, code, memory_order_release);
        }
        guard_give(&guard);
    }
    if (known)
        atomic_store_explicit(&codes[slot].judged, judged, memory_order_relaxed);
    return judged;
}

/* Code judged before it could be known for what it is may be judged again. */
void frames_rejudge(void)
{
    for (int i = 0; i < CODE_SLOTS; i++)
        atomic_store_explicit(&codes[i].judged, -1, memory_order_relaxed);
}

/* The context of one place alone. */
static Context site_of(const Place *place)
{
    uint64_t hash = mix(mix(SITE_DEPTH, (uintptr_t)place->code), place->instruction);
    Context found = find(hash);
    if (likely(found))
        return found;
    int judged = code_judged(place->code);
    return intern(hash, place, 1, judged < 0 ? ROLE_PROGRAM : (uint8_t)(judged & 15));
}

Context site_for(Thread *thread, unsigned *role, bool given_back)
{
    for (char *frame = current_frame(); frame; frame = frame_behind(frame)) {
        if (!is_real(frame))
            continue;
        Place place = place_of(frame);
        Near *near = &thread->sites[(((uintptr_t)place.code >> 5) ^ (place.instruction >> 1)) & (NEAR_SITES - 1)];
        if (near->code != place.code || near->instruction != place.instruction) {
            Context found = site_of(&place);
            if (!found)
                break;
            *near = (Near){place.code, place.instruction, found, entries[found - 1]->role};
        }
        *role = near->role;
        /* Condition.wait() takes its waiter itself, but the condition's lock for its caller. */
        if (*role == ROLE_PASSES_ON || (*role == ROLE_WAITER && given_back)) {
            given_back = true;
            continue;
        }
        return near->site;
    }
    *role = ROLE_PROGRAM;
    return 0;
}

/* ---- how many were made on a line ---- */

static COLD Context line_of(Context context)
{
    Place place = entries[context - 1]->places[0];
    Context site = site_of(&place);
    /* Two instructions of a line have one stack id. */
    uint32_t stack = context_stack(site), era = table_era();
    if (!stack)
        return 0;
    guard_take(&guard);
    uint32_t at = 0;
    while (at < line_count && (lines[at].stack != stack || lines[at].era != era))
        at++;
    if (at < line_count)
        site = lines[at].site;
    else if (line_count == MOST_LINES)
        site = 0;
    else {
        lines[line_count].stack = stack;
        lines[line_count].era = era;
        lines[line_count++].site = site;
    }
    guard_give(&guard);
    return site;
}

uint32_t count_made(Context creation)
{
    if (!creation)
        return 0;
    Context line = atomic_load_explicit(&entries[creation - 1]->line, memory_order_relaxed);
    if (unlikely(!line)) {
        if (!(line = line_of(creation)))
            return 0;
        atomic_store_explicit(&entries[creation - 1]->line, line, memory_order_relaxed);
    }
    return atomic_fetch_add_explicit(&entries[line - 1]->made, 1, memory_order_relaxed) + 1;
}

uint32_t made_on_line(Context creation)
{
    Context line = creation ? atomic_load_explicit(&entries[creation - 1]->line, memory_order_relaxed) : 0;
    return line ? atomic_load_explicit(&entries[line - 1]->made, memory_order_relaxed) : 0;
}
