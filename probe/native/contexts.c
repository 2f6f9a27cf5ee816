/* Interned contexts of (code, instruction) pairs, innermost first: what a stack is before anything is said of it. */
#include "frames.h"

#include <string.h>

typedef struct {
    uint64_t hash;
    uint32_t process; /* the one that what follows holds for: see entry_at() */
    uint32_t stack;   /* its id in the process's stream; 0 = not asked yet */
    bool asked;
    uint8_t count;
    uint8_t role; /* of a site: whose locks are taken there */
    Context line; /* of a place where locks are made: the first known site of its line, which counts them */
    uint32_t made;
    Meaning meaning;
    Place places[];
} Entry;

static Entry **entries; /* entries[id - 1] */
static uint32_t entry_count, entry_room;
static uint32_t this_process;
static uint32_t *index_slots; /* ids by hash */
static uint32_t index_room;
enum { MOST_CONTEXTS = 1 << 17 };

static bool grow_index(void)
{
    uint32_t room = index_room ? index_room * 2 : 1024;
    uint32_t *slots = calloc(room, sizeof *slots);
    Entry **more = realloc(entries, room / 2 * sizeof *entries);
    if (more)
        entries = more;
    if (!slots || !more) {
        free(slots);
        return false;
    }
    for (uint32_t id = 1; id <= entry_count; id++) {
        uint32_t slot = (uint32_t)entries[id - 1]->hash & (room - 1);
        while (slots[slot])
            slot = (slot + 1) & (room - 1);
        slots[slot] = id;
    }
    free(index_slots);
    index_slots = slots;
    index_room = room;
    entry_room = room / 2;
    return true;
}

static Context intern(uint64_t hash, const Place *places, int count)
{
    if (entry_count >= entry_room && (entry_count >= MOST_CONTEXTS || !grow_index()))
        return 0;
    Entry *entry = malloc(sizeof *entry + (size_t)count * sizeof *places);
    if (!entry)
        return 0;
    memset(entry, 0, sizeof *entry);
    entry->hash = hash;
    entry->process = this_process;
    entry->count = (uint8_t)count;
    memcpy(entry->places, places, (size_t)count * sizeof *places);
    /* A kept code object keeps its address: no later one can be mistaken for it. */
    for (int i = 0; i < count; i++)
        Py_INCREF(places[i].code);
    entries[entry_count++] = entry;
    uint32_t slot = (uint32_t)hash & (index_room - 1);
    while (index_slots[slot])
        slot = (slot + 1) & (index_room - 1);
    return index_slots[slot] = entry_count;
}

static Context find(uint64_t hash)
{
    if (!index_room)
        return 0;
    for (uint32_t slot = (uint32_t)hash & (index_room - 1); index_slots[slot]; slot = (slot + 1) & (index_room - 1))
        if (entries[index_slots[slot] - 1]->hash == hash)
            return index_slots[slot];
    return 0;
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
    return found ? found : intern(hash, places, count);
}

Context context_of(const Place *places, int count)
{
    /* Whole stacks all: as if they had been walked to their ends. */
    uint64_t hash = CONTEXT_DEPTH;
    for (int i = 0; i < count; i++)
        hash = mix(mix(hash, (uintptr_t)places[i].code), places[i].instruction);
    Context found = count ? find(hash) : 0;
    return found || !count ? found : intern(hash, places, count);
}

Context context_here(int depth)
{
    return context_from(current_frame(), depth);
}

bool context_of_thread(void *state, Context *context)
{
    char *frame = layout ? frame_of(state) : NULL;
    /* What samples need must leave room for what locks need. */
    if (!layout || entry_count >= MOST_CONTEXTS / 2)
        return false;
    *context = frame ? context_from(frame, CONTEXT_DEPTH) : 0;
    return true;
}

Context context_above(int skip)
{
    return context_from(frame_above(skip), CONTEXT_DEPTH);
}

PyObject *context_frames(Context context)
{
    if (!context || context > entry_count)
        return PyTuple_New(0);
    Entry *entry = entries[context - 1];
    return places_tuple(entry->places, entry->count);
}

