"""A platform binary as the host: the kernel kills it for sending its own control port."""

from dataclasses import dataclass

from portaudit.demo.host import PLATFORM
from portaudit.demo.stage import pair
from portaudit.errors import KernelUnavailable, NotReadable
from portaudit.kernels import GuardNote, open_kernel
from portaudit.mach.constants import GuardFlavor


@dataclass(frozen=True, slots=True)
class Killed:
    """What became of the platform host: how it ended, and what the kernel noted."""

    ending: str | None
    """None: it lived on."""
    notes: tuple[GuardNote, ...]

    @property
    def as_planted(self) -> bool:
        """Whether it died of sending an immovable right (XNU osfmk/ipc/ipc_right.c:2400-2404)."""
        return self.ending is not None and any(note.flavour == GuardFlavor.IMMOVABLE for note in self.notes)


def play_platform(kernel: str) -> Killed:
    """Let a platform host send its task port once."""
    with open_kernel(kernel) as watched, pair("clean", kernel, PLATFORM) as players:
        ending: str | None
        try:
            players.transfer()
            ending = None
        except (NotReadable, KernelUnavailable) as error:
            ending = str(error)
        return Killed(ending, tuple(watched.guard_notes()))
