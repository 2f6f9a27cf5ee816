/* The watcher's own thread: see watch.c. */
#ifndef INTERLEAVE_WATCH_H
#define INTERLEAVE_WATCH_H

#include "core.h"

PyMethodDef *watch_methods(void);
/* In the child the thread is not there. */
void watch_after_fork(void);

#endif
