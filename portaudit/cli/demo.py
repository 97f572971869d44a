"""`portaudit demo`: a real host/extension pair that leaks on purpose, audited."""

import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portaudit.cli.options import interrupt_on_sigterm, quiet_option, say, terminal_style
from portaudit.demo.ownership import users_own
from portaudit.demo.scenarios import SCENARIOS, Scenario
from portaudit.errors import DemoMismatch, NotReadable, UsageError
from portaudit.model.way import AUTO, WAYS
from portaudit.render import render_report

if TYPE_CHECKING:
    from collections.abc import Callable

    from portaudit.demo.play import Played

FOLDER = "portaudit-demo"
RELEASES = ("15", "26")
SIMULATED_MACOS = "15"
PLAYED_BY_XPC = ("clean", "leak")
BESIDE = "-"
"""--transfer without a socket: the host that this very run has started."""


@click.command(name="demo", short_help="Play a pair that leaks on purpose, audited.")
@click.argument("scenario", required=False, type=click.Choice(list(SCENARIOS)))
@click.option(
    "--kernel",
    type=click.Choice(["simulated", "gnumach", "xnu"]),
    default="xnu" if sys.platform == "darwin" else "simulated",
    show_default=True,
    help="Which Mach kernel plays.",
)
@click.option(
    "--platform",
    is_flag=True,
    help="Show the platform binary that is killed for sending its own control port.",
)
@click.option("--hold", is_flag=True, help="Keep the pair running, to be audited from another terminal.")
@click.option("--churn", is_flag=True, help="With --hold: let unrelated ports come and go meanwhile.")
@click.option(
    "--transfer",
    "socket",
    metavar="[SOCKET]",
    is_flag=False,
    flag_value=BESIDE,
    help="Let a held pair transfer once, or without SOCKET the host of --obey: a trigger for run.",
)
@click.option("--drive", is_flag=True, help="Be a host that drives itself: for `run --spawn` and checks.")
@click.option(
    "--obey", is_flag=True, help="Be a host that waits for --transfer: for `run --host-command` and checks."
)
@click.option(
    "--xpc", is_flag=True, help="On a Mac: play clean and leak by XPC's own calls, counted step by step."
)
@click.option(
    "--way",
    type=click.Choice(["self", *WAYS]),
    help="How the pair is read: each process by itself (what a user may do on a Mac), or from outside.",
)
@click.option(
    "--sudo", is_flag=True, help="Read from outside, lsmp by `sudo -n`, which asks for no password."
)
@click.option(
    "--macos",
    type=click.Choice(RELEASES),
    default=SIMULATED_MACOS,
    show_default=True,
    help="Which macOS the simulated kernel answers as.",
)
@click.option(
    "-o", "--output", default=FOLDER, show_default=True, metavar="FOLDER", help="Where the snapshots go."
)
@quiet_option
def command(
    scenario: str | None,
    kernel: str,
    platform: bool,
    hold: bool,
    churn: bool,
    socket: str | None,
    drive: bool,
    obey: bool,
    xpc: bool,
    way: str | None,
    sudo: bool,
    macos: str,
    output: str,
    quiet: bool,
) -> None:
    """Play a host that hands its task port to an extension, well or badly, and audit it.

    Without a SCENARIO all are played, one line each. The snapshot files stay in ./portaudit-demo/ to be
    compared by hand.

    \b
    Example:
      portaudit demo leak
      portaudit demo --hold leak-once
    """
    interrupt_on_sigterm()
    if socket is not None:
        _transfer(socket)
        return
    if drive or obey:
        player = f"portaudit.demo.{'driven' if drive else 'hosted'}"
        os.execv(sys.executable, [sys.executable, "-m", player, scenario or "leak"])  # noqa: S606  this very program
    _check_kernel(kernel, platform=platform)
    folder = Path(output)
    if xpc:
        _play_xpc(scenario, folder)
        return
    say(WHERE[kernel], quiet=quiet)
    from portaudit.demo.stage import standing_kernel

    with standing_kernel(kernel, int(macos)) as address, users_own(folder):
        if platform:
            _play_platform(address)
        elif hold:
            _hold(scenario or "leak", address, churn=churn)
        else:
            play = partial(_play, address, folder, _chosen(address, way, sudo=sudo, quiet=quiet), sudo=sudo)
            _play_one(SCENARIOS[scenario], kernel, play) if scenario else _play_all(kernel, folder, play)


