"""`portaudit watch`: growth while it happens."""

import shutil
import sys
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import click
from click.core import ParameterSource

from portaudit.cli.options import (
    format_option,
    interrupt_on_sigterm,
    kernel_option,
    publish,
    quiet_option,
    say,
    terminal_style,
    way_options,
)
from portaudit.errors import ExitStatus, UsageError
from portaudit.model.watch import WatchState
from portaudit.render import Format
from portaudit.render import watch as render

FOLDER = "portaudit-watch"


@click.command(name="watch")
@click.argument("processes", nargs=-1, required=True, metavar="PROCESS...")
@click.option(
    "--interval",
    type=click.FloatRange(0.001, 86400),
    default=1.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait between two looks.",
)
@click.option("--until-stable", is_flag=True, help="End after ten looks without any change.")
@click.option("--looks", type=click.IntRange(1), metavar="N", help="End after N looks.")
@click.option(
    "--alarm",
    type=click.FloatRange(0, min_open=True),
    metavar="RATE",
    help="Ring when a class grows by more than RATE references a minute.",
)
@click.option(
    "--readings",
    type=click.IntRange(3, 1000),
    default=10,
    show_default=True,
    metavar="N",
    help="How many of the last readings an alarm keeps.",
)
@click.option(
    "--keep", default=FOLDER, show_default=True, metavar="FOLDER", help="Where an alarm keeps them."
)
@way_options
@kernel_option
@format_option(Format.TABLE, Format.JSON)
@quiet_option
@click.pass_context
def command(
    ctx: click.Context,
    processes: tuple[str, ...],
    interval: float,
    until_stable: bool,
    looks: int | None,
    alarm: float | None,
    readings: int,
    keep: str,
    way: str,
    sudo: bool,
    kernel: str | None,
    form: Format,
    quiet: bool,
) -> None:
    """Watch the rights of each PROCESS (a pid or a name) while they grow, until it ends or Ctrl-C.

    On a terminal the table is drawn in place; into a pipe go lines with a time, one for each change.

    \b
    Example:
      portaudit watch Host Ext --alarm 60
    """
    from portaudit.auditing.watch import WatchRequest, watch

    interrupt_on_sigterm()
    for name in ("keep", "readings"):
        if alarm is None and ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise UsageError(f"--{name} is for what an alarm keeps: say by --alarm RATE when one rings")
    request = WatchRequest(
        processes, interval, until_stable, looks, alarm, readings, Path(keep), kernel, way, sudo
    )
    screen = _Json() if form is Format.JSON else _Table() if sys.stdout.isatty() else _Lines()
    try:
        with closing(watch(request)) as looking:
            for states in looking:
                screen.show(states)
    except KeyboardInterrupt:
        screen.interrupted = True
    finally:
        screen.end()
    for state in screen.last:
        if state.unread:
            say(f"portaudit: {state.process.pid} cannot be read: {state.over}", quiet=quiet)
    ctx.exit(screen.exit_status)


class _Screen:
    """What was shown last, and how the command ends."""

    def __init__(self) -> None:
        self.last: tuple[WatchState, ...] = ()
        self.rang = False
        self.interrupted = False

    def show(self, states: tuple[WatchState, ...]) -> None:
        """Take in one look, and show what is new."""
        self.last = states
        self.rang |= any(state.alarms for state in states)
        self.draw(states)

    def draw(self, states: Iterable[WatchState]) -> None:
        """Show one look."""

    def end(self) -> None:
        """Show the last state."""

    @property
    def exit_status(self) -> ExitStatus:
        """An alarm is a finding; what could not be read, or not as a whole, is undecided."""
        if self.rang:
            return ExitStatus.FINDINGS
        if any(state.unread or state.left_out for state in self.last):
            return ExitStatus.UNDECIDED
        return ExitStatus.INTERRUPTED if self.interrupted else ExitStatus.DONE


class _Lines(_Screen):
    def draw(self, states: Iterable[WatchState]) -> None:
        for state in states:
            if state.changed:
                _print(render.line(state))
            for line in render.alarms(state):
                _print(line)

    def end(self) -> None:
        for state in self.last:
            if not state.unread:  # else it was just told, at length
                _print(f"last: {render.line(state)}")


class _Json(_Screen):
    def draw(self, states: Iterable[WatchState]) -> None:
        for state in states:
            if state.changed:
                publish(render.as_json(state), Format.JSON)
        sys.stdout.flush()


class _Table(_Screen):
    def __init__(self) -> None:
        super().__init__()
        self._height = 0

    def draw(self, states: Iterable[WatchState]) -> None:
        room = max(1, shutil.get_terminal_size().lines - 1)
        lines = render.table(states, terminal_style().width).splitlines(keepends=True)
        text = "".join(lines[:room])
        # Back to the first line of the table, and clear to the end of the screen (ECMA-48 CPL, ED)
        publish(f"\x1b[{self._height}F\x1b[J" * bool(self._height))
        for state in states:
            for line in render.alarms(state):
                publish(f"{line}\n")
        publish(text)
        sys.stdout.flush()
        self._height = text.count("\n")


def _print(line: str) -> None:
    publish(f"{line}\n")
    sys.stdout.flush()
