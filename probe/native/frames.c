/* Where the running thread is, read from the interpreter's own frames without making frame objects.
 *
 * The layout of frames is private to CPython, but fixed within a minor version. The table below holds the
 * offsets; install compares what they give with what sys._getframe() says, and without agreement (a new
 * version, a debug build) contexts are simply unknown. */
#include "frames.h"

#include <string.h>

#ifdef INTERLEAVE_FREE
/* Objects have a longer head there, and the headers are of the very version. */
#include <stddef.h>
static const Layout layouts[] = {
#if PY_VERSION_HEX >= 0x030E0000
    {14, -1, offsetof(PyThreadState, current_frame), 0, 56, 8, 80, 78, offsetof(PyCodeObject, co_code_adaptive), 1,
     offsetof(PyCodeObject, _co_firsttraceable), 3, offsetof(PyCodeObject, co_tlbc), 72},
#else
    {13, -1, offsetof(PyThreadState, current_frame), 0, 56, 8, 72, 70, offsetof(PyCodeObject, co_code_adaptive), 1,
     offsetof(PyCodeObject, _co_firsttraceable), 0, 0, 0},
#endif
};
#else
static const Layout layouts[] = {
    {9, -1, 24, 32, 104, 24, 360, -1, -1, 1, -1, 0, 0, 0},
    {10, -1, 24, 32, 96, 24, 352, -1, -1, 2, -1, 0, 0, 0},
    {11, 56, 8, 32, 56, 48, 72, 69, 184, 1, 168, 0, 0, 0},
    {12, 56, 0, 0, 56, 8, 72, 70, 192, 1, 176, 0, 0, 0},
    {13, -1, 72, 0, 56, 8, 72, 70, 200, 1, 184, 0, 0, 0},
    {14, -1, 72, 0, 56, 8, 80, 74, 208, 1, 192, 3, 0, 0},
    {15, -1, 72, 0, 56, 8, 80, 74, 208, 1, 192, 3, 0, 0},
};
#endif

const Layout *layout;
PyTypeObject *code_type;

int frames_walk(const char *frame, Place *places, int depth)
{
    int count = 0;
    for (; frame && count < depth; frame = frame_behind(frame)) {
        if (!is_real(frame))
            continue;
        places[count++] = place_of(frame);
    }
    return count;
}

bool frame_place(const char *frame, Place *place)
{
    if (!layout || !is_real(frame))
        return false;
    *place = place_of(frame);
    return true;
}

bool frame_is_of(const void *state, const char *frame)
{
    const char *at = layout ? frame_of((char *)state) : NULL;
    while (at && at != frame)
        at = frame_behind(at);
    return at != NULL;
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

char *frame_above(int skip)
{
    char *frame = current_frame();
    for (; frame; frame = frame_behind(frame))
        if (is_real(frame) && skip-- == 0)
            break;
    return frame;
}

void *frame_of_code(PyObject *code, int skip, int most)
{
    for (char *frame = frame_above(skip); frame && most > 0; frame = frame_behind(frame)) {
        if (!is_real(frame))
            continue;
        if (code_of(frame) == code)
            return frame;
        most--;
    }
    return NULL;
}

PyObject *frame_first_local(int depth)
{
    for (char *frame = current_frame(); frame; frame = frame_behind(frame))
        if (is_real(frame) && depth-- == 0)
            return reference_at(frame, layout->locals);
    return NULL;
}

PyObject *places_tuple(const Place *places, int count)
{
    PyObject *frames = PyTuple_New(count);
    for (int i = 0; frames && i < count; i++) {
        PyObject *pair = Py_BuildValue("(On)", places[i].code, (Py_ssize_t)place_index(&places[i]));
        if (!pair || PyTuple_SetItem(frames, i, pair) < 0)
            Py_CLEAR(frames);
    }
    return frames;
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
    int count = frames_walk(current_frame(), places, CONTEXT_DEPTH);
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
