"""What host and extension have in common: a name to be found by, and a decent end."""

import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from portaudit.errors import AuditError


def perform(name: str, play: Callable[[], None]) -> None:
    """Run a demo process under a name of its own; an error ends it with a sentence.

    Linux lets a process set its name through a file (proc(5)), so that --host and --extension find it.
    Ctrl-C ends it at once: it has nothing to put away, and the kernel keeps its rights in order.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.platform == "linux":
        with suppress(OSError):
            Path("/proc/self/comm").write_text(name)
    try:
        play()
    except AuditError as error:
        sys.stderr.write(f"{name}: {error}\n")
        sys.exit(error.exit_status)
