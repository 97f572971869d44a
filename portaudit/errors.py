"""How a command ends: the exit statuses, as the manual lists them, and the errors, each with its sentence."""

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


class AuditError(Exception):
    """Something that stops an audit, said in one sentence: what, where, and what to do."""

    exit_status = ExitStatus.UNDECIDED

    def __init__(self, sentence: str, *lines: str) -> None:
        super().__init__("\n".join((sentence, *lines)))
        self.sentence = sentence
        self.lines = lines
        """What the sentence is about, where it is a list."""


class UsageError(AuditError):
    """The command line or the configuration asks for something that makes no sense."""

    exit_status = ExitStatus.USAGE


class NotReadable(AuditError):  # noqa: N818  a state of the task, and the field's own word
    """A task could not be read: permission, gone, or nothing there."""


class KernelUnavailable(AuditError):  # noqa: N818  a state of this machine
    """No Mach kernel answers here, or it stopped answering."""


class KernelNonsense(AuditError):  # noqa: N818  said of the kernel, not of us
    """A kernel, or what stands in for one, answered what no Mach kernel answers."""


class SnapshotFileError(AuditError):
    """A file that should hold a snapshot does not, or not one that this version can read."""

    exit_status = ExitStatus.UNREADABLE_FILE


class DemoMismatch(AuditError):  # noqa: N818  a verdict that is not the planted one
    """A demo scenario did not get the verdict planted in it."""

    exit_status = ExitStatus.DEFECT


class BaselineFileError(AuditError):
    """A file that should hold a baseline does not, or not one that this version can read."""

    exit_status = ExitStatus.UNREADABLE_FILE


class LedgerFileError(AuditError):
    """A file that should hold a ledger does not, or not one that this version can read."""

    exit_status = ExitStatus.UNREADABLE_FILE


class NoCompiler(AuditError):  # noqa: N818  a state of this machine
    """No C compiler is here, or it cannot make what is asked of it."""
