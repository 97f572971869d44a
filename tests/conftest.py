"""What every test may use."""

import gc
import io
import signal
import sys
from dataclasses import dataclass

import pytest

from portaudit.__main__ import COLLECT_EVERY, run

pytest_plugins = ["pytester", "tests.leaving", "tests.in_memory", "tests.workers"]

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell's background has it so, and whatever a test starts would inherit it: no Ctrl-C could be tried
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Look for no garbage in what is collected, neither then nor with every test: all of it stays.

    In what tests make it is looked for as seldom as portaudit does, which they run in this process.
    """
    gc.set_threshold(COLLECT_EVERY)
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    out: str
    err: str


@pytest.fixture
def portaudit(capsysbinary, monkeypatch):
    """Give a function that runs one portaudit command in this process and says how it ended."""

    def call(*arguments, stdin: bytes = b"") -> Ended:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capsysbinary.readouterr()
        status = run([str(argument) for argument in arguments])
        out, err = capsysbinary.readouterr()
        return Ended(status, out.decode(), err.decode())

    return call
