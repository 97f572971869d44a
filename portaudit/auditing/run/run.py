"""The use case of `portaudit run`: snapshot, trigger, snapshot, as often as wanted, and a verdict."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from portaudit.analysis.compare import compare
from portaudit.analysis.judge import NO_TERMS
from portaudit.analysis.warming import with_warm_up
from portaudit.auditing.files import held_folder
from portaudit.auditing.run.keeper import keeper
from portaudit.auditing.run.rounds import heed_marks, trigger_hosted, trigger_running
from portaudit.auditing.run.session import Moment, Moments, RunRequest, Session, Stopped
from portaudit.auditing.snapshot import obstacle
from portaudit.auditing.verdict import compare_series, rules_from
from portaudit.collect.marks import Marks
from portaudit.errors import AuditError, ExitStatus, KernelUnavailable, NotReadable, UsageError
from portaudit.model.declared import Terms
from portaudit.model.finding import Report
from portaudit.model.snapshot import Snapshot

ONE_PAIR = (
    "the trigger ran once: --repeat 1:10 runs it eleven times, and tells a leak from what comes and goes"
)
"""What a run of one round says at its end."""


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What came of a run."""

    report: Report
    moments: tuple[Moment, ...]
    """The snapshots that the verdict rests on, in their order."""
    beside: tuple[Moment, ...] = ()
    """Those that it does not rest on: before a warm-up, and before a time in which nothing was triggered."""
    trigger_status: int | None = None
    """How the trigger ended last; negative: the signal that killed it; None: it did not end by itself."""
    stopped: str | None = None
    """Why the run ended before its time."""
    interrupted: bool = False
    found: tuple[str, ...] = ()
    """How processes were found that are no descendants of the host, a sentence each."""

    def exit_status(self, judged: ExitStatus) -> ExitStatus:
        """Give the run's status from its report's: a trigger that failed fails the run."""
        if self.trigger_status not in (0, None):
            return ExitStatus.UNDECIDED
        if self.interrupted and judged is not ExitStatus.FINDINGS:
            return ExitStatus.INTERRUPTED
        return judged


def run(request: RunRequest, terms: Terms = NO_TERMS) -> RunOutcome:
    """Audit what a command brings about, judged under these terms.

    Whatever cuts the run short (Ctrl-C, a crash of the trigger, of the host, of the extension, of the
    kernel), the snapshots taken so far are judged: findings if they carry any, else undecided, with the
    reason. Raises UsageError if the request makes no sense, the trigger cannot be started, or another run has
    the folder, and NotReadable, KernelUnavailable or KeyboardInterrupt if not one snapshot was taken; no host
    is started where nothing can be read.
    """
    _check(request)
    with _held(request.folder), keeper() as kept, Marks(kept.folder) as marks:
        added = request.environment(kept.folder) if request.environment else {}
        session = Session(request, kept, marks, added=added)
        stopped, interrupted = _play(session)
        taken = session.moments
        if taken is None or not taken.taken:
            raise KeyboardInterrupt if interrupted else NotReadable(stopped or "no snapshot was taken")
        report = _judge(request, taken, stopped, terms)
        beside = tuple(moment for moment in (taken.warm_up, taken.idle) if moment is not None)
        found = tuple(note for target in taken.targets for note in target.note)
        report = replace(report, notes=(*report.notes, *found))
        return RunOutcome(report, tuple(taken.taken), beside, session.status, stopped, interrupted, found)


def _check(request: RunRequest) -> None:
    if not request.trigger and not request.spawn:
        raise UsageError("nothing to run: name the command behind --")
    if request.spawn and not request.trigger and (request.warm_up, request.rounds) != (0, 1):
        raise UsageError("a host that says its rounds by marks is started once: repeat needs a trigger")
    if request.idle is not None and not (request.trigger and request.waits_idle):
        raise UsageError(
            "idle time is waited beside one round of many operations that a trigger makes: give their "
            "number with --ops, or leave --idle out; a series tells what comes and goes by itself"
        )
    if request.spawn and (reason := obstacle(request.processes.kernel)):
        raise KernelUnavailable(reason)


def _held(folder: Path | None) -> AbstractContextManager[None]:
    return nullcontext() if folder is None else held_folder(folder)


def _play(session: Session) -> tuple[str | None, bool]:
    """Go through the run; gives why it ended before its time, and whether the user did that."""
    try:
        _way_to_go(session.request)(session)
    except Stopped as reason:
        return str(reason), False
    except KeyboardInterrupt:
        return "it was interrupted", True
    except UsageError:
        raise
    except AuditError as error:
        if session.moments is None or not session.moments.taken:
            raise
        return str(error), False
    return None, False


def _way_to_go(request: RunRequest) -> Callable[[Session], None]:
    if not request.spawn:
        return trigger_running
    return trigger_hosted if request.trigger else heed_marks


def _hints(request: RunRequest, snapshots: Sequence[Snapshot]) -> Iterator[str]:
    """Say what would tell more than these snapshots do."""
    if len(snapshots) == 2 and request.trigger and request.operations == 1:  # noqa: PLR2004  a pair
        yield ONE_PAIR


def _judge(request: RunRequest, moments: Moments, stopped: str | None, terms: Terms) -> Report:
    snapshots = [moment.snapshot for moment in moments.taken]
    terms = replace(
        terms,
        operations=request.operations,
        warmed=request.warm_up > 0,
        audited=frozenset(task.process.pid or 0 for task in snapshots[0].tasks),
    )
    if moments.idle is not None and len(snapshots) == 2:  # noqa: PLR2004  a pair
        terms = replace(terms, idle=compare((moments.idle.snapshot, snapshots[0]), terms.audited))
    report = compare_series(
        snapshots,
        request.expectations,
        terms=terms,
        cut_short=stopped or ("there is only one snapshot" if len(snapshots) == 1 else None),
    )
    report = replace(report, notes=(*report.notes, *_hints(request, snapshots)))
    if moments.warm_up is None or moments.warm_up is moments.taken[0]:
        return report
    around = (moments.warm_up.snapshot, snapshots[0], snapshots[-1])
    return with_warm_up(report, around, rules_from(request.expectations), request.warm_up, terms.audited)
