"""`portaudit demo`: a real host/extension pair that leaks on purpose, audited."""

import os
import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NoReturn

import click

from portaudit.cli.options import interrupt_on_sigterm, quiet_option, say
from portaudit.cli.terminal import shown_progress
from portaudit.demo.scenarios import SCENARIOS
from portaudit.errors import UsageError
from portaudit.model.way import GNUMACH, SIMULATED, STAND_INS, WAYS, XNU

FOLDER = "portaudit-demo"
RELEASES = ("15", "26")
SIMULATED_MACOS = "15"
IN_C = "where"
"""A scenario of its own: a C program, recorded, so that the report names the lines."""
BESIDE = "-"
"""--transfer without a socket: the host that this very run has started."""


@click.command(name="demo")
@click.argument("scenario", required=False, metavar="[SCENARIO]", type=click.Choice([*SCENARIOS, IN_C]))
@click.option(
    "--kernel",
    type=click.Choice([*STAND_INS, XNU]),
    default=XNU if sys.platform == "darwin" else SIMULATED,
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
@click.option("--keep", default=FOLDER, show_default=True, metavar="FOLDER", help="Where the snapshots go.")
@click.option("-o", "--output", "older", hidden=True)  # what 0.1.0 called --keep
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
    keep: str,
    older: str | None,
    quiet: bool,
) -> None:
    """Play a host that hands its task port to an extension, well or badly, and audit it.

    Without a SCENARIO all are played, one line each. The snapshot files stay in ./portaudit-demo/ to be
    compared by hand.

    Scenarios: clean, keep, leak, leak-once, double-free, silent-double-free, moved, dead-name, thread-self,
    host-self, cache, every-third; `where` plays a C program, whose report names the guilty lines.

    \b
    Example:
      portaudit demo leak
      portaudit demo --hold leak-once
    """
    interrupt_on_sigterm()
    modes = {"hold": hold, "drive": drive, "obey": obey, "xpc": xpc, "platform": platform}
    _check_mode({**modes, "transfer": socket is not None}, scenario, churn=churn)
    if socket is not None:
        _transfer(socket)
        return
    if drive or obey:
        _be_a_host("drive" if drive else "obey", scenario or "leak")
    from portaudit.cli import playing

    _check_kernel(kernel, macos, platform=platform)
    if scenario == IN_C and (hold or xpc or kernel == GNUMACH):
        raise UsageError("where is a C program on the simulated kernel or a Mac's own: leave the rest away")
    folder = Path(older or keep)
    if xpc:
        playing.play_xpc(scenario, folder)
        return
    say(WHERE[kernel], quiet=quiet)
    from portaudit.demo.stage import standing_kernel

    with ExitStack() as stack:
        with shown_progress(quiet=quiet) as progress:
            address = stack.enter_context(standing_kernel(kernel, int(macos), progress))
        if platform:
            playing.play_platform_host(address)
        elif hold:
            playing.hold(scenario or "leak", address, churn=churn)
        elif scenario == IN_C:
            playing.play_in_c(address, folder, way, sudo=sudo, quiet=quiet)
        else:
            chosen = playing.chosen_way(address, way, sudo=sudo, quiet=quiet)
            play = partial(playing.play_scenario, address, folder, chosen, sudo=sudo)
            playing.play_chosen(scenario, kernel, folder, play)


WHERE = {
    SIMULATED: "The Mach kernel here is SIMULATED, and checked against XNU's recorded answers; "
    "the processes are real.\n",
    GNUMACH: "The Mach kernel here is GNU Mach, a real one, in QEMU; the processes are real.\n",
    XNU: "The Mach kernel here is this Mac's own.",
}


def _be_a_host(mode: str, scenario: str) -> NoReturn:
    words = ("-P", "-m", "portaudit.demo.hosted", mode, scenario)
    os.execv(sys.executable, [sys.executable, *words])  # noqa: S606  this very program


def _check_mode(asked: dict[str, bool], scenario: str | None, *, churn: bool) -> None:
    modes = [f"--{mode}" for mode, said in asked.items() if said]
    if len(modes) > 1:
        raise UsageError(f"{modes[0]} and {modes[1]} are two things to do: ask for one at a time")
    if scenario is not None and modes in (["--platform"], ["--transfer"]):
        raise UsageError(f"{modes[0]} plays no SCENARIO: leave {scenario} away")
    if churn and not asked["hold"]:
        raise UsageError("--churn belongs to --hold: a scene that is judged comes and goes by itself")


def _check_kernel(kernel: str, macos: str, *, platform: bool) -> None:
    if kernel == XNU and sys.platform != "darwin":
        raise UsageError("this machine runs no XNU; leave --kernel away to play on the simulated kernel")
    if platform and kernel != SIMULATED:
        raise UsageError("--platform plays on the simulated kernel: a real one decides who is platform")
    if macos != SIMULATED_MACOS and kernel != SIMULATED:
        raise UsageError(f"--macos is for the simulated kernel: {kernel} answers as what it is")


def _transfer(socket: str) -> None:
    from portaudit.demo.cues import ask, ask_beside_marks

    if socket == BESIDE:
        ask_beside_marks()
    else:
        ask(socket)
