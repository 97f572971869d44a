"""Ctrl-C waits for the end of a reading, and is not lost."""

import signal
import threading

import pytest

from portaudit.collect.taking import uninterrupted


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_comes_when_the_block_has_ended(number):
    """Whatever the signal did before, it does afterwards."""
    heard = []
    before = signal.signal(number, lambda *_: heard.append("interrupted"))
    try:
        with uninterrupted():
            signal.raise_signal(number)
            signal.raise_signal(number)
            heard.append("read")
    finally:
        signal.signal(number, before)

    assert heard == ["read", "interrupted"]


def test_an_interrupt_ends_what_comes_after():
    """Python's own handler raises KeyboardInterrupt at the end of the block."""
    read = []
    with pytest.raises(KeyboardInterrupt), uninterrupted():
        signal.raise_signal(signal.SIGINT)
        read.append("whole")

    assert read == ["whole"]


def test_another_thread_reads_as_well():
    """Only the main thread may set handlers, and only it gets signals."""
    before, read = signal.getsignal(signal.SIGINT), []

    def reading():
        with uninterrupted():
            read.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=reading)
    thread.start()
    thread.join()

    assert read == [before]
