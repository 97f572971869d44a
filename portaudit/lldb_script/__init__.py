"""The script for lldb: snapshots of the process that is stopped there, and a ledger of its calls.

And which lldb is here, and one run of it in batch.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from portaudit.errors import NotReadable


def script_path() -> Path:
    """Give the path of the script for `command script import`; it stands alone, and can be copied away."""
    return Path(__file__).with_name("portaudit_lldb.py")


HOW_TO_INSTALL = "xcode-select --install on a Mac; apt-get install lldb-19 python3-lldb-19 on Debian"
VERSIONS = range(30, 14, -1)
"""Debian's names for lldb, the newest first; its lldb without a number has no working Python."""


def find_lldb() -> str | None:
    """Find lldb: what LLDB says, else the newest of Debian's, else lldb. None if there is none."""
    names = (os.environ.get("LLDB"), *(f"lldb-{version}" for version in VERSIONS), "lldb")
    return next((found for name in names if name and (found := shutil.which(name))), None)


def run_lldb(commands: Sequence[str], seconds: float) -> str:
    """Run lldb in batch, without the user's own ~/.lldbinit; give what it printed.

    Raises NotReadable, with what to do, if there is no lldb or it does not end in time.
    """
    program = find_lldb()
    if program is None:
        raise NotReadable(f"lldb is not here: {HOW_TO_INSTALL}")
    words = [program, "--no-lldbinit", "--batch", *(word for line in commands for word in ("-o", line))]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=seconds, check=False)  # noqa: S603  no shell
    except subprocess.TimeoutExpired:
        raise NotReadable(f"lldb did not end within {seconds:g} seconds") from None
    except OSError as error:
        raise NotReadable(f"{program} cannot be run: {error}") from error
    return done.stdout + done.stderr