/* With what this process's stream knows of it: a forked child's knows nothing yet, and to change them all would copy them. */
static Entry *entry_at(Context context)
{
    if (!context || context > entry_count)
        return NULL;
    Entry *entry = entries[context - 1];
    if (unlikely(entry->process != this_process)) {
        entry->process = this_process;
        entry->stack = 0;
        entry->asked = entry->meaning.known = false;
    }
    return entry;
}

uint32_t context_stack_known(Context context)
{
    Entry *entry = entry_at(context);
    return entry ? entry->stack : 0;
}

uint32_t context_stack(Context context)
{
    Entry *entry = entry_at(context);
    if (!entry)
        return 0;
    if (!entry->asked) {
        PyObject *frames = context_frames(context);
        long id = frames ? ask_id(ask("stack", "(N)", frames)) : 0;
        /* Python code has run, and with it maybe the end of the probe. */
        if (context > entry_count || entries[context - 1] != entry)
            return 0;
        entry->stack = id > 0 ? (uint32_t)id : 0;
        entry->asked = id >= 0;
    }
    return entry->stack;
}

/* The context of one place alone. */
static Context site_of(const Place *place)
{
    uint64_t hash = mix(mix(SITE_DEPTH, (uintptr_t)place->code), place->instruction);
    Context found = find(hash);
    if (likely(found))
        return found;
    int judged = code_judged(place->code);
    found = intern(hash, place, 1);
    if (found)
        entries[found - 1]->role = judged < 0 ? ROLE_PROGRAM : (uint8_t)(judged & 15);
    return found;
}

Context site_here(unsigned *role, bool given_back)
{
    for (char *frame = current_frame(); frame; frame = frame_behind(frame)) {
        if (!is_real(frame))
            continue;
        Place place = place_of(frame);
        Context found = site_of(&place);
        if (!found)
            break;
        *role = entries[found - 1]->role;
        /* Condition.wait() takes its waiter itself, but the condition's lock for its caller. */
        if (*role == ROLE_PASSES_ON || (*role == ROLE_WAITER && given_back)) {
            given_back = true;
            continue;
        }
        return found;
    }
    *role = ROLE_PROGRAM;
    return 0;
}

/* ---- how many were made on a line ---- */

/* Sites that count for their lines, with the stack ids of those. */
enum { MOST_LINES = 1024 };
static struct { uint32_t stack; Context site; } lines[MOST_LINES];
static uint32_t line_count;

static COLD Context line_of(Context context)
{
    Place place = entries[context - 1]->places[0];
    Context site = site_of(&place);
    /* Two instructions of a line have one stack id. Asking for it may run Python code, and with it the end of the probe. */
    uint32_t stack = context_stack(site);
    if (!stack || site > entry_count)
        return 0;
    for (uint32_t i = 0; i < line_count; i++)
        if (lines[i].stack == stack)
            return lines[i].site;
    if (line_count == MOST_LINES)
        return 0;
    lines[line_count].stack = stack;
    lines[line_count++].site = site;
    return site;
}

uint32_t count_made(Context creation)
{
    if (!creation || creation > entry_count)
        return 0;
    Context line = entries[creation - 1]->line;
    if (unlikely(!line)) {
        line = line_of(creation);
        if (!line || creation > entry_count)
            return 0;
        entries[creation - 1]->line = line;
    }
    return ++entries[line - 1]->made;
}

uint32_t made_on_line(Context creation)
{
    Context line = creation && creation <= entry_count ? entries[creation - 1]->line : 0;
    return line ? entries[line - 1]->made : 0;
}

Meaning *context_meaning(Context context)
{
    Entry *entry = entry_at(context);
    return entry ? &entry->meaning : NULL;
}

/* After a fork: the child's stream knows none of the ids. */
void contexts_forget_ids(void)
{
    this_process++;
    program_stacks_forget();
    line_count = 0; /* those known keep counting */
}

void contexts_clear(void)
{
    uint32_t count = entry_count;
    Entry **old = entries;
    entries = NULL;
    entry_count = entry_room = index_room = 0;
    free(index_slots);
    index_slots = NULL;
    line_count = 0;
    program_stacks_forget();
    for (uint32_t i = 0; i < count; i++) {
        for (int place = 0; place < old[i]->count; place++)
            Py_DECREF(old[i]->places[place].code);
        free(old[i]);
    }
    free(old);
    frames_rejudge();
}
