"""Giving a demo process a name of its own, so that --host and --extension find it."""

import sys
from contextlib import suppress
from pathlib import Path


def call_myself(name: str) -> None:
    """Set this process's name where the system lets a process do that by a file (Linux: proc(5))."""
    if sys.platform == "linux":
        with suppress(OSError):
            Path("/proc/self/comm").write_text(name)
