"""How portaudit ends: one name for each exit status, as the manual lists them."""

from enum import IntEnum


class ExitStatus(IntEnum):
    """The exit statuses of every command."""

    DONE = 0
    """Balanced, or done."""
    FINDINGS = 1
    """Rights leaked, or were freed twice."""
    USAGE = 2
    """The command line is wrong."""
    UNDECIDED = 3
    """Something could not be read or could not be judged."""
    UNREADABLE_FILE = 4
    """A snapshot file is unreadable, damaged or from a newer version."""
    DEFECT = 70
    """A defect in portaudit itself."""
    INTERRUPTED = 130
    """Interrupted by the user."""
