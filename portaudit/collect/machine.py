"""Which machine this is, as a snapshot tells it."""

import platform
import plistlib
import subprocess
import sys
from functools import cache
from pathlib import Path

from portaudit.model.snapshot import Machine

SW_VERS = "/usr/bin/sw_vers"
VERSION_FILE = "/System/Library/CoreServices/SystemVersion.plist"
SECONDS = 5.0
"""How long sw_vers may take."""


def this_machine(boot: str | None, kernel: str) -> Machine:
    """Tell the machine, its system, the boot and the kind of kernel that answers."""
    return Machine(platform.machine(), system(), boot, kernel)


@cache
def system() -> str:
    """Name the system and its release: macOS 26.1, Linux 6.8."""
    if sys.platform == "darwin":
        return f"macOS {_product_version()}"
    return f"{platform.system()} {platform.release()}"


def _product_version() -> str:
    """Ask Apple's own sw_vers: a Python built with an older SDK is told a release that never was.

    macOS 26 says 16.0 to such a program, platform.mac_ver() too (python/cpython#135675).
    """
    try:
        answer = subprocess.run(  # noqa: S603  a fixed command
            [SW_VERS, "-productVersion"], capture_output=True, text=True, timeout=SECONDS, check=True
        )
        return answer.stdout.strip() or _version_on_file()
    except (OSError, subprocess.SubprocessError):
        return _version_on_file()


def _version_on_file() -> str:
    try:
        return str(plistlib.loads(Path(VERSION_FILE).read_bytes())["ProductVersion"])
    except (OSError, ValueError, KeyError, plistlib.InvalidFileException):
        return platform.mac_ver()[0]
