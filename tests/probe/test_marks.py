"""A program says its moments exactly: one line out, one line back, and nothing without an audit."""

import errno
import socket
import threading
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.whole


class Auditor:
    """Listens where PORTAUDIT_MARKS says, keeps the lines, and answers each the same."""

    def __init__(self, path, answer=b"ok\n", delay=0.0):
        self.lines = []
        self.answer = answer
        self.delay = delay
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen(16)
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        while True:
            connection, _ = self.listener.accept()
            with connection, connection.makefile("rb") as file:
                line = file.readline()
                if not line:
                    return
                time.sleep(self.delay)
                self.lines.append(line)
                connection.sendall(self.answer)

    def close(self):
        if self.listener.fileno() < 0:
            return
        with socket.socket(socket.AF_UNIX) as last:
            last.connect(self.listener.getsockname())
        self.thread.join()
        self.listener.close()


@pytest.fixture
def auditor(tmp_path, monkeypatch):
    """Give a function that starts an auditor with an answer of its own."""
    path = tmp_path / "marks"
    started = []

    def start(**how):
        monkeypatch.setenv("PORTAUDIT_MARKS", str(path))
        started.append(Auditor(path, **how))
        return started[0]

    yield start
    for one in started:
        one.close()


def test_moments_are_lines_in_order(probe, auditor):
    """Each mark is one line: the moment, and the round unless it is 0."""
    listening = auditor()

    codes = [
        probe.mark(b"before"),
        probe.mark(b"round", 1),
        probe.mark(b"round", 4294967295),
        probe.mark(b"after"),
    ]

    assert codes == [0, 0, 0, 0]
    assert listening.lines == [b"before\n", b"round 1\n", b"round 4294967295\n", b"after\n"]


def test_a_mark_waits_for_its_answer(probe, auditor):
    """The program goes on only after the auditor has read the space."""
    listening = auditor(delay=0.1)

    code = probe.mark(b"before")

    assert (code, listening.lines) == (0, [b"before\n"])


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", errno.ECONNRESET),
        (b"ok", errno.ECONNRESET),
        (b"no\n", errno.ECANCELED),
        (b"\n", errno.ECANCELED),
        (b"okay\n", errno.ECANCELED),
    ],
)
def test_an_audit_that_gave_up_is_an_error(probe, auditor, answer, error):
    """Only the line "ok" means that the space has been read."""
    auditor(answer=answer)

    assert probe.mark(b"before") == error


def test_without_an_audit_a_mark_does_nothing(probe, monkeypatch):
    """A program that nobody audits runs on at once."""
    monkeypatch.delenv("PORTAUDIT_MARKS", raising=False)
    unset = probe.mark(b"before")
    monkeypatch.setenv("PORTAUDIT_MARKS", "")

    assert (unset, probe.mark(b"before")) == (0, 0)


@pytest.mark.parametrize("moment", [None, b"", b"a b", b"before\nafter", b"\x7f", b"x" * 33])
def test_a_moment_that_would_break_the_line_is_refused(probe, auditor, moment):
    """What is no word of at most 32 bytes is EINVAL, with an audit and without; nothing is sent."""
    without = probe.mark(moment)
    listening = auditor()

    assert (without, probe.mark(moment), listening.lines) == (errno.EINVAL, errno.EINVAL, [])


def test_an_auditor_that_is_not_there_is_an_error(probe, tmp_path, monkeypatch):
    """No socket at the path is ENOENT; a path too long for a socket is ENAMETOOLONG."""
    monkeypatch.setenv("PORTAUDIT_MARKS", str(tmp_path / "nobody"))
    nobody = probe.mark(b"before")
    monkeypatch.setenv("PORTAUDIT_MARKS", "/" + "x" * 200)

    assert (nobody, probe.mark(b"before")) == (errno.ENOENT, errno.ENAMETOOLONG)


def test_no_file_descriptor_is_left_open(probe, auditor, monkeypatch, tmp_path):
    """However a mark ends, its socket is closed."""
    before = sorted(Path("/dev/fd").iterdir())
    listening = auditor(answer=b"no\n")

    probe.mark(b"before")
    monkeypatch.setenv("PORTAUDIT_MARKS", str(tmp_path / "nobody"))
    probe.mark(b"before")

    listening.close()
    assert sorted(Path("/dev/fd").iterdir()) == before
