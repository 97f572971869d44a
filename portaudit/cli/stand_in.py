"""Stand-in kernels that stand as long as a command that starts the host itself."""

from collections.abc import Iterator
from contextlib import contextmanager

from portaudit.model.kernel import STAND_INS


@contextmanager
def standing(wanted: str | None) -> Iterator[str | None]:
    """Give the kernel's name; a stand-in that is named without a socket stands as long as the block."""
    if wanted not in STAND_INS:
        yield wanted
        return
    from portaudit.demo.stage import standing_kernel

    with standing_kernel(wanted) as name:
        yield name
