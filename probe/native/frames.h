/* What frames.c knows of the interpreter's frames, for those that find them elsewhere than on a thread's stack. */
#ifndef INTERLEAVE_FRAMES_H
#define INTERLEAVE_FRAMES_H

#include "core.h"

typedef struct {
    PyObject *code;
    uintptr_t instruction;
} Place;

/* Where a frame is; false when it is none of the program's or frames are not known here. */
bool frame_place(const char *frame, Place *place);
/* Whether what lies there may be a frame that runs this code: asked of memory that may be anything. */
bool frame_may_be_of(const char *frame, PyObject *code);
/* A place's instruction as f_lasti gives it. */
intptr_t place_index(const Place *place);
/* The context of these places, innermost first. */
Context context_of(const Place *places, int count);

#endif
