/* The interpreter's own frames, read where they lie, and where in the program they are. */
#ifndef INTERLEAVE_FRAMES_H
#define INTERLEAVE_FRAMES_H

#include "core.h"

/* ---- frames.c ---- */

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
    int copies;   /* code object → the copies of its instructions that threads run; 0: they all run its own */
    int copy;     /* → which of these a frame runs */
} Layout;

extern const Layout *layout;
extern PyTypeObject *code_type;
enum { OWNED_BY_GENERATOR = 1, OWNED_BY_C = 3 };

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

#ifdef INTERLEAVE_FREE
/* The same place in the code object's own instructions: what is kept of it holds for all threads. No other thread frees a copy
 * that a frame of this one runs. */
static inline uintptr_t instruction_of(const char *frame)
{
    uintptr_t at = FIELD(uintptr_t, frame, layout->instruction);
    if (!layout->copies)
        return at;
    typedef struct { Py_ssize_t count; uintptr_t first[]; } Copies;
    const char *code = (const char *)code_of(frame);
    const Copies *copies = __atomic_load_n((const Copies *const *)(code + layout->copies), __ATOMIC_ACQUIRE);
    Py_ssize_t which = FIELD(int32_t, frame, layout->copy);
    if (unlikely(!copies || (size_t)which >= (size_t)copies->count))
        return 0;
    return at - copies->first[which] + (uintptr_t)code + (uintptr_t)layout->bytecode;
}
#else
static inline uintptr_t instruction_of(const char *frame)
{
    return layout->bytecode >= 0 ? FIELD(uintptr_t, frame, layout->instruction)
                                 : (uintptr_t)(intptr_t)FIELD(int, frame, layout->instruction);
}
#endif

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

static inline char *frame_behind(const char *frame)
{
    return FIELD(char *, frame, layout->previous);
}

typedef struct {
    PyObject *code;
    uintptr_t instruction;
} Place;

static inline Place place_of(const char *frame)
{
    return (Place){code_of(frame), instruction_of(frame)};
}

/* The running thread's innermost frame above `skip` others. */
char *frame_above(int skip);

/* Where the frames from this one on are; how many were found. */
int frames_walk(const char *frame, Place *places, int depth);
/* Where a frame is; false when it is none of the program's or frames are not known here. */
bool frame_place(const char *frame, Place *place);
/* Whether the thread with this state runs this frame. */
bool frame_is_of(const void *state, const char *frame);
/* Whether what lies there may be a frame that runs this code: asked of memory that may be anything. */
bool frame_may_be_of(const char *frame, PyObject *code);
/* A place's instruction as f_lasti gives it. */
intptr_t place_index(const Place *place);
/* ((code, index), …) of these places. */
PyObject *places_tuple(const Place *places, int count);

/* ---- contexts.c ---- */

/* Where frames from this one on are, `depth` of them. */
Context context_from(const char *frame, int depth);
/* The context of these places, innermost first. */
Context context_of(const Place *places, int count);

/* ---- judged.c ---- */

/* ROLE_x of locks that this code takes, and above four bits of those it makes; negative when that is not known. */
int code_judged(PyObject *code);
void program_stacks_forget(void);
/* As program_stack(), for this frame. */
uint32_t program_stack_from(char *frame);

#endif
