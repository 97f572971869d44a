"""Claims about the demo: its scenarios on this machine's own kernel, and the transfer by XPC."""

from dataclasses import dataclass
from functools import partial

from portaudit.demo.scenarios import SCENARIOS
from portaudit.demo.xpc import Played, holding, play_loop_back, play_two
from portaudit.demo.xpc.launched import build, check_machine
from portaudit.errors import ExitStatus, NotReadable, UsageError
from portaudit.evidence import about
from portaudit.evidence.claim import Claim, Seen
from portaudit.evidence.scene import Caller, Done, NotTriedError, Scene
from portaudit.model.finding import Outcome
from portaudit.model.way import XNU

SECONDS = 180.0
OTHER_VERDICT = "not the verdict that was planted"
VERDICTS = tuple(outcome.upper() for outcome in Outcome)


@dataclass(frozen=True, slots=True)
class _Door:
    """A way to play: who plays, how the pair is read, and how a sentence calls that."""

    name: str
    caller: Caller
    called: str
    words: tuple[str, ...] = ()


DOORS = (
    _Door("user", Caller.USER, "by a user"),
    _Door("lsmp", Caller.USER, "by a user, read by lsmp as root", ("--way", "lsmp", "--sudo")),
    _Door("root", Caller.ROOT, "by root"),
)


def _scenario(scene: Scene, *, name: str, door: _Door) -> Seen:
    if door.words:
        scene.as_caller(Caller.ROOT)  # whether root may be asked at all
    kind = scene.kernel.partition(":")[0]
    words = ("demo", name, "--kernel", kind, "-o", str(scene.folder / f"demo-{door.name}"), *door.words)
    done = scene.portaudit(*words, caller=door.caller, seconds=SECONDS)
    if kind == XNU and "SIMULATED" in done.err:
        raise NotTriedError("it was played on the simulated kernel")
    unplayed = done.status in {ExitStatus.USAGE, ExitStatus.UNDECIDED} and OTHER_VERDICT not in done.err
    if unplayed:
        raise NotTriedError(done.last_words)
    return Seen(done.status == ExitStatus.DONE, _verdict(done))


def _where(scene: Scene) -> Seen:
    kind = scene.kernel.partition(":")[0]
    scene.tool("cc")
    words = ("demo", "where", "--kernel", kind, "-o", str(scene.folder / "where"))
    done = scene.portaudit(*words, seconds=SECONDS)
    if done.status in {ExitStatus.USAGE, ExitStatus.UNDECIDED}:
        raise NotTriedError(done.last_words)
    return Seen(done.status == ExitStatus.DONE, _verdict(done))


def _verdict(done: Done) -> str:
    """Give the verdict's line; what the program said at last if it came to none."""
    verdicts = (line for line in done.out.splitlines() if line.startswith(VERDICTS))
    return next(verdicts, done.last_words)


def _xpc(scene: Scene, *, leaks: bool, two: bool) -> Played:
    folder = scene.folder / f"xpc-{'leak' if leaks else 'clean'}-{'two' if two else 'one'}"
    folder.mkdir(exist_ok=True)
    (folder / "steps").unlink(missing_ok=True)
    try:
        check_machine()
        program = build(scene.folder)
        return (play_two if two else play_loop_back)(program, folder, leaks=leaks)
    except (NotReadable, UsageError) as obstacle:
        raise NotTriedError(str(obstacle)) from None


def _xpc_as_planned(scene: Scene, *, leaks: bool, two: bool) -> Seen:
    played = _xpc(scene, leaks=leaks, two=two)
    return Seen(played.as_planned, f"{played.kept} references kept; {played.report.outcome}")


def _xpc_set_holds(scene: Scene) -> Seen:
    held = holding(_xpc(scene, leaks=False, two=False).steps, one_process=True)
    if held.by_set is None:
        raise NotTriedError("the steps were not counted")
    words = f"set {held.by_set:+}, on receipt {held.by_receiving or 0:+}, copy {held.by_copy or 0:+}"
    return Seen(bool(held.by_set), words)


CLAIMS = (
    *(
        Claim(
            f"demo/{name}/{door.name}",
            about.SCENARIOS,
            f"the demo's {name}, played {door.called}, gets the verdict that was planted",
            partial(_scenario, name=name, door=door),
        )
        for door in DOORS
        for name in SCENARIOS
    ),
    *(
        Claim(
            f"xpc/{'leak' if leaks else 'clean'}/{'two' if two else 'one'}",
            about.BY_XPC,
            f"by XPC, {'over two processes' if two else 'in one process'}, "
            + ("each kept reference is found" if leaks else "every reference comes back"),
            partial(_xpc_as_planned, leaks=leaks, two=two),
        )
        for two in (False, True)
        for leaks in (False, True)
    ),
    Claim(
        "where/lines",
        about.PLANTED,
        "the ledger of a C program names the lines of both of its mistakes",
        _where,
    ),
    Claim(
        "where/interposer", about.INTERPOSER, "the library is built here, and records that program", _where
    ),
    Claim(
        "xpc/set-holds", about.BY_XPC, "xpc_dictionary_set_mach_send takes a reference itself", _xpc_set_holds
    ),
)
