"""A terminal of so many columns, and what a program prints on it."""

import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from contextlib import contextmanager

PORTAUDIT = [sys.executable, "-m", "portaudit"]
SECONDS = 90


class Terminal:
    """What a program that runs on it has printed, and its end."""

    def __init__(self, process, own_end):
        self.process = process
        self._own_end = own_end
        self.shown = ""

    def until(self, words=None):
        """Read until these words are there, or all that comes; gives everything so far."""
        deadline = time.monotonic() + SECONDS
        while words is None or words not in self.shown:
            assert time.monotonic() < deadline, self.shown
            if not select.select([self._own_end], [], [], 0.2)[0]:
                continue
            try:
                data = os.read(self._own_end, 65536)
            except OSError:  # Linux says so where nobody holds the other end any more
                break
            if not data:
                break
            self.shown += data.decode().replace("\r\n", "\n")
        return self.shown

    def type(self, text):
        """Type something."""
        os.write(self._own_end, text.encode())


@contextmanager
def terminal(words, columns, **environment):
    """Run a program on a terminal of so many columns; it is interrupted at the end of the block."""
    own_end, other_end = os.openpty()
    fcntl.ioctl(other_end, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    surroundings = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    process = subprocess.Popen(
        words,
        stdin=other_end,
        stdout=other_end,
        stderr=other_end,
        env=surroundings | {"NO_COLOR": "1", "TERM": "xterm"} | environment,
        start_new_session=True,
    )
    os.close(other_end)
    try:
        yield Terminal(process, own_end)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:  # how it ends is not what is tried here
            process.kill()
            process.wait()
        os.close(own_end)
