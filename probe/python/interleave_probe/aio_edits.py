"""The lines that are added to asyncio's own functions: turns, steps and callbacks of loops, and the making of tasks."""

from __future__ import annotations

import sys

from . import aio_loop, edits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict


def _turn_here() -> str:
    """The usual turn of a running loop without a call, where the core is Python."""
    return f"""
_interleave_n = _interleave_clock()
_interleave_s = self._interleave_numbers
if _interleave_s is None or _interleave_s[0] - _interleave_s[{aio_loop.TURN}] > _interleave_s[{aio_loop.WORST}]:
 _interleave_s = _interleave_turn(self, timeout)
else:
 if timeout != 0:
  _interleave_s[{aio_loop.IDLE}] += _interleave_n - _interleave_s[0]
 _interleave_s[{aio_loop.TURNS}] += 1
 _interleave_s[0] = _interleave_s[{aio_loop.TURN}] = _interleave_n
"""


def edit_loop(loop: Any, hooks: Dict[str, Any], native: bool) -> bool:
    """Hooks of BaseEventLoop; False when its turns and steps cannot be seen."""
    more = f"if ntodo > 1: _interleave_s[{aio_loop.STEPS}] += ntodo - 1"
    counting = ("ntodo = len(self._ready)", "after", more)
    done = edits.edit(
        loop._run_once,
        ([counting] if not native else [])
        + [
            (
                "event_list = self._selector.select(timeout)",
                "after",
                _turn_here() if not native else "_interleave_s = _interleave_turn(self, timeout)",
            ),
            (
                "handle._run()",
                "after",
                "_interleave_n = _interleave_clock()\n"
                "if _interleave_n - _interleave_s[0] > _interleave_limit:\n"
                " _interleave_step(self, handle, _interleave_s, _interleave_n)\n"
                "_interleave_s[0] = _interleave_n"
                if not native
                else "_interleave_step(handle, _interleave_s)",
            ),
        ],
        hooks,
    )
    setup = getattr(loop, "_run_forever_setup", loop.run_forever)
    cleanup = getattr(loop, "_run_forever_cleanup", None)
    entered = ("events._set_running_loop(self)", "after", "_interleave_start(self)")
    left = ("events._set_running_loop(None)", "after", "_interleave_stop(self)")
    if cleanup is None:
        done &= edits.edit(setup, [entered, left], hooks)
    else:
        done &= edits.edit(setup, [entered], hooks) and edits.edit(cleanup, [left], hooks)
    edits.edit(loop.close, [("self._closed = True", "after", "_interleave_close(self)")], hooks)
    edits.edit(
        loop.call_soon,
        [
            (
                "handle = self._call_soon(",
                "after",
                "if _interleave_on and _interleave_ident() != self._thread_id: _interleave_unsafe(self, callback)",
            )
            if not native
            else _soon()
        ],
        hooks,
    )
    edits.edit(
        loop.stop,
        [
            (
                "",
                "first",
                "if _interleave_ident() != self._thread_id: _interleave_unsafe(self, None)",
            )
        ],
        hooks,
    )
    edits.edit(
        loop.call_at,
        [
            (
                "timer._scheduled = True",
                "after",
                "if _interleave_ident() != self._thread_id: _interleave_unsafe(self, callback)",
            )
            if not native
            else _checked("if not _interleave_here(self):", "True")
        ],
        hooks,
    )
    return done


def _soon() -> edits.Rule:
    """The native core makes and queues the handle where a loop that runs in this thread is as usual: less work than asyncio's own."""
    anchor, where, code = _checked(
        "if (handle := _interleave_soon(self, callback, args, context)) is None:",
        "_interleave_on",
    )
    return anchor, where, code + "\nelse:\n return handle"


def _checked(unless: str, wanted: str) -> edits.Rule:
    """The native core knows at once that a loop runs in this thread, and so that it is not closed: less work than to ask it."""
    return (
        "self._check_closed()",
        "within",
        f"{unless}\n"
        " try:\n"
        f"  if {wanted} and _interleave_ident() != self._thread_id: _interleave_unsafe(self, callback)\n"
        " except Exception as _interleave_error:\n"
        "  if _interleave_foreign(_interleave_error): raise",
    )


def edit_tasks(loop: Any, hooks: Dict[str, Any], native: bool) -> None:
    """Where BaseEventLoop makes tasks, and where asyncio says what became of them."""
    made = "_interleave_created(self, task, {}, coro)"
    if not native:
        another = "elif id(task) in _interleave_entries: _interleave_another_was(task)"
        made = f"if _interleave_telling: {made}\n{another}"
    edits.edit_any(
        loop.create_task,
        [
            [
                ("task = tasks.Task(", "after", made.format("kwargs.get('name')")),
                (
                    "return self._task_factory(",
                    "replace",
                    "task = self._task_factory(self, coro, **kwargs)\n"
                    + made.format("kwargs.get('name')")
                    + "\ntry:\n return task\nfinally:\n del task",
                ),
            ],
            [
                ("task = tasks.Task(", "after", made.format("name")),
                ("task = self._task_factory(", "after", made.format("name")),
            ],
        ],
        hooks,
    )
    # Up to 3.12 asyncio.create_task() and task groups name a task when it has been made.
    set_name = getattr(sys.modules.get("asyncio.tasks"), "_set_task_name", None)
    if set_name is not None:
        named = "if name is not None: _interleave_named(task, name)"
        edits.edit(set_name, [("", "first", named)], hooks)
    runners = sys.modules.get("asyncio.runners")
    cancel_all = getattr(runners, "_cancel_all_tasks", None)
    if cancel_all is not None:
        edits.edit(
            cancel_all,
            [("to_cancel = tasks.all_tasks(loop)", "after", "_interleave_left_over(to_cancel)")],
            hooks,
        )
    edits.edit(
        loop.call_exception_handler, [("", "first", "_interleave_failed(self, context)")], hooks
    )
