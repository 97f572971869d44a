"""The use cases: read, import, compare. What every command and plugin calls, and nothing else does."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portaudit.audit.decoding import decode_guard, guard_events
    from portaudit.audit.doctoring import diagnose
    from portaudit.audit.files import join, load, save, snapshot_schema
    from portaudit.audit.judging import compare, compare_series, exit_status, view
    from portaudit.audit.live import Request, take_snapshot
    from portaudit.audit.running import RunOutcome, RunRequest, run
    from portaudit.audit.watching import WatchRequest, WatchState, watch

PLACES = {
    "decoding": ("decode_guard", "guard_events"),
    "doctoring": ("diagnose",),
    "files": ("join", "load", "save", "snapshot_schema"),
    "judging": ("compare", "compare_series", "exit_status", "view"),
    "live": ("Request", "take_snapshot"),
    "running": ("RunOutcome", "RunRequest", "run"),
    "watching": ("WatchRequest", "WatchState", "watch"),
}
"""Module -> what it offers. Imported when it is used: diff needs no kernel, snapshot no rules."""

__all__ = [
    "Request",
    "RunOutcome",
    "RunRequest",
    "WatchRequest",
    "WatchState",
    "compare",
    "compare_series",
    "decode_guard",
    "diagnose",
    "exit_status",
    "guard_events",
    "join",
    "load",
    "run",
    "save",
    "snapshot_schema",
    "take_snapshot",
    "view",
    "watch",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401  a module's own type hook
    for module, names in PLACES.items():
        if name in names:
            return getattr(import_module(f"portaudit.audit.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
