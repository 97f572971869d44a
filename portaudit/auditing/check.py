"""The use case of `portaudit check`: each check of a project run under what the project declares."""

import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from portaudit.auditing.project import read_baseline, rules_of, terms_of
from portaudit.auditing.run.run import run
from portaudit.auditing.run.session import RunRequest
from portaudit.auditing.snapshot import Request, obstacle
from portaudit.auditing.verdict import exit_status
from portaudit.errors import AuditError, ExitStatus, UsageError
from portaudit.model.check import Check
from portaudit.model.declared import Configuration
from portaudit.model.finding import Checked, CheckState

STATES = {
    ExitStatus.DONE: CheckState.PASSED,
    ExitStatus.FINDINGS: CheckState.FAILED,
}


def impossible(check: Check, kernel: str | None) -> str | None:
    """Say why a check cannot run on this machine; None if it can."""
    if check.platforms and sys.platform not in check.platforms:
        return f"it is for {' and '.join(check.platforms)}, and this is {sys.platform}"
    return obstacle(kernel)


def run_check(
    configuration: Configuration, check: Check, kernel: str | None, keep: Path | None = None
) -> Checked:
    """Run one check on the kernel of this name (None: as the environment or the machine says), and judge it.

    Its snapshots are kept in a folder of its name within `keep`, if that is given. What could not be read for
    want of a permission is skipped; all else that stops it is undecided, a command that cannot be started
    too: the other checks go on. Raises BaselineFileError if its baseline is none, KeyboardInterrupt.
    """
    terms = terms_of(configuration, check)
    try:
        outcome = run(_request(configuration, check, kernel, keep), terms)
    except UsageError as error:
        return _of(check, CheckState.UNDECIDED, reason=f"{check.place}: {error}")
    except AuditError as error:
        return _of(check, CheckState.UNDECIDED, reason=str(error))
    if outcome.interrupted:
        raise KeyboardInterrupt
    refused = outcome.moments[0].refused
    if refused is not None:
        return skipped(check, refused)
    status = outcome.exit_status(exit_status(outcome.report, check.fail_on))
    checked = _of(check, STATES.get(status, CheckState.UNDECIDED), outcome.stopped)
    files = tuple(str(moment.file) for moment in outcome.moments if moment.file)
    return replace(checked, report=outcome.report, files=files, found=outcome.found)


def _of(check: Check, state: CheckState, reason: str | None) -> Checked:
    return Checked(check.name, state, reason=reason, place=check.place, fail_on=check.fail_on)


def skipped(check: Check, reason: str) -> Checked:
    """Give what comes of a check that did not run."""
    return _of(check, CheckState.SKIPPED, reason)


def overall(results: Iterable[Checked], *, strict: bool = False) -> ExitStatus:
    """Say how a command ends that ran these; what was skipped counts as undecided if it shall be strict."""
    states = {checked.state for checked in results}
    if CheckState.FAILED in states:
        return ExitStatus.FINDINGS
    undecided = CheckState.UNDECIDED in states or (strict and CheckState.SKIPPED in states)
    return ExitStatus.UNDECIDED if undecided else ExitStatus.DONE


def _request(configuration: Configuration, check: Check, kernel: str | None, keep: Path | None) -> RunRequest:
    return RunRequest(
        Request(
            check.host, check.extension, check.processes, check.way, kernel, check.settle, sudo=check.sudo
        ),
        check.trigger,
        rules_of(configuration, check),
        warm_up=check.repeat.warmup,
        rounds=check.repeat.count,
        pace=check.pace,
        operations=check.operations,
        spawn=check.spawn,
        time_limit=check.timeout,
        folder=keep / check.name if keep else None,
    )


def validate(configuration: Configuration) -> tuple[str, ...]:
    """Read everything that a configuration names, and give remarks: suppressions that have expired.

    Raises BaselineFileError if a baseline is none; the configuration itself was validated when it was read.
    """
    paths = [configuration.baseline, *(check.baseline for check in configuration.checks)]
    for path in dict.fromkeys(filter(None, paths)):
        read_baseline(path)
    today = terms_of(configuration, accepting=False).today
    own = (one for check in configuration.checks for one in check.suppressions)
    return tuple(
        f"{one.place}: the suppression {one.text} has expired on {one.until}, and hides nothing any more"
        for one in (*configuration.suppressions, *own)
        if one.until < today
    )
