"""`portaudit run`: before, trigger, after; again and again to tell a cache from a leak."""

import re
import shlex
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portaudit.cli.options import (
    expect_option,
    fail_on_option,
    interrupt_on_sigterm,
    kernel_option,
    operations_option,
    policy_option,
    process_options,
    quiet_option,
    say,
    settle_option,
    standing,
    subject_option,
    way_options,
)
from portaudit.cli.reports import Output, ending, publish_report, report_options, report_style
from portaudit.cli.terminal import ranged, shown_progress
from portaudit.errors import UsageError
from portaudit.model.check import PACE
from portaudit.render import Format
from portaudit.render.facts import in_short

if TYPE_CHECKING:
    from portaudit.auditing.run.run import RunOutcome

FOLDER = "portaudit-run"


def parse_repeat(_context: click.Context, _parameter: click.Parameter, text: str | None) -> tuple[int, int]:
    """Read WARMUP:COUNT. Raises UsageError, quoting it, if it is none."""
    if text is None:
        return 0, 1
    match = re.fullmatch(r"(\d{1,6}):(\d{1,6})", text)
    if match is None or int(match[2]) < 1:
        raise UsageError(f"--repeat {text!r} is not WARMUP:COUNT, for example 1:6, with a COUNT of 1 or more")
    return int(match[1]), int(match[2])


def parse_command(_context: click.Context, _parameter: click.Parameter, text: str | None) -> tuple[str, ...]:
    """Split a command into its words. Raises UsageError, quoting it, if it has none."""
    try:
        words = tuple(shlex.split(text)) if text is not None else ()
    except ValueError as error:
        reason = str(error).lower()
        raise UsageError(f"--host-command {text!r} cannot be split into words: {reason}") from error
    if text is not None and not words:
        raise UsageError("--host-command is empty: give the command that starts the host")
    return words


@click.command(name="run")
@process_options
@click.option("--spawn", is_flag=True, help="TRIGGER is the host itself, and says by marks when to read it.")
@click.option(
    "--host-command",
    metavar="COMMAND",
    callback=parse_command,
    help="Start the host by COMMAND, one argument that is split as a shell splits it, and end it afterwards.",
)
@expect_option
@subject_option
@fail_on_option
@policy_option
@click.option(
    "--repeat",
    metavar="WARMUP:COUNT",
    callback=parse_repeat,
    help="So many rounds that do not count, and so many that are judged as a series.",
)
@click.option(
    "--pace",
    type=click.FloatRange(0, 3600),
    default=PACE,
    show_default=True,
    metavar="SECONDS",
    help="From the beginning of a round that counts to that of the next, at the least; 0 for no wait.",
)
@operations_option
@click.option(
    "--idle",
    type=click.FloatRange(0, 3600),
    metavar="SECONDS",
    help="With --ops: how long to wait before, so that churn shows, and (ten at most) after, till it ends.",
)
@way_options
@settle_option
@click.option(
    "--time-limit",
    type=click.FloatRange(0, min_open=True),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="How long TRIGGER may take, and a host that is started until its extension runs or between marks.",
)
@click.option("--keep", default=FOLDER, show_default=True, metavar="FOLDER", help="Where the snapshots go.")
@click.option(
    "--ledger",
    is_flag=True,
    help="Record the calls of what is started: findings then name the lines that took the rights.",
)
@click.option("--all", "everything", is_flag=True, help="Show every row, and the rights that did not change.")
@kernel_option
@report_options
@quiet_option
@click.argument("trigger", nargs=-1, required=True, type=click.UNPROCESSED)
@click.pass_context
def command(
    ctx: click.Context,
    host: str | None,
    extension: str | None,
    pids: tuple[str, ...],
    spawn: bool,
    host_command: tuple[str, ...],
    expectations: tuple[str, ...],
    subjects: tuple[str, ...],
    fail_on: str,
    policy: str | None,
    repeat: tuple[int, int],
    pace: float,
    operations: int,
    idle: float | None,
    way: str,
    sudo: bool,
    settle: float,
    time_limit: float,
    keep: str,
    ledger: bool,
    everything: bool,
    kernel: str | None,
    outputs: tuple[Output, ...],
    exit_zero: bool,
    form: Format,
    quiet: bool,
    trigger: tuple[str, ...],
) -> None:
    """Snapshot a host and its extension, run TRIGGER, snapshot again, and say what changed.

    TRIGGER is a command that makes the host do what is to be audited; there is no shell. Ends as diff does;
    3 if TRIGGER fails. Ctrl-C ends it with what was found so far.

    With --spawn or --host-command, --kernel simulated starts a stand-in kernel with the host.

    \b
    Example:
      portaudit run --host Host --extension Ext --repeat 1:10 -- ./hand-over
      portaudit run --host-command './Host --quiet' --extension Ext -- ./hand-over
    """
    from portaudit.auditing.ledgers import ledgers_of, recording, with_ledgers
    from portaudit.auditing.run.run import run
    from portaudit.auditing.run.session import RunRequest
    from portaudit.auditing.snapshot import Request, taken_by_part
    from portaudit.auditing.verdict import exit_status, subjects_from
    from portaudit.model.declared import Terms

    interrupt_on_sigterm()
    if spawn and host_command:
        raise UsageError("with --spawn the command behind -- is the host; --host-command goes with a trigger")
    if ledger and not (spawn or host_command):
        raise UsageError("--ledger records what this run starts: give --spawn or --host-command")
    with (
        shown_progress(quiet=quiet) as progress,
        standing(kernel) if spawn or host_command else nullcontext(kernel) as name,
    ):
        outcome = run(
            RunRequest(
                Request(host, extension, pids, way, name, settle, sudo=sudo, progress=progress),
                () if spawn else trigger,
                expectations,
                *repeat,
                pace=pace,
                operations=operations,
                idle=idle,
                spawn=trigger if spawn else host_command,
                time_limit=time_limit,
                folder=Path(keep),
                environment=partial(recording, Path(keep)) if ledger else None,
            ),
            Terms(policy=policy, subjects=subjects_from(subjects)),
        )
    files = [str(moment.file) for moment in outcome.moments]
    for sentence in taken_by_part(Request(host, extension, pids), outcome.moments[0].snapshot):
        say(sentence, quiet=quiet)
    _tell(outcome, files, Path(keep), quiet=quiet)
    report = with_ledgers(outcome.report, ledgers_of(outcome.report, Path(keep)) if ledger else ())
    status = ending(outcome.exit_status(exit_status(report, fail_on)), exit_zero=exit_zero)
    style = report_style(everything=everything, fail_on=fail_on, status=status)
    publish_report(report, form, outputs, files, style)
    ctx.exit(status)


def _tell(outcome: "RunOutcome", files: list[str], folder: Path, *, quiet: bool) -> None:
    if outcome.stopped:
        say(f"portaudit: {in_short(outcome.stopped)}", quiet=False)
    if outcome.trigger_status is not None:
        say(f"trigger: exit status {outcome.trigger_status}", quiet=quiet)
    say(f"snapshots: {ranged(map(Path, files))}", quiet=quiet)
    known = {*files, *(str(moment.file) for moment in outcome.beside)}
    if others := sorted({path for path in folder.glob("*.json") if str(path) not in known}):
        say(f"of an older run, and not of this one: {ranged(others)}", quiet=quiet)
