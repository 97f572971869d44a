"""What a refusal means, in the user's words: which door was tried, what the kernel said, what would help.

Who may open whose task port is decided by AMFI and taskgated, whose sources nobody has: where an advice rests
on a report, it says which.
"""

import os
from dataclasses import dataclass

from portaudit.collect.ways import Refusal
from portaudit.mach.system import DEBUGGER, CodeSigning, code_signing, is_entitled
from portaudit.model.way import XNU

STANDING_IN = "the stand-in kernel knows only processes that are connected to it, and may be told to refuse"

BY_ROOT = (
    "run this by sudo: root is reported to open such a program with System Integrity Protection on "
    "(py-spy#242)"
)
SIGN_IT = (
    "if it is yours, sign it with get-task-allow, as Xcode's debug builds are: codesign -f -s - "
    "--entitlements FILE PROGRAM (portaudit-doctor(1) has the file)"
)
BY_A_DEBUGGER = (
    "read it with a Python of your own that is signed with com.apple.security.cs.debugger: reported to open "
    "it as a user, with System Integrity Protection on (mach2#30); portaudit-doctor(1) tells how"
)
NO_DEBUGGER = f"without {DEBUGGER}: as a user it opens no task port of others"
SIGNED_AS_ONE = (
    "this Python is signed as a debugger, and was refused all the same: is developer mode on "
    "(`DevToolsSecurity -status`)?"
)
SIGN_A_PYTHON = (
    "to read programs with get-task-allow as a user, sign a copy of this Python as a debugger, whoever has "
    "built it (portaudit-doctor(1) tells how); root, lsmp and the probe need none of it"
)
HARDENED = (
    "it has the hardened runtime and no get-task-allow, and is refused to root, too, as reported of "
    "python.org's Python (cpython#137033)"
)
PROBE = "let it write a probe record of itself (`portaudit probe --example`), which needs no permission"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What decides which door may open: who asks, and how the target is signed."""

    root: bool
    signing: CodeSigning | None
    """None where the system does not tell."""
    debugger: bool = False
    """Whether this Python is signed as a debugger."""

    @property
    def lsmp(self) -> str:
        """How to let Apple's own program read."""
        return "let Apple's lsmp read it: --way lsmp" + ("" if self.root else " --sudo")


def circumstances(pid: int) -> Circumstances:
    """Look who asks, and how a process is signed."""
    return Circumstances(os.geteuid() == 0, code_signing(pid), bool(is_entitled(os.getpid(), DEBUGGER)))


def advise(refusal: Refusal, kind: str) -> str:
    """Say in one sentence why no door opened, and what would help on this kind of kernel."""
    tried = "; ".join(f"{door.way} by the {door.flavour} port: {answer}" for door, answer in refusal.attempts)
    if kind != XNU:
        return f"no way in ({tried}); {STANDING_IN}"
    here = circumstances(refusal.pid)
    why, *steps = _steps(here)
    shortest = BY_ROOT if BY_ROOT in steps and here.signing else here.lsmp
    return f"no way in ({tried}); {why}: {shortest}; `portaudit doctor {refusal.pid}` names every way"


def advice(here: Circumstances) -> str:
    """Say what the target is, and all that opens it: the nearest way first."""
    why, *steps = _steps(here)
    return f"{why}: {'; or '.join([*steps, PROBE])}"


def _steps(here: Circumstances) -> tuple[str, ...]:
    sign_it = SIGN_IT if here.root else f"{SIGN_IT}, and read it by sudo"
    signing, by_root = here.signing, () if here.root else (BY_ROOT,)
    perhaps = f"{here.lsmp}, which is reported to print nothing of some programs (AirBattery#207)"
    if signing is None:
        return ("how it is signed is not known", perhaps, *by_root, sign_it)
    if signing.platform:
        return ("it is a program of Apple's, which only Apple's own tools may open", here.lsmp)
    if signing.get_task_allow:
        by_user = SIGNED_AS_ONE if here.debugger else BY_A_DEBUGGER
        return ("it has get-task-allow", by_user, *by_root, perhaps)
    if signing.hardened:
        return (HARDENED, sign_it, perhaps)
    return ("it is neither Apple's nor hardened", *by_root, perhaps, sign_it)
