"""What a watch costs: `python -m tests.benchmarks.watch [PORTS [SECONDS [LOOKS]]]`.

A process with so many ports on a simulated kernel is watched once a second, quiet and leaking; then the
memory of LOOKS looks as fast as they go. Says shares of one processor, and bytes.
"""

import subprocess
import sys
import time
from contextlib import contextmanager

import psutil

from portaudit.demo.stage import kernel_server

PORTS, SECONDS, LOOKS = 2000, 30, 10_000
START_SECONDS = 3.0
"""Starting Python and the first reading, which asks for the kind of every object, are not counted."""

HOLDER = """
import ctypes, select, sys
from portaudit.kernels import open_kernel
from portaudit.mach import c_types as c
from portaudit.mach.constants import MsgType, PortRight
with open_kernel() as kernel:
    mach, name = kernel.mach, c.mach_port_name_t()
    def more():
        mach.mach_port_allocate(mach.task_self, PortRight.RECEIVE, ctypes.byref(name))
        mach.mach_port_insert_right(mach.task_self, name, name, MsgType.MAKE_SEND)
    for _ in range(int(sys.argv[1])):
        more()
    print("ready", flush=True)
    leaks = len(sys.argv) > 2
    while not select.select([sys.stdin], [], [], 0.5)[0]:
        if leaks:
            more()
"""


@contextmanager
def holder(kernel, *arguments):
    """Give the pid of a process that holds ports, and leaks one each half second if it is told so."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"PORTAUDIT_KERNEL": kernel},
    )
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield process.pid
    finally:
        process.kill()
        process.communicate()


@contextmanager
def watching(kernel, pid, *options):
    """Give a watch of a process, as psutil sees it."""
    command = [sys.executable, "-m", "portaudit", "watch", str(pid), "--kernel", kernel, *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield psutil.Process(process.pid), process
    finally:
        process.kill()
        process.wait()


def share_at_one_hertz(kernel, pid, seconds):
    """Measure the processor time of a watch, once it runs evenly, as a share of one processor."""
    with watching(kernel, pid) as (watch, _):
        time.sleep(START_SECONDS)
        before = watch.cpu_times()
        time.sleep(seconds)
        after = watch.cpu_times()
    return (after.user + after.system - before.user - before.system) / seconds


def memory_over(kernel, pid, looks):
    """Measure the memory of a watch after a tenth of its looks, and shortly before the last."""
    with watching(kernel, pid, "--interval", "0.001", "--looks", str(looks)) as (watch, process):
        resident = []
        while process.poll() is None:
            try:
                resident.append(watch.memory_info().rss)
            except psutil.Error:
                break
            time.sleep(0.1)
    return resident[len(resident) // 10], resident[-2]


def main():
    """Measure and print."""
    ports, seconds, looks = (
        int(word) for word in (*sys.argv[1:], *map(str, (PORTS, SECONDS, LOOKS)[len(sys.argv) - 1 :]))
    )
    with kernel_server("simulated") as kernel:
        with holder(kernel, ports) as quiet:
            say(
                f"{ports} ports, quiet, 1 Hz: {share_at_one_hertz(kernel, quiet, seconds):.2%} of a processor"
            )
            early, late = memory_over(kernel, quiet, looks)
            say(f"memory over {looks} looks: {early / 2**20:.1f} MiB early, {late / 2**20:.1f} MiB late")
        with holder(kernel, ports, "leak") as leaking:
            say(f"{ports} ports, two leaks a second: {share_at_one_hertz(kernel, leaking, seconds):.2%}")


def say(line):
    """Print at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
