/* Who acts, for Python: the running thread, or the task whose step it runs. */
#include "core.h"

static PyObject *current(PyObject *module, PyObject *unused)
{
    Thread *thread = thread_here();
    (void)module, (void)unused;
    if (!thread)
        return PyLong_FromLong(0);
    return PyLong_FromUnsignedLong(actor_now(thread));
}

static PyObject *current_thread(PyObject *module, PyObject *unused)
{
    Thread *thread = thread_here();
    (void)module, (void)unused;
    if (!thread)
        return PyLong_FromLong(0);
    return PyLong_FromUnsignedLong(thread->id ? thread->id : thread_ask_id(thread));
}

static PyObject *known_thread(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    return PyLong_FromUnsignedLong(thread_slot ? thread_slot->id : 0);
}

static PyObject *set_thread(PyObject *module, PyObject *id)
{
    unsigned long value = PyLong_AsUnsignedLongMask(id);
    Thread *thread = thread_here();
    (void)module;
    if (PyErr_Occurred())
        return NULL;
    if (thread) {
        thread->id = (uint32_t)value;
        thread->task = 0;
    }
    return none();
}

static PyObject *enter_task(PyObject *module, PyObject *id)
{
    unsigned long value = PyLong_AsUnsignedLongMask(id);
    Thread *thread = thread_here();
    (void)module;
    if (value == (unsigned long)-1 && PyErr_Occurred())
        return NULL;
    if (thread)
        thread->task = (uint32_t)value | TASK_BIT;
    return none();
}

static PyObject *leave_task(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    if (thread_slot)
        thread_slot->task = 0;
    return none();
}

static PyObject *enter_loop(PyObject *module, PyObject *unused)
{
    Thread *thread = thread_here();
    (void)module, (void)unused;
    if (thread) {
        thread->in_loop = true;
        thread_turns(thread, NULL, NULL);
    }
    return none();
}

static PyObject *leave_loop(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    if (thread_slot) {
        thread_slot->in_loop = false;
        thread_turns(thread_slot, NULL, NULL);
    }
    return none();
}

static PyObject *bump_epoch(PyObject *module, PyObject *unused)
{
    Thread *thread = thread_here();
    (void)module, (void)unused;
    if (thread)
        thread->epoch++;
    return none();
}

static PyObject *stand_aside(PyObject *module, PyObject *unused)
{
    Thread *thread = thread_here();
    (void)module, (void)unused;
    if (thread)
        thread->busy++;
    return none();
}

static PyObject *step_in(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    if (thread_slot && thread_slot->busy > 0)
        thread_slot->busy--;
    return none();
}

static PyObject *failure_count(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    return PyLong_FromUnsignedLongLong(ask_failures());
}

PyMethodDef *acting_methods(void)
{
    static PyMethodDef methods[] = {
        {"current", current, METH_NOARGS, "actor id of the running thread, or of the task whose step it runs"},
        {"current_thread", current_thread, METH_NOARGS, "id of the running thread, also during a task's step"},
        {"known_thread", known_thread, METH_NOARGS, "id of the running thread, 0 when it has none yet"},
        {"set_thread", set_thread, METH_O, "gives the running thread its id"},
        {"enter_task", enter_task, METH_O, "from here on the running thread acts for this task"},
        {"leave_task", leave_task, METH_NOARGS, "the running thread acts for itself again"},
        {"enter_loop", enter_loop, METH_NOARGS, "the running thread runs an event loop: its task is asked for when needed"},
        {"leave_loop", leave_loop, METH_NOARGS, "the event loop has stopped"},
        {"bump_epoch", bump_epoch, METH_NOARGS, "the running thread started or joined another"},
        {"stand_aside", stand_aside, METH_NOARGS, "the lock hooks of this thread record nothing until step_in()"},
        {"step_in", step_in, METH_NOARGS, "undoes stand_aside()"},
        {"failures", failure_count, METH_NOARGS, "callbacks of the probe that failed"},
        {NULL, NULL, 0, NULL},
    };
    return methods;
}
