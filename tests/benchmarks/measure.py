"""How a ratio is measured: both sides in turn, many times, and the median of what each pair took.

Others may load this machine, so what counts is a processor's time and not the clock's, and each ratio is
of two measurements that followed each other.
"""

import resource
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

ROUNDS = 7
WATCHED = (
    "import resource, subprocess, sys\n"
    "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
)
"""A process of its own: the memory of children is told of the largest that there ever was."""
COMMAND = (sys.executable, "-m", "portaudit")


@dataclass(frozen=True)
class Line:
    """One line of the table: what was measured against what, the ratio, and how large it may be."""

    what: str
    against: str
    ratio: float
    bar: float

    @property
    def met(self):
        """Whether the ratio is within its bar."""
        return self.ratio <= self.bar


def shown(lines):
    """Print each line with its bar as it comes, and give whether one was missed."""
    missed = False
    for line in lines:
        word = "" if line.met else "  MISSED"
        sys.stdout.write(f"{line.what:<38} {line.against:<22} {line.ratio:7.2f}  bar {line.bar:5.2f}{word}\n")
        sys.stdout.flush()
        missed |= not line.met
    return missed


def processes_seconds(*command, cwd=None):
    """Run a command and give the processor's seconds that it took, with those of its own children."""
    seconds, _ = run_measured(*command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return seconds


def run_measured(*command, **options):
    """Run a command and give the same seconds, and how it ended."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ended = subprocess.run(command, check=False, **options)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, ended


def memory_of(*command):
    """Run a command and give the most memory that it took, in bytes."""
    told = subprocess.run(
        [sys.executable, "-c", WATCHED, *command], capture_output=True, text=True, check=True
    )
    return int(told.stdout) * 1024


def seconds_of(action):
    """Do something in this process and give the processor's seconds that it took."""
    before = time.process_time()
    action()
    return time.process_time() - before


def ratio_of(measured, yardstick, rounds=ROUNDS):
    """Measure both in turn, and give the median of the ratios; each is a function that gives seconds."""
    measured()
    yardstick()
    return statistics.median(measured() / yardstick() for _ in range(rounds))
