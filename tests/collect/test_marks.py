"""Marks: the lines that a program under audit says, and whoever says something else."""

import socket
import threading

import pytest

from portaudit.collect.marks import Marks
from portaudit.demo.cues import MarkRefused, mark


@pytest.fixture
def marks(tmp_path, monkeypatch):
    with Marks(tmp_path) as listening:
        monkeypatch.setenv("PORTAUDIT_MARKS", str(listening.path))
        yield listening


def said(marks, line):
    """Say something on the socket; gives what was heard, and the answer."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(str(marks.path))
        connection.sendall(line)
        heard = marks.wait(1)
        if heard is not None:
            heard.answer()
        return heard and (heard.moment, heard.round), connection.recv(64)


@pytest.mark.parametrize(
    ("line", "heard"),
    [(b"before\n", ("before", 0)), (b"after\n", ("after", 0)), (b"round 3\n", ("round", 3))],
)
def test_a_moment_is_heard_and_answered(marks, line, heard):
    """The three moments of portaudit_mark() are heard as they are, and answered with ok."""
    assert said(marks, line) == (heard, b"ok\n")


@pytest.mark.parametrize(
    "line", [b"\n", b"whatever\n", b"round x\n", b"before 1 2\n", b"\xff\x00\n", b"x" * 64, b"round -1\n"]
)
def test_nonsense_is_sent_away(marks, line):
    """What is no moment is answered with something else than ok, and nothing is read for it."""
    assert said(marks, line) == (None, b"unknown moment\n")


def test_who_connects_and_says_nothing_is_sent_away(marks, monkeypatch):
    """A silent client holds nobody up for longer than the time of a line."""
    monkeypatch.setattr("portaudit.collect.marks.LINE_SECONDS", 0.05)

    assert said(marks, b"") == (None, b"unknown moment\n")


def test_a_client_that_has_gone_does_no_harm(marks):
    """An answer to nobody is no error."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(str(marks.path))
        connection.sendall(b"before\n")
    heard = marks.wait(1)

    heard.answer()
    assert marks.wait(0) is None


def test_the_python_client_waits_for_the_answer(marks):
    """The demo's own client says what the C one says, and raises if the audit has given up."""
    errors = []

    def say():
        try:
            mark("round", 2)
            mark("after")
        except MarkRefused as error:
            errors.append(str(error))

    client = threading.Thread(target=say)
    client.start()
    first = marks.wait(2)
    first.answer()
    marks.wait(2).answer("no")
    client.join()

    assert (first.moment, first.round) == ("round", 2)
    assert errors == ["the audit has given up at 'after': no"]


def test_without_an_audit_a_mark_is_nothing(monkeypatch):
    """No PORTAUDIT_MARKS: the client returns at once."""
    monkeypatch.delenv("PORTAUDIT_MARKS", raising=False)

    mark("before")
