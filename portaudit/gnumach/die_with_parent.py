"""Run as a program, with the parent's pid and a command: become that command, and die when the parent does.

So that no virtual machine outlives the process that drives it, however that ends.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main(parent: int, command: list[str]) -> None:
    """Ask for SIGKILL at the parent's death, and become the command, unless the parent has died already."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == parent:
        os.execvp(command[0], command)  # noqa: S606  there is no shell to go through


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
