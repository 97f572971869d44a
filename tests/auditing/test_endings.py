"""What was started is ended, wherever Ctrl-C comes."""

import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

from portaudit.auditing.run.keeper import keeper
from portaudit.auditing.run.processes import started
from portaudit.demo import stage
from portaudit.model.way import SIMULATED

pytestmark = pytest.mark.whole

SLEEPER = (sys.executable, "-S", "-c", "import time; time.sleep(600)")
SECONDS = 30


class InterruptedLock:
    """A lock of Popen that was taken as Ctrl-C came: Python raises it before the `try` that gives it back."""

    def __init__(self):
        self._lock = threading.Lock()

    def acquire(self, blocking=-1):
        taken = self._lock.acquire(bool(blocking))
        if taken:
            raise KeyboardInterrupt
        return taken

    __enter__ = acquire

    def __exit__(self, *_):
        self._lock.release()


@contextmanager
def in_time():
    """Raise what a hang would hide."""

    def hang(_signal, _frame):
        raise AssertionError("it hangs")

    before = signal.signal(signal.SIGALRM, hang)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def interrupt_within_poll(process):
    process._waitpid_lock = InterruptedLock()
    process.poll()


def test_an_interrupt_within_poll_leaves_no_trigger_and_no_hang():
    """It is ended and waited for, though Python's own wait() would wait for its lock for ever."""
    with (
        keeper() as kept,
        in_time(),
        pytest.raises(KeyboardInterrupt),
        started(SLEEPER, {}, kept) as process,
    ):
        interrupt_within_poll(process)

    assert process.returncode == -signal.SIGTERM


def test_an_interrupt_within_poll_leaves_no_player_and_no_hang(monkeypatch):
    """A process of the demo that does not end by itself is killed and waited for."""
    processes = []
    monkeypatch.setattr(stage, "END_SECONDS", 0.1)
    monkeypatch.setattr(stage, "_expect", lambda process, *_: processes.append(process))
    with in_time(), pytest.raises(KeyboardInterrupt), stage.kernel_server(SIMULATED):
        processes[0].send_signal(signal.SIGSTOP)
        interrupt_within_poll(processes[0])

    assert processes[0].returncode == -signal.SIGKILL


def test_ctrl_c_is_tried_in_a_shells_background_too():
    """A suite started with `&` ignores SIGINT; its processes must not, or none would ever end by it."""
    suite = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*suite, "tests/collect/test_uninterrupted.py"],
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )

    assert done.returncode == 0, done.stdout
