"""The record arrives whole, whatever the file descriptor does."""

import errno
import json
import os
import signal
import threading
import time

import pytest

from tests.probe.stand_in import SEND, Space

pytestmark = pytest.mark.whole

LARGE = [(slot << 8 | 3, SEND, 1, slot) for slot in range(1, 3001)]
PIPE_BYTES = 65536


class SlowReader:
    """The reading end of a pipe that holds less than the record, read in small pieces with pauses."""

    def __init__(self, delay=0.0):
        self.reader, self.writer = os.pipe()
        self.kept = bytearray()
        self.thread = threading.Timer(delay, self.read)
        self.thread.start()

    def read(self):
        while piece := os.read(self.reader, 1500):
            self.kept += piece
            time.sleep(0.0005)

    def everything(self):
        os.close(self.writer)
        self.thread.join()
        os.close(self.reader)
        return bytes(self.kept)


@pytest.mark.parametrize("blocking", [True, False])
def test_a_pipe_that_is_full_is_waited_for(probe, blocking):
    """A reader slower than the probe gets every byte, also when the pipe does not block."""
    probe.over(Space(LARGE))
    slow = SlowReader()
    os.set_blocking(slow.writer, blocking)

    code = probe.write(slow.writer, b"host")
    kept = slow.everything()

    assert code == 0
    assert len(kept) > 3 * PIPE_BYTES
    assert [row[0] for row in json.loads(kept)["rows"]] == [name for name, *_ in LARGE]


def test_a_signal_does_not_cut_the_record(probe):
    """A write that a signal interrupts is taken up again."""
    probe.over(Space(LARGE))
    alarms = []
    before = signal.signal(signal.SIGALRM, lambda *_: alarms.append(time.monotonic()))
    slow = SlowReader(delay=0.2)
    signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
    try:
        code = probe.write(slow.writer)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        kept = slow.everything()

    assert (code, len(json.loads(kept)["rows"])) == (0, len(LARGE))
    assert alarms


def test_a_descriptor_that_is_none_is_an_error(probe):
    """A file descriptor that is not open comes back as EBADF."""
    probe.over(Space(LARGE))

    assert probe.write(-1) == errno.EBADF


def test_a_pipe_without_a_reader_is_an_error(probe):
    """With SIGPIPE ignored, as Python has it, a reader that has gone is EPIPE, and asking ends early."""
    space = Space(LARGE)
    callbacks = probe.over(space)
    reader, writer = os.pipe()
    os.close(reader)

    code = probe.write(writer)
    os.close(writer)

    assert (code, callbacks.lent) == (errno.EPIPE, {})
    assert space.asked["mach_port_kobject_description"] < 200
