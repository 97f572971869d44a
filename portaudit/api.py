"""The audit of a block of code, for programs and tests: what `import portaudit` offers."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager

from portaudit.auditing.block import Around, around, around_own
from portaudit.auditing.snapshot import Request
from portaudit.auditing.verdict import exit_status
from portaudit.errors import ExitStatus, UsageError
from portaudit.model.difference import Difference
from portaudit.model.finding import Finding, Report
from portaudit.model.severity import FAIL_ON, Severity
from portaudit.model.snapshot import Snapshot
from portaudit.model.way import AUTO, WAYS
from portaudit.render import Format, Style, render_report

WIDTH = 80
"""Columns of the report that an error shows."""

Whom = int | str
"""A process: its pid, or its name."""


class PortsOutOfBalance(AssertionError):  # noqa: N818  a verdict on the code under audit
    """The references do not balance, or nobody can tell; its text is the whole report."""


class PortAudit:
    """An audit of a block; its results are there when the block has ended."""

    def __init__(self, around: Around) -> None:
        self._around = around

    @property
    def before(self) -> Snapshot:
        """The reading before the block."""
        return self._around.before

    @property
    def report(self) -> Report:
        """The difference, judged. Raises UsageError while the block runs, or if an exception ended it."""
        if self._around.report is None:
            raise UsageError("there is no report yet: the audited block has not ended, or it has raised")
        return self._around.report

    @property
    def difference(self) -> Difference:
        """What changed, before any judgement. Raises as `report` does."""
        return self.report.difference

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong, the worst first; notes are among them. Raises as `report` does."""
        return self.report.findings

    def passes(self, fail_on: str = Severity.WARNING) -> bool:
        """Whether everything was read and nothing of this severity, or a graver one, was found.

        Raises UsageError if there is no such severity.
        """
        check_severity(fail_on)
        return exit_status(self.report, fail_on) is ExitStatus.DONE

    def check(self, fail_on: str = Severity.WARNING) -> None:
        """Raise PortsOutOfBalance, with the report, unless the audit passes."""
        if not self.passes(fail_on):
            raise PortsOutOfBalance(self.text())

    def text(self, form: str = Format.TABLE, width: int = WIDTH) -> str:
        """Print the report in one of the formats of `portaudit diff --format`."""
        return render_report(self.report, Format(form), Style(width=width))


def check_severity(fail_on: str) -> None:
    """Raise UsageError unless a finding can be of this severity."""
    if fail_on not in FAIL_ON:
        raise UsageError(f"fail_on is {fail_on!r}: say {', '.join(FAIL_ON)}")


@contextmanager
def audit(  # noqa: PLR0913  each has a name and a default
    *,
    host: Whom | None = None,
    extension: Whom | None = None,
    pids: Whom | Iterable[Whom] = (),
    expect: str | Iterable[str] = (),
    kernel: str | None = None,
    settle: float = 2.0,
    way: str = AUTO,
    sudo: bool = False,
) -> Iterator[PortAudit]:
    """Audit what a block changes in the port spaces of a host, its extension and other processes.

    Without any of them it is this process, called `process` in rules and reports, its children, and the
    XPC services that the system holds it responsible for, as far as it tells. Of several extensions of one
    name it is the one that the host, or launchd for it, has started.
    `expect` holds rules, or is one, as `portaudit diff --expect` takes them. `kernel` is what
    PORTAUDIT_KERNEL names, by default. `settle` is how many seconds a reading may wait for two that agree;
    `way` and `sudo` are as `portaudit snapshot` takes them.

    >>> with audit(host=host, extension=extension) as audited:
    ...     hand_over()
    >>> audited.report.outcome
    <Outcome.FINDINGS: 'findings'>
    >>> [(row.role, row.kobject_label, row.of, row.residual) for row in audited.findings[0].rows]
    [('extension', 'TASK-CONTROL', 'host', 1)]

    What was agreed on is no finding, and `check` raises nothing:

    >>> with audit(
    ...     host=host, extension=extension, expect=["extension: task-control of host +1"]
    ... ) as audited:
    ...     hand_over()
    >>> audited.check()
    >>> audited.report.outcome
    <Outcome.BALANCED: 'balanced'>

    Raises NotReadable if there is no such process, UsageError if a rule, a way or a time is none or a name
    fits several processes, KernelUnavailable if no Mach kernel answers: all before the block runs.
    """
    if way not in WAYS:
        raise UsageError(f"way is {way!r}: say {', '.join(WAYS)}")
    if not settle >= 0:
        raise UsageError(f"settle is {settle!r}: say how many seconds, 0 or more")
    names = [None if whom is None else str(whom) for whom in (host, extension)]
    others = tuple(map(str, (pids,) if isinstance(pids, int | str) else pids))
    request = Request(names[0], names[1], others, way, kernel, settle, sudo=sudo)
    with _around(request, (expect,) if isinstance(expect, str) else expect) as audited:
        yield PortAudit(audited)


def _around(request: Request, expect: Iterable[str]) -> AbstractContextManager[Around]:
    named = request.host or request.extension or request.pids
    return around(request, expect) if named else around_own(request, expect)
