"""The C program that plays the transfer by XPC: built by this Mac's own compiler, started by launchd.

The extension is a job without a bundle and without signing.
"""

import os
import plistlib
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from portaudit.errors import KernelUnavailable, NotReadable, UsageError
from portaudit.probe import header_path

SOURCE = Path(__file__).with_name("transfer.c")
STRICT = ("-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror")
BUILD_SECONDS = 120.0
INSTALL = "install it with `xcode-select --install`"


def check_machine() -> None:
    """Raise UsageError where there is no XPC."""
    if sys.platform != "darwin":
        raise UsageError(
            "--xpc plays by macOS's own XPC, and this is no Mac; leave it away for Mach messages"
        )


def _complaint(said: str) -> str:
    """Find the line that says what is wrong, among those that say where it was included."""
    lines = said.strip().splitlines() or ["it did not say why"]
    return next((line.strip() for line in lines if "error" in line), lines[0])


def build(folder: Path, compiler: str = "cc") -> Path:
    """Compile the program into a folder. Raises KernelUnavailable with what the compiler said."""
    found = shutil.which(compiler)
    if found is None:
        raise KernelUnavailable(f"this machine has no C compiler {compiler!r}; {INSTALL}")
    program = folder / "transfer"
    command = [found, *STRICT, f"-I{header_path().parent}", str(SOURCE), "-o", str(program)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False)  # noqa: S603  no shell
    except (OSError, subprocess.TimeoutExpired) as error:
        raise KernelUnavailable(f"{compiler} could not build {SOURCE.name}: {error}") from error
    if done.returncode:
        raise KernelUnavailable(
            f"{compiler} could not build {SOURCE.name}: {_complaint(done.stderr)}; {INSTALL}"
        )
    return program


LAUNCHCTL = "/bin/launchctl"
SECONDS = 20.0
SAID = "extension-said"
"""The file with what the program says on standard error."""


@contextmanager
def service(arguments: Sequence[str], label: str, folder: Path) -> Iterator[None]:
    """Let launchd serve the Mach service `label` by a program, as long as the block.

    The program starts when it is first asked. Raises NotReadable with launchd's reason where it does not take
    the job: root's jobs go to the system, a user's to that user's session, which ssh may not have.
    """
    plist = folder / f"{label}.plist"
    plist.write_bytes(plistlib.dumps(job(arguments, label, folder)))
    domain = _accepting_domain(plist)
    try:
        yield
    finally:
        _launchctl("bootout", f"{domain}/{label}")


def job(arguments: Sequence[str], label: str, folder: Path) -> dict[str, object]:
    """Describe the job, as launchd.plist(5) does."""
    return {
        "Label": label,
        "ProgramArguments": list(arguments),
        "MachServices": {label: True},
        "ProcessType": "Interactive",
        "StandardErrorPath": str(folder / SAID),
    }


def _accepting_domain(plist: Path) -> str:
    refusals = []
    for domain in domains():
        refusal = _launchctl("bootstrap", domain, str(plist))
        if refusal is None:
            return domain
        refusals.append(f"{domain}: {refusal}")
    raise NotReadable(f"launchd does not take the job of the extension ({'; '.join(refusals)})")


def domains() -> list[str]:
    """Name the domains to try (launchctl(1)): a user's session first, then the user without one."""
    user = os.geteuid()
    return ["system"] if user == 0 else [f"gui/{user}", f"user/{user}"]


def _launchctl(*words: str) -> str | None:
    """Give what launchctl said if it refused, in one line."""
    try:
        done = subprocess.run(  # noqa: S603  a fixed program, no shell
            [LAUNCHCTL, *words], capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    said = (done.stderr or done.stdout).strip().splitlines() or [f"exit status {done.returncode}"]
    return said[0] if done.returncode else None
