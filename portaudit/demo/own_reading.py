"""A player of the demo reads its own space, as the probe does: that needs no permission, on any Mac."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from portaudit.auditing.files import load, save
from portaudit.auditing.snapshot import Request, take_snapshot
from portaudit.errors import NotReadable
from portaudit.model.snapshot import HOST_ROLE, Snapshot

READ = "read "
"""What a player is told, and behind it the file to write."""

PATIENCE_SECONDS = 30.0
LOOK_SECONDS = 0.01


def read_own(role: str, path: str) -> None:
    """Read this very process, under its role in the play, into a snapshot file."""
    own = str(os.getpid())
    host, extension = (own, None) if role == HOST_ROLE else (None, own)
    save(path, take_snapshot(Request(host=host, extension=extension)))


def await_reading(path: Path, who: str, lives: Callable[[], bool]) -> Snapshot:
    """Give the snapshot that a player writes. Raises NotReadable if it dies, or does not answer."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not path.exists():
        if not lives():
            raise NotReadable(f"the demo's {who} died before it had read its own space")
        if time.monotonic() > deadline:
            raise NotReadable(f"the demo's {who} did not read its own space in {PATIENCE_SECONDS:g} seconds")
        time.sleep(LOOK_SECONDS)
    return load(str(path))
