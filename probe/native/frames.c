/* Where the running thread is: interned contexts of (code, instruction) pairs, read from the interpreter's
 * own frames without making frame objects.
 *
 * The layout of frames is private to CPython, but fixed within a minor version. The table below holds the
 * offsets; install compares what they give with what sys._getframe() says, and without agreement (a new
 * version, a debug build) contexts are simply unknown. */
#include "frames.h"

#include <string.h>

typedef struct {
    int minor;
    int cframe;   /* thread state → what holds the current frame; -1: the thread state itself */
    int current;  /* → current frame */
    int code, instruction, previous, locals;
    int owner;    /* which kind of frame; -1: all are real */
    int bytecode; /* code object → first instruction; -1: `instruction` is an int index */
    int scale;    /* bytes per index */
    int begins;   /* code object → int, index of the instruction that begins the source's own */
    int tags;     /* bits of a reference that say how it is counted */
} Layout;

static const Layout layouts[] = {
    {9, -1, 24, 32, 104, 24, 360, -1, -1, 1, -1, 0},
    {10, -1, 24, 32, 96, 24, 352, -1, -1, 2, -1, 0},
    {11, 56, 8, 32, 56, 48, 72, 69, 184, 1, 168, 0},
    {12, 56, 0, 0, 56, 8, 72, 70, 192, 1, 176, 0},
    {13, -1, 72, 0, 56, 8, 72, 70, 200, 1, 184, 0},
    {14, -1, 72, 0, 56, 8, 80, 74, 208, 1, 192, 3},
};
enum { OWNED_BY_GENERATOR = 1, OWNED_BY_C = 3 };

typedef struct {
    uint64_t hash;
    uint32_t stack; /* its id in this process's stream; 0 = not asked yet */
    bool asked;
    uint8_t count;
    uint8_t role; /* of a site: whose locks are taken there */
    Meaning meaning;
    Place places[];
} Entry;

static const Layout *layout;
static PyTypeObject *code_type;
static Entry **entries; /* entries[id - 1] */
static uint32_t entry_count, entry_room;
static uint32_t *index_slots; /* ids by hash */
static uint32_t index_room;
enum { MOST_CONTEXTS = 1 << 17 };

#define FIELD(type, base, offset) (*(type *)((char *)(base) + (offset)))

static inline char *frame_of(char *state)
{
    if (layout->cframe >= 0)
        state = FIELD(char *, state, layout->cframe);
    return FIELD(char *, state, layout->current);
}

static inline char *current_frame(void)
{
    return frame_of((char *)PyThreadState_Get());
}

static inline PyObject *reference_at(const char *frame, int offset)
{
    return (PyObject *)(FIELD(uintptr_t, frame, offset) & ~(uintptr_t)layout->tags);
}

static inline PyObject *code_of(const char *frame)
{
    return reference_at(frame, layout->code);
}

static inline uintptr_t instruction_of(const char *frame)
{
    return layout->bytecode >= 0 ? FIELD(uintptr_t, frame, layout->instruction)
                                 : (uintptr_t)(intptr_t)FIELD(int, frame, layout->instruction);
}

/* Frames that only mark a call from C, or have not begun, are none for the interpreter's own API either. */
static inline bool is_real(const char *frame)
{
    PyObject *code = code_of(frame);
    if (layout->owner < 0)
        return code != NULL;
    char owner = FIELD(char, frame, layout->owner);
    if (owner >= OWNED_BY_C || !code || Py_TYPE(code) != code_type)
        return false;
    return owner == OWNED_BY_GENERATOR ||
           instruction_of(frame) >= (uintptr_t)code + (uintptr_t)layout->bytecode + 2u * FIELD(unsigned, code, layout->begins);
}

static int walk(char *frame, Place *places, int depth)
{
    int count = 0;
    for (; frame && count < depth; frame = FIELD(char *, frame, layout->previous)) {
        if (!is_real(frame))
            continue;
        places[count].code = code_of(frame);
        places[count++].instruction = instruction_of(frame);
    }
    return count;
}

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

