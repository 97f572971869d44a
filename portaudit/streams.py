"""The standard streams: held where they were closed, given up where nobody takes what is written."""

import os
import sys
from contextlib import suppress

STANDARD_STREAMS = 3


def hold_streams() -> None:
    """Put something where a standard stream was closed, before a file takes its number.

    What is read ends at once, what goes to standard error is lost, and a result has nowhere to go: that is
    an error when it is written, for the descriptor cannot be written to.
    """
    while (descriptor := os.open(os.devnull, os.O_RDONLY)) < STANDARD_STREAMS:
        os.set_inheritable(descriptor, True)  # noqa: FBT003  os's own signature
    os.close(descriptor)
    if sys.stdin is None:
        sys.stdin = os.fdopen(0, "r", closefd=False)
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", closefd=False)


def give_up_output() -> None:
    """Print no more, and let what standard output does not take be lost.

    At its end Python would try to write it once more, and complain.
    """
    output, sys.stdout = sys.stdout, None
    try:
        if output is not None:
            output.flush()
    except (OSError, ValueError):
        with suppress(OSError):  # what has no descriptor is not written to at the end
            descriptor = output.fileno()
            lost = os.open(os.devnull, os.O_WRONLY)
            os.dup2(lost, descriptor)
            os.close(lost)
