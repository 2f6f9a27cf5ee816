/* Whose code it is that runs: asked of Python once for each code object, and what follows for locks made there. */
#include "frames.h"

#include <string.h>

/* What a code object is to locks, asked once and kept: whose lock it takes, and whose it makes. */
enum { MOST_CODES = 8192, SLOTS = MOST_CODES * 2 };
static struct { PyObject *code; int judged; } codes[SLOTS];
static int code_count;

int code_judged(PyObject *code)
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

/* Places where very many things are done: each is found by the innermost frame that is the program's. */
enum { BUSY_PLACES = 1024, LOOKED_AT = 64 };
static struct { PyObject *code; uintptr_t instruction; uint32_t count, stack; } busy[BUSY_PLACES];

/* A library's code that was passed over the last time: what is taken is taken through the same few functions. */
static PyObject *passed;

uint32_t program_stack(void)
{
    return program_stack_from(frame_above(1));
}

uint32_t program_stack_from(char *begin)
{
    char *outer = begin;
    for (; outer; outer = frame_behind(outer)) {
        if (code_of(outer) == passed || !is_real(outer))
            continue;
        PyObject *code = code_of(outer);
        uintptr_t instruction = instruction_of(outer);
        size_t slot = (size_t)mix(mix(0, (uintptr_t)code), instruction) & (BUSY_PLACES - 1);
        /* Only the program's places come in here. */
        bool known = busy[slot].code == code && busy[slot].instruction == instruction;
        if (known && busy[slot].count > LOOKED_AT)
            return busy[slot].stack;
        int judged = code_judged(code);
        if (judged >= 0 && (judged & 15) != ROLE_PROGRAM) {
            passed = code_count < MOST_CODES ? code : NULL; /* kept with what was judged */
            continue;
        }
        uint32_t stack = context_stack(context_from(begin, CONTEXT_DEPTH));
        busy[slot].count = known ? busy[slot].count + 1 : 1;
        /* The context keeps the code object, so no other comes to lie there. */
        busy[slot].code = stack ? code : NULL;
        busy[slot].instruction = instruction;
        busy[slot].stack = stack;
        return stack;
    }
    return context_stack(context_from(begin, CONTEXT_DEPTH));
}

void program_stacks_forget(void)
{
    memset(busy, 0, sizeof busy);
}

/* Code judged before it could be known for what it is may be judged again. */
void frames_rejudge(void)
{
    passed = NULL;
    program_stacks_forget();
    for (int i = 0; i < SLOTS; i++)
        Py_CLEAR(codes[i].code);
    code_count = 0;
}
