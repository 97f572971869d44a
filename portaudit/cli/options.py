"""Options that several commands share, and how a command speaks."""

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from portaudit.cli.terminal import NARROWEST, STANDARD_ERROR, fitted, width_of
from portaudit.harmless import safe
from portaudit.model.declared import POLICIES
from portaudit.model.severity import FAIL_ON, Severity
from portaudit.model.way import AUTO, STAND_INS, WAYS
from portaudit.render import Format, Style, for_a_log
from portaudit.streams import give_up_output

if TYPE_CHECKING:
    from portaudit.model.declared import Configuration

quiet_option = click.option("-q", "--quiet", is_flag=True, help="No progress and no warnings.")

kernel_option = click.option(
    "--kernel",
    envvar="PORTAUDIT_KERNEL",
    metavar="NAME",
    help="Which Mach answers: xnu (a Mac's own), or a stand-in as `portaudit demo --hold` prints it.",
)

operations_option = click.option(
    "--ops",
    "operations",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    metavar="N",
    help="How many operations one round makes; rates are told for one.",
)
expect_option = click.option(
    "--expect",
    "expectations",
    metavar="RULE",
    multiple=True,
    help="What may change: 'extension: task-control of host +1'.",
)

fail_on_option = click.option(
    "--fail-on",
    type=click.Choice(FAIL_ON),
    default=Severity.WARNING.value,
    show_default=True,
    help="What exits 1; note: anything that changed.",
)

subject_option = click.option(
    "--subject",
    "subjects",
    metavar="WHAT",
    multiple=True,
    help="Judge these rights as strictly as a task's port: 'extension: semaphore'.",
)

WAY_OPTIONS = (
    click.option(
        "--way",
        type=click.Choice(WAYS),
        default=AUTO,
        show_default=True,
        help="How to read: the least privilege that works, or one way only.",
    ),
    click.option("--sudo", is_flag=True, help="Run lsmp by `sudo -n`, which asks for no password."),
)

policy_option = click.option(
    "--policy",
    type=click.Choice(POLICIES),
    help="An extension that holds its host's control port is an error.",
)

ledger_option = click.option(
    "--ledger",
    "ledgers",
    metavar="FILE",
    multiple=True,
    help="What recorded a process between the snapshots: findings name the lines that took the rights.",
)

settle_option = click.option(
    "--settle",
    type=click.FloatRange(0, 3600),
    default=2.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for two readings that agree; 0 reads once.",
)

SENTENCE_MAX = 4000  # characters of a line on standard error

FOLDED_ROWS = 20
"""Rows of one finding that a terminal shows."""


PROCESSES = (
    click.option("--host", metavar="H", help="The host: a pid or a process name."),
    click.option("--extension", metavar="E", help="The extension: a pid or a process name."),
    click.option(
        "--pid", "pids", metavar="P", multiple=True, help="One more process: a pid or a process name."
    ),
)

CONFIG_OPTIONS = (
    click.option(
        "--config",
        metavar="FILE",
        help="Read this configuration, not the nearest portaudit.toml or pyproject.toml.",
    ),
    click.option("--no-config", is_flag=True, help="Read no configuration."),
    click.option(
        "--idle",
        nargs=2,
        metavar="BEFORE AFTER",
        help="Subtract what changed in a pair that was taken while nothing was transferred.",
    ),
)


def process_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Offer --host, --extension and --pid: the live processes to read."""
    return _all(PROCESSES, command)


def way_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Offer --way and --sudo: how live processes are read."""
    return _all(WAY_OPTIONS, command)


def config_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Offer --config, --no-config and --idle."""
    return _all(CONFIG_OPTIONS, command)


def _all(options: Sequence[Callable[..., Any]], command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(options):
        command = option(command)
    return command


def format_option(*formats: Format) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Offer --format with these choices; the first is the default."""
    return click.option(
        "--format",
        "form",
        type=click.Choice([form.value for form in formats]),
        callback=lambda _ctx, _option, word: Format(word),
        default=formats[0].value,
        show_default=True,
        help="How to print.",
    )


def declared(config: str | None, *, no_config: bool) -> "Configuration":
    """Read what the project declares, or nothing if it shall not count. Raises UsageError for a mistake."""
    from portaudit.auditing.project import configure
    from portaudit.model.declared import Configuration

    if no_config and config is not None:
        raise click.UsageError("--config and --no-config exclude each other.")
    return Configuration() if no_config else configure(config)


def terminal_style(*, everything: bool = False, piped_width: int = 80) -> Style:
    """Say how to print here: in colour on a terminal or if forced, as wide as it is, folded but for all."""
    forced = os.environ.get("FORCE_COLOR", "0") not in {"", "0"}
    able = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    return Style(
        everything=everything,
        colour=(forced or able) and not os.environ.get("NO_COLOR"),
        width=max(NARROWEST, shutil.get_terminal_size((piped_width, 24)).columns),
        fold=None if everything else FOLDED_ROWS,
    )


def publish(text: str, form: Format = Format.TABLE) -> None:
    """Print a result in this format; what standard output's encoding cannot say is spelled, not refused.

    No part of it is a CI runner's command. If its reader has gone, the exit status still tells the verdict.
    """
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")
    try:
        click.echo(for_a_log(text, form), nl=False, color=True)
    except BrokenPipeError:
        give_up_output()


def interrupt_on_sigterm() -> None:
    """End on SIGTERM as on Ctrl-C: in order, with what was found so far."""
    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def say(sentence: str, *, quiet: bool) -> None:
    """Tell the user something in a line on standard error, unless it shall be quiet."""
    if not quiet:
        line = sentence.strip("\n")  # empty lines around it are its own
        before, _, after = sentence.partition(line)
        shown = fitted(safe(line, SENTENCE_MAX), width_of(STANDARD_ERROR))
        click.echo(f"{before}{shown}{after}", err=True)


@contextmanager
def standing(wanted: str | None) -> Iterator[str | None]:
    """Give the kernel's name; a stand-in that is named without a socket stands as long as the block."""
    if wanted not in STAND_INS:
        yield wanted
        return
    from portaudit.demo.stage import standing_kernel

    with standing_kernel(wanted) as name:
        yield name
