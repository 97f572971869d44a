"""The use cases: read, import, compare. What every command and plugin calls, and nothing else does."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portaudit.auditing.baselines import read_baseline, save_baseline
    from portaudit.auditing.checking import (
        Check,
        Checked,
        chosen_checks,
        impossible,
        overall,
        run_check,
        skipped,
        validate,
    )
    from portaudit.auditing.configuring import (
        configure,
        rules_of,
        stricter,
        terms_of,
    )
    from portaudit.auditing.decoding import decode_guard, guard_events
    from portaudit.auditing.doctoring import diagnose
    from portaudit.auditing.explaining import explain
    from portaudit.auditing.files import join, load, save, snapshot_schema
    from portaudit.auditing.judging import compare, compare_series, exit_status
    from portaudit.auditing.live import Request, take_snapshot
    from portaudit.auditing.running import RunOutcome, RunRequest, run
    from portaudit.auditing.surrounding import Around, around, around_own, obstacle
    from portaudit.auditing.viewing import view
    from portaudit.auditing.watching import WatchRequest, WatchState, watch
    from portaudit.model.declared import Configuration, Terms

PLACES = {
    "baselines": ("read_baseline", "save_baseline"),
    "checking": (
        "Check",
        "Checked",
        "chosen_checks",
        "impossible",
        "overall",
        "run_check",
        "skipped",
        "validate",
    ),
    "configuring": (
        "Configuration",
        "Terms",
        "configure",
        "rules_of",
        "stricter",
        "terms_of",
    ),
    "decoding": ("decode_guard", "guard_events"),
    "doctoring": ("diagnose",),
    "explaining": ("explain",),
    "files": ("join", "load", "save", "snapshot_schema"),
    "judging": ("compare", "compare_series", "exit_status"),
    "live": ("Request", "take_snapshot"),
    "surrounding": ("Around", "around", "around_own", "obstacle"),
    "running": ("RunOutcome", "RunRequest", "run"),
    "viewing": ("view",),
    "watching": ("WatchRequest", "WatchState", "watch"),
}
"""Module -> what it offers. Imported when it is used: diff needs no kernel, snapshot no rules."""

__all__ = [
    "Around",
    "Check",
    "Checked",
    "Configuration",
    "Request",
    "RunOutcome",
    "RunRequest",
    "Terms",
    "WatchRequest",
    "WatchState",
    "around",
    "around_own",
    "chosen_checks",
    "compare",
    "compare_series",
    "configure",
    "decode_guard",
    "diagnose",
    "exit_status",
    "explain",
    "guard_events",
    "impossible",
    "join",
    "load",
    "obstacle",
    "overall",
    "read_baseline",
    "rules_of",
    "run",
    "run_check",
    "save",
    "save_baseline",
    "skipped",
    "snapshot_schema",
    "stricter",
    "take_snapshot",
    "terms_of",
    "validate",
    "view",
    "watch",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401  a module's own type hook
    for module, names in PLACES.items():
        if name in names:
            return getattr(import_module(f"portaudit.auditing.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