static Context context_from(char *frame, int depth)
{
    Place places[CONTEXT_DEPTH];
    uint64_t hash = (uint64_t)depth;
    int count = walk(frame, places, depth);
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

bool frame_place(const char *frame, Place *place)
{
    if (!layout || !is_real(frame))
        return false;
    *place = (Place){code_of(frame), instruction_of(frame)};
    return true;
}

bool frame_may_be_of(const char *frame, PyObject *code)
{
    return layout && code_of(frame) == code;
}

intptr_t place_index(const Place *place)
{
    intptr_t index = (intptr_t)place->instruction;
    return layout->bytecode >= 0 ? index - (intptr_t)place->code - layout->bytecode : index * layout->scale;
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

static char *frame_above(int skip)
{
    char *frame = current_frame();
    for (; frame; frame = FIELD(char *, frame, layout->previous))
        if (is_real(frame) && skip-- == 0)
            break;
    return frame;
}

Context context_above(int skip)
{
    return context_from(frame_above(skip), CONTEXT_DEPTH);
}

void *frame_of_code(PyObject *code, int skip, int most)
{
    for (char *frame = frame_above(skip); frame && most > 0; frame = FIELD(char *, frame, layout->previous)) {
        if (!is_real(frame))
            continue;
        if (code_of(frame) == code)
            return frame;
        most--;
    }
    return NULL;
}

PyObject *context_frames(Context context)
{
    if (!context || context > entry_count)
        return PyTuple_New(0);
    Entry *entry = entries[context - 1];
    PyObject *frames = PyTuple_New(entry->count);
    for (int i = 0; frames && i < entry->count; i++) {
        PyObject *pair = Py_BuildValue("(On)", entry->places[i].code, (Py_ssize_t)place_index(&entry->places[i]));
        if (!pair || PyTuple_SetItem(frames, i, pair) < 0) {
            Py_DECREF(frames);
            return NULL;
        }
    }
    return frames;
}

uint32_t context_stack_known(Context context)
{
    return context && context <= entry_count ? entries[context - 1]->stack : 0;
}

uint32_t context_stack(Context context)
{
    if (!context || context > entry_count)
        return 0;
    Entry *entry = entries[context - 1];
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

/* What a code object is to locks, asked once and kept: whose lock it takes, and whose it makes. */
enum { MOST_CODES = 8192, SLOTS = MOST_CODES * 2 };
static struct { PyObject *code; int judged; } codes[SLOTS];
static int code_count;

static int judge(PyObject *code)
{
    size_t slot = (size_t)mix(0, (uintptr_t)code) & (SLOTS - 1);
    for (; codes[slot].code; slot = (slot + 1) & (SLOTS - 1))
        if (codes[slot].code == code)
            return codes[slot].judged;
    long judged = ask_id(ask("judge", "(O)", code));
    if (judged < 0)
        return -1;
    slot = (size_t)mix(0, (uintptr_t)code) & (SLOTS - 1);
    while (codes[slot].code)
        slot = (slot + 1) & (SLOTS - 1);
    if (code_count < MOST_CODES) {
        code_count++;
        Py_INCREF(code);
        codes[slot].code = code;
        codes[slot].judged = (int)judged;
    }
    return (int)judged;
}

Context creation_here(void)
{
    for (char *frame = current_frame(); frame; frame = FIELD(char *, frame, layout->previous)) {
        if (!is_real(frame))
            continue;
        int judged = judge(code_of(frame));
        unsigned role = judged < 0 ? ROLE_PROGRAM : (unsigned)judged >> 4;
        if (role != ROLE_PASSES_ON)
            return role == ROLE_PROGRAM ? context_from(frame, CONTEXT_DEPTH) : 0;
    }
    return 0;
}

/* Places where very many things are done: each is found by the innermost frame that is the program's. */
enum { BUSY_PLACES = 1024, LOOKED_AT = 64 };
static struct { PyObject *code; uintptr_t instruction; uint32_t count, stack; } busy[BUSY_PLACES];

uint32_t program_stack(void)
{
    char *outer = frame_above(1), *begin = outer;
    for (; outer; outer = FIELD(char *, outer, layout->previous)) {
        if (!is_real(outer))
            continue;
        int judged = judge(code_of(outer));
        if (judged < 0 || (judged & 15) == ROLE_PROGRAM)
            break;
    }
    if (!outer)
        return context_stack(context_from(begin, CONTEXT_DEPTH));
    PyObject *code = code_of(outer);
    uintptr_t instruction = instruction_of(outer);
    size_t slot = (size_t)mix(mix(0, (uintptr_t)code), instruction) & (BUSY_PLACES - 1);
    bool known = busy[slot].code == code && busy[slot].instruction == instruction;
    if (known && busy[slot].count > LOOKED_AT)
        return busy[slot].stack;
    uint32_t stack = context_stack(context_from(begin, CONTEXT_DEPTH));
    busy[slot].count = known ? busy[slot].count + 1 : 1;
    /* The context keeps the code object, so no other comes to lie there. */
    busy[slot].code = stack ? code : NULL;
    busy[slot].instruction = instruction;
    busy[slot].stack = stack;
    return stack;
}

Context site_here(unsigned *role, bool given_back)
{
    for (char *frame = current_frame(); frame; frame = FIELD(char *, frame, layout->previous)) {
        if (!is_real(frame))
            continue;
        Place place = {code_of(frame), instruction_of(frame)};
        uint64_t hash = mix(mix(SITE_DEPTH, (uintptr_t)place.code), place.instruction);
        Context found = find(hash);
        if (!found) {
            int judged = judge(place.code);
            if (!(found = intern(hash, &place, 1)))
                break;
            entries[found - 1]->role = judged < 0 ? ROLE_PROGRAM : (uint8_t)(judged & 15);
        }
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

Meaning *context_meaning(Context context)
{
    return context && context <= entry_count ? &entries[context - 1]->meaning : NULL;
}

PyObject *frame_first_local(int depth)
{
    for (char *frame = current_frame(); frame; frame = FIELD(char *, frame, layout->previous))
        if (is_real(frame) && depth-- == 0)
            return reference_at(frame, layout->locals);
    return NULL;
}

/* Code judged before it could be known for what it is may be judged again. */
void frames_rejudge(void)
{
    for (int i = 0; i < SLOTS; i++)
        Py_CLEAR(codes[i].code);
    code_count = 0;
}

/* After a fork: the child's stream knows none of the ids. */
void contexts_forget_ids(void)
{
    for (uint32_t id = 1; id <= entry_count; id++) {
        entries[id - 1]->stack = 0;
        entries[id - 1]->asked = false;
        entries[id - 1]->meaning.known = false;
    }
    memset(busy, 0, sizeof busy);
}

void contexts_clear(void)
{
    uint32_t count = entry_count;
    Entry **old = entries;
    entries = NULL;
    entry_count = entry_room = index_room = 0;
    free(index_slots);
    index_slots = NULL;
    memset(busy, 0, sizeof busy);
    for (uint32_t i = 0; i < count; i++) {
        for (int place = 0; place < old[i]->count; place++)
            Py_DECREF(old[i]->places[place].code);
        free(old[i]);
    }
    free(old);
    frames_rejudge();
}

bool frames_known(void)
{
    return layout != NULL;
}

/* True when the offsets give the same codes and, but for this very call, the same instructions as the
 * interpreter's own frame objects. */
static bool agrees(void)
{
    Place places[CONTEXT_DEPTH];
    int count = walk(current_frame(), places, CONTEXT_DEPTH);
    PyObject *getframe = PySys_GetObject("_getframe");
    PyObject *frame = getframe ? PyObject_CallFunction(getframe, NULL) : NULL;
    bool same = frame != NULL && count > 0;
    int i = 0;
    for (; same && i < count && frame && frame != Py_None; i++) {
        PyObject *code = PyObject_GetAttrString(frame, "f_code");
        PyObject *last = PyObject_GetAttrString(frame, "f_lasti");
        same = code && last && code == places[i].code;
        same = same && place_index(&places[i]) == (intptr_t)PyLong_AsSsize_t(last);
        Py_XDECREF(code);
        Py_XDECREF(last);
        PyObject *back = PyObject_GetAttrString(frame, "f_back");
        Py_DECREF(frame);
        frame = back;
    }
    same = same && (frame == Py_None || i == CONTEXT_DEPTH);
    Py_XDECREF(frame);
    PyErr_Clear();
    return same;
}

int frames_install(void)
{
    layout = NULL;
    PyObject *hex = PySys_GetObject("hexversion");
    unsigned long version = hex ? PyLong_AsUnsignedLong(hex) : 0;
    PyObject *getframe = PySys_GetObject("_getframe");
    PyObject *frame = getframe ? PyObject_CallFunction(getframe, NULL) : NULL;
    PyObject *code = frame ? PyObject_GetAttrString(frame, "f_code") : NULL;
    code_type = code ? Py_TYPE(code) : NULL;
    Py_XDECREF(frame);
    Py_XDECREF(code);
    if (PyErr_Occurred())
        return -1;
    bool usual = !PySys_GetObject("gettotalrefcount") && sizeof(void *) == 8 && version >> 24 == 3;
    for (size_t i = 0; usual && code_type && i < sizeof layouts / sizeof *layouts; i++)
        if (layouts[i].minor == (int)(version >> 16 & 0xFF))
            layout = &layouts[i];
    if (layout && agrees())
        return 0;
    layout = NULL;
    PyErr_SetString(PyExc_RuntimeError, "frames of this interpreter look different");
    return -1;
}
