"""What is costly to make and only looked at afterwards, made once for all workers of a run."""

import fcntl
import pickle
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

T = TypeVar("T")


SHORT = 40
"""Characters: with a file's own name behind them, the path of a socket still fits."""


def short_place() -> str:
    """Where temporary files go, or /tmp, where that has as long a name as on a Mac."""
    place = tempfile.gettempdir()
    return place if len(place) < SHORT else "/tmp"  # noqa: S108  private folders are made in it


def run_folder(factory: pytest.TempPathFactory) -> Path:
    """Give the folder that all workers of this run have in common: each worker's own lies in it."""
    own = factory.getbasetemp()
    return own.parent if own.name.startswith("popen-") else own


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], T]) -> T:
    """Give what `make` made of a folder: here, or in the worker that came first, whom the others wait for."""
    place = run_folder(factory) / name
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = place.with_suffix(".made")
        if not made.exists():
            place.mkdir()
            made.write_bytes(pickle.dumps(make(place)))
        value: T = pickle.loads(made.read_bytes())  # noqa: S301  our own
        return value
