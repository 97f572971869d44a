"""What `portaudit demo` plays, and how it tells what came of it."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portaudit.auditing.files import held_folder, make_folder
from portaudit.cli.options import publish, say, terminal_style
from portaudit.cli.terminal import STANDARD_OUTPUT, lines_of, ranged, way_in, width_of
from portaudit.demo.scenarios import SCENARIOS, Scenario
from portaudit.errors import DemoMismatch, NotReadable, UsageError
from portaudit.model.way import AUTO, LLDB, XNU
from portaudit.render import Format, render_report
from portaudit.render.style import hang
from portaudit.trust import users_own

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from portaudit.demo.play import Played

PLAYED_BY_XPC = ("clean", "leak")


def chosen_way(address: str, way: str | None, *, sudo: bool, quiet: bool) -> str:
    """Choose how the pair is read where nobody says it: on a Mac a user may read no other process."""
    from portaudit.demo.play import SELF, refusal

    if way or sudo or address != "xnu":
        return way or AUTO
    if os.geteuid() != 0:
        say(
            "Each process reads its own space, which needs no permission. From outside: "
            "portaudit demo --way lsmp --sudo\n",
            quiet=quiet,
        )
        return SELF
    reason = refusal(address, AUTO, sudo=False)
    if reason is None:
        say("The pair is read from outside, as root.\n", quiet=quiet)
        return AUTO
    say(f"Each process reads its own space: root may not read them from outside: {reason}\n", quiet=quiet)
    return SELF


def play_scenario(address: str, folder: Path, way: str, scenario: Scenario, *, sudo: bool) -> "Played":
    """Play one scenario, read in the chosen way."""
    from portaudit.demo.play import play

    return play(scenario, address, folder, way, sudo=sudo)


def hold(name: str, address: str, *, churn: bool) -> None:
    """Keep a pair on the stage."""
    from portaudit.demo.hold import Typist, hold_pair

    hold_pair(SCENARIOS[name], address, Typist(lines_of, way_in()), churn=churn)


def play_chosen(
    scenario: str | None, kernel: str, folder: Path, play: "Callable[[Scenario], Played]"
) -> None:
    """Play one scenario or all, whose snapshots alone come into the folder meanwhile."""
    with users_own(folder, make_folder), held_folder(folder):
        if scenario:
            play_one(SCENARIOS[scenario], kernel, play)
        else:
            play_all(kernel, folder, play)


def play_one(scenario: Scenario, kernel: str, play: "Callable[[Scenario], Played]") -> None:
    """Play one scenario and print its report. Raises as `_check_verdicts` does."""
    from portaudit.demo.play import guard_lines

    if obstacle := scenario.obstacle(kernel):
        raise UsageError(f"{scenario.name} cannot be played there: {obstacle}")
    played = play(scenario)
    click.echo("\n".join((*lines_of("", f"{scenario.name}: {scenario.summary}"), "")))
    publish(render_report(played.report, Format.TABLE, terminal_style()))
    for line in guard_lines(played):
        click.echo("\n".join(lines_of("", line)))
    publish("\n".join(("", *lines_of("", f"The snapshots: {ranged(played.files)}"), "")))
    played.check_was_read()
    _check_verdicts(kernel, [] if played.as_planted else [scenario.name])


def play_in_c(address: str, folder: Path, way: str | None, *, sudo: bool, quiet: bool) -> None:
    """Play the C program and print its report. Raises DemoMismatch if it does not name both mistakes."""
    from portaudit.demo.where import SOURCE, play_leaky

    if not way and not sudo and address == XNU and os.geteuid() != 0:
        say("lldb reads the program, which needs no root; by lsmp: --way lsmp --sudo\n", quiet=quiet)
        way = LLDB
    with users_own(folder, make_folder):
        found = play_leaky(folder, address, way or AUTO, sudo=sudo)
    said = f"where: a C program that forgets a right, and frees one twice: {SOURCE}"
    click.echo("\n".join((*lines_of("", said), "")))
    click.echo(render_report(found.report, Format.TABLE, terminal_style()), nl=False)
    click.echo("\n".join(("", *lines_of("", f"The files: {ranged(found.files)}"))))
    if not found.as_planted:
        raise DemoMismatch("the report does not name the lines of both mistakes")


def _check_verdicts(kernel: str, wrong: list[str]) -> None:
    if not wrong:
        return
    names = ", ".join(wrong)
    if kernel == "xnu":
        raise NotReadable(
            f"not the verdict that was planted: {names}; on a Mac other ports may move at the same time: "
            f"play it again, and if it stays so, tell us, with the snapshots"
        )
    raise DemoMismatch(f"not the verdict that was planted: {names}")


def play_xpc(scenario: str | None, folder: Path) -> None:
    """Play the transfer by XPC itself. Raises NotReadable if the references came out otherwise."""
    from portaudit.demo.xpc import NotPlayed, answer_lines, play_both, step_lines
    from portaudit.demo.xpc.launched import build, check_machine

    check_machine()
    if scenario not in PLAYED_BY_XPC and scenario is not None:
        raise UsageError(f"--xpc plays {' and '.join(PLAYED_BY_XPC)}, not {scenario}")
    with held_folder(folder):
        program, unexpected = build(folder), []
        for name in [scenario] if scenario else PLAYED_BY_XPC:
            for played in play_both(program, folder, leaks=name == "leak"):
                click.echo(f"{name}, {played.where}\n")
                if isinstance(played, NotPlayed):
                    click.echo(f"not played: {played.reason}\n")
                    continue
                click.echo("\n".join([*step_lines(played), "", *answer_lines(played), ""]))
                publish(render_report(played.report, Format.TABLE, terminal_style()) + "\n")
                unexpected += [] if played.as_planned else [f"{name} {played.where}"]
    if unexpected:
        raise NotReadable(f"the references did not come out as planned: {'; '.join(unexpected)}")


def play_platform_host(address: str) -> None:
    """Show the platform host that is killed. Raises DemoMismatch if it lives on."""
    from portaudit.demo.play import platform_lines, play_platform

    killed = play_platform(address)
    click.echo("\n".join(part for line in platform_lines(killed) for part in lines_of("", line)))
    if not killed.as_planted:
        raise DemoMismatch("the platform host was not killed for sending its own control port")


def play_all(kernel: str, folder: Path, play: "Callable[[Scenario], Played]") -> None:
    """Play every scenario, one line each. Raises as `_check_verdicts` does."""
    from portaudit.demo.play import summary_lines

    wrong = []
    for name, scenario in SCENARIOS.items():
        if obstacle := scenario.obstacle(kernel):
            click.echo("\n".join(hang(f"--   {name:<19} not played: ", obstacle, width_of(STANDARD_OUTPUT))))
            continue
        played = play(scenario)
        click.echo("\n".join(summary_lines(played, width_of(STANDARD_OUTPUT))))
        played.check_was_read()
        if not played.as_planted:
            wrong.append(name)
    _check_verdicts(kernel, wrong)
    click.echo(
        "\n".join(("", *lines_of("", "Each verdict is the one planted. Look closer:"), *_next(folder)))
    )


def _next(folder: Path) -> "Iterator[str]":
    """Yield the next steps, as they can be typed here."""
    before, after = (folder / f"double-free-{when}.json" for when in ("before", "after"))
    yield from [f"  {way_in()}"] * bool(way_in())
    yield from lines_of("  ", "portaudit demo leak-once")
    yield from lines_of("  ", f"portaudit diff {before} {after}")
    yield from lines_of("  ", f"portaudit show {after} --role extension")