WHERE = {
    "simulated": "The Mach kernel here is SIMULATED, and checked against XNU's recorded answers; "
    "the processes are real.\n",
    "gnumach": "The Mach kernel here is GNU Mach, a real one, in QEMU; the processes are real.\n",
    "xnu": "The Mach kernel here is this Mac's own.",
}


def _check_kernel(kernel: str, *, platform: bool) -> None:
    if kernel == "xnu" and sys.platform != "darwin":
        raise UsageError("this machine runs no XNU; leave --kernel away to play on the simulated kernel")
    if platform and kernel != "simulated":
        raise UsageError("--platform plays on the simulated kernel: a real one decides who is platform")


def _chosen(address: str, way: str | None, *, sudo: bool, quiet: bool) -> str:
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


def _play(address: str, folder: Path, way: str, scenario: Scenario, *, sudo: bool) -> "Played":
    from portaudit.demo.play import play

    return play(scenario, address, folder, way, sudo=sudo)


def _hold(name: str, address: str, *, churn: bool) -> None:
    from portaudit.demo.hold import hold_pair

    hold_pair(SCENARIOS[name], address, churn=churn)


def _transfer(socket: str) -> None:
    from portaudit.demo.transfers import ask, ask_beside_marks

    if socket == BESIDE:
        ask_beside_marks()
    else:
        ask(socket)


def _play_one(scenario: Scenario, kernel: str, play: "Callable[[Scenario], Played]") -> None:
    from portaudit.demo.telling import guard_lines

    if obstacle := scenario.obstacle(kernel):
        raise UsageError(f"{scenario.name} cannot be played there: {obstacle}")
    played = play(scenario)
    click.echo(f"{scenario.name}: {scenario.summary}\n")
    click.echo(render_report(played.report, "table", terminal_style()), nl=False)
    for line in guard_lines(played):
        click.echo(line)
    click.echo(f"\nThe snapshots: {' '.join(map(str, played.files))}")
    played.check_was_read()
    _check_verdicts(kernel, [] if played.as_planted else [scenario.name])


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


def _play_xpc(scenario: str | None, folder: Path) -> None:
    from portaudit.demo.xpc.build import build, check_machine
    from portaudit.demo.xpc.play import NotPlayed, play_both
    from portaudit.demo.xpc.telling import answer_lines, step_lines

    check_machine()
    if scenario not in PLAYED_BY_XPC and scenario is not None:
        raise UsageError(f"--xpc plays {' and '.join(PLAYED_BY_XPC)}, not {scenario}")
    folder.mkdir(parents=True, exist_ok=True)
    program, unexpected = build(folder), []
    for name in [scenario] if scenario else PLAYED_BY_XPC:
        for played in play_both(program, folder, leaks=name == "leak"):
            click.echo(f"{name}, {played.where}\n")
            if isinstance(played, NotPlayed):
                click.echo(f"not played: {played.reason}\n")
                continue
            click.echo("\n".join([*step_lines(played), "", *answer_lines(played), ""]))
            click.echo(render_report(played.report, "table", terminal_style()))
            unexpected += [] if played.as_planned else [f"{name} {played.where}"]
    if unexpected:
        raise NotReadable(f"the references did not come out as planned: {'; '.join(unexpected)}")


def _play_platform(address: str) -> None:
    from portaudit.demo.platform import play_platform
    from portaudit.demo.telling import platform_lines

    killed = play_platform(address)
    click.echo("\n".join(platform_lines(killed)))
    if not killed.as_planted:
        raise DemoMismatch("the platform host was not killed for sending its own control port")


def _play_all(kernel: str, folder: Path, play: "Callable[[Scenario], Played]") -> None:
    from portaudit.demo.telling import summary_line

    wrong = []
    for name, scenario in SCENARIOS.items():
        if obstacle := scenario.obstacle(kernel):
            click.echo(f"--   {name:<19} not played: {obstacle}")
            continue
        played = play(scenario)
        click.echo(summary_line(played))
        played.check_was_read()
        if not played.as_planted:
            wrong.append(name)
    _check_verdicts(kernel, wrong)
    click.echo(
        f"\nEach verdict is the one planted. Look closer:\n  portaudit demo leak-once\n{_by_hand(folder)}"
    )


def _by_hand(folder: Path) -> str:
    before, after = (folder / f"double-free-{when}.json" for when in ("before", "after"))
    return f"  portaudit diff {before} {after}\n  portaudit show {after} --role extension"
