"""Building the C program that plays the transfer, with this Mac's own compiler."""

import shutil
import subprocess
import sys
from pathlib import Path

from portaudit.errors import KernelUnavailable, UsageError
from portaudit.probe import header_path

SOURCE = Path(__file__).with_name("transfer.c")
STRICT = ("-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror")
SECONDS = 120.0
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
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603  no shell
    except (OSError, subprocess.TimeoutExpired) as error:
        raise KernelUnavailable(f"{compiler} could not build {SOURCE.name}: {error}") from error
    if done.returncode:
        raise KernelUnavailable(
            f"{compiler} could not build {SOURCE.name}: {_complaint(done.stderr)}; {INSTALL}"
        )
    return program
