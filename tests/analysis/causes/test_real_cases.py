"""Leaks and double frees that people met, by the trace that they described: the right rule speaks."""

from pathlib import Path
from typing import Any, NamedTuple

import pytest

from portaudit.analysis.compare import compare
from portaudit.model.guard import GuardEvent
from tests.analysis.causes.rows import (
    CLOCK,
    CONTROL,
    EXTENSION_TASK,
    HOST,
    HOST_TASK,
    IOKIT,
    READ,
    SEMAPHORE,
    TASK_NAME,
    THREAD,
    TOKEN,
    VOUCHER,
    dead,
    explained,
    once,
    recv,
    send,
    snapshot,
)

INVALID_RIGHT, INVALID_NAME = 0x100, 0x200


class Case(NamedTuple):
    """What stood in the space before and after, what the kernel noticed, and the rules that must speak."""

    address: str
    rules: tuple[str, ...]
    before: list[Any]
    after: list[Any]
    guards: tuple[GuardEvent, ...] = ()


def noticed(flavour, target):
    return GuardEvent(guard=1, flavour=flavour, target=target, pid=4243, process="Extension")


def host_port(rise):
    """Give the host port's row before and after: the trace of mach_host_self()."""
    return [send(0x207, 2, 1, HOST)], [send(0x207, 2 + rise, 1, HOST)]


def threads(number, urefs, first=0x303):
    return [send(first + 0x100 * n, urefs, 0x50 + n + first, THREAD) for n in range(number)]


def sweep(number, rise):
    """Give a task's thread rows before and after: the trace of task_threads()."""
    return threads(number, 1), threads(number, 1 + rise)


def grown(number, kobject, description=None):
    return [send(0x1003 + 0x100 * n, 1, 0x900 + n, kobject, description) for n in range(number)]


def clock_kept():
    """Give host and clock: the clock's reference came back, the host's did not."""
    return [send(0x207, 2, 1, HOST), send(0x407, 1, 2, CLOCK)], [
        send(0x207, 5, 1, HOST),
        send(0x407, 1, 2, CLOCK),
    ]


WORKER = recv(0x603, 6, make_send=1, has_senders=False)
VICTIMS = (
    [send(0x403, 3, 1, SEMAPHORE), send(0x503, 4, 2)],
    [send(0x403, 2, 1, SEMAPHORE), send(0x503, 3, 2)],
)
TARGET = [send(0x403, 5, 0xC000, CONTROL), send(0x503, 4, 0xC100, THREAD)]
TARGET_LESS = [send(0x403, 4, 0xC000, CONTROL), send(0x503, 3, 0xC100, THREAD)]
OWN = send(0x103, 2, EXTENSION_TASK, CONTROL)

CASES = {
    1: Case(
        "giampaolo/psutil#333",
        ("U1", "U5", "U5"),
        [send(0x207, 2, 1, HOST)],
        [send(0x207, 9, 1, HOST), send(0x403, 1, 0xC000, CONTROL), send(0x503, 1, 0xC100, CONTROL)],
    ),
    2: Case("rentzsch/mach_override#16", ("U1",), *host_port(1)),
    3: Case("xmake-io/xmake#7674", ("U1",), *host_port(2)),
    4: Case("zeromq/libzmq#4840", ("U1",), *clock_kept()),
    5: Case("vorssaint/vorssaint-utils#4", ("U1",), *host_port(30)),
    6: Case("Kyome22/SystemInfoKit#32", ("U1",), *host_port(2)),
    7: Case("inspircd/inspircd#960", ("U1",), *clock_kept()),
    8: Case(
        "technosloth.blogspot.com/2010/08",
        ("U6", "N1"),
        [OWN, send(0x503, 1, 0xC100, THREAD)],
        [
            send(0x103, 5, EXTENSION_TASK, CONTROL),
            send(0x503, 4, 0xC100, THREAD),
            dead(0x603, 1),
            dead(0x703, 1),
        ],
    ),
    9: Case("OpenMinis/ish-arm64#39", ("N1",), [], [dead(0x403 + 0x100 * n, 1) for n in range(5)]),
    10: Case(
        "WebKit/WebKit#71210",
        ("U2", "U5"),
        threads(1, 1),
        [*threads(1, 3), send(0x703, 1, 0xC000, TOKEN, "4242,77,1")],
    ),
    11: Case("oven-sh/bun#27052", ("U2",), *sweep(1, 3)),
    12: Case(
        "htop-dev/htop#2014",
        ("U3", "N1"),
        threads(2, 1),
        [*threads(2, 1), *threads(4, 3, 0x2003), dead(0x9003, 3)],
    ),
    13: Case("dotnet/runtime#70338", ("U3",), *sweep(7, 1)),
    14: Case("jhpratt/num_threads#16", ("U3",), *sweep(3, 5)),
    15: Case("EmergeTools/SimpleDebugger#11", ("U3",), *sweep(4, 1)),
    16: Case("bestswifter/BSBacktraceLogger#18", ("U3",), *sweep(5, 2)),
    17: Case("getsentry/sentry-cocoa#8811", ("U4",), threads(5, 1), [*threads(3, 1), *threads(5, 2)[3:]]),
    18: Case("getsentry/sentry-cocoa#7642", ("O4", "O4"), *VICTIMS),
    19: Case("MailCore/mailcore2#1617", ("U3",), threads(1, 1), [*threads(1, 1), *threads(6, 1, 0x2003)]),
    20: Case(
        "bingosuite/bingo#75", ("U5",), [send(0x403, 1, 0xC000, CONTROL)], [send(0x403, 4, 0xC000, CONTROL)]
    ),
    21: Case(
        "bingosuite/bingo#100",
        ("U6",),
        [send(0x403, 1, 0xC000, CONTROL), send(0x503, 1, 0xC100, THREAD)],
        [send(0x403, 6, 0xC000, CONTROL), send(0x503, 4, 0xC100, THREAD), send(0x603, 2, 0xC200, THREAD)],
    ),
    23: Case("northpolesec/santa#1072", ("U5",), [], [send(0x403, 1, 0xC000, TASK_NAME)]),
    24: Case("apple/swift-lldb#480", ("O1", "O1"), TARGET, TARGET_LESS),
    25: Case(
        "frida/frida#2327",
        ("O1", "O1", "O5"),
        TARGET,
        TARGET_LESS,
        (noticed(INVALID_NAME, 0x2703),),
    ),
    27: Case(
        "an XPC dictionary's task port",
        ("U5", "U5"),
        [],
        [send(0x403, 3, HOST_TASK, CONTROL), send(0x503, 3, 0xC000, READ)],
    ),
    28: Case("Muirey03/MRYIPC#25", ("U8",), [send(0x403, 1, 9)], [send(0x403, 4, 9)]),
    29: Case(
        "sidit77/async-hid#42",
        ("U10",),
        [send(0x403, 1, 9, IOKIT, "IOHIDDevice")],
        [send(0x403, 8, 9, IOKIT, "IOHIDDevice")],
    ),
    30: Case("balena-io-modules/drivelist#465", ("N6",), [], grown(4, IOKIT, "IOUserIterator")),
    31: Case("wjwwood/serial#90", ("N6",), [], grown(1, IOKIT, "IOUserIterator")),
    32: Case("Kyome22/SystemInfoKit#32", ("O5",), [], [], (noticed(INVALID_NAME, 0x5D1B),)),
    33: Case("block/buzz#5338", ("O4", "O4", "O5"), *VICTIMS, (noticed(INVALID_NAME, 0x3029F),)),
    34: Case(
        "leighsmith/midisport-macos#29",
        ("L2", "N8", "O3"),
        [send(0x403, 1, 1, IOKIT)],
        [send(0x403, 1, 2, SEMAPHORE)],
    ),
    35: Case("raspberrypi/rpi-imager#1632", ("O5",), [], [], (noticed(INVALID_NAME, 0x1F07),)),
    36: Case(
        "ActivityWatch/aw-watcher-window#139",
        ("N4",),
        [],
        [
            recv(0x403 + 0x100 * n, n + 1, queued=1024, queue_limit=1024, has_senders=True, in_set=False)
            for n in range(4)
        ],
    ),
    37: Case("y3owk1n/neru#1150", ("N4",), [], [recv(0x403, 1, sends=1, in_set=False)]),
    38: Case("oven-sh/bun#37091", ("N3",), [], [WORKER]),
    39: Case("kstenerud/KSCrash#675", ("N3",), [recv(0x603, 6, sends=1)], [WORKER]),
    40: Case("servo/ipc-channel#262", ("N3", "N2"), [send(0x403, 2, 1)], [WORKER, dead(0x403, 2)]),
    41: Case(
        "zed-industries/zed#57950",
        ("O5",),
        [recv(0x403, 1)],
        [recv(0x403, 1)],
        (noticed(INVALID_RIGHT, 0x403),),
    ),
    42: Case(
        "nextbsd/nextbsd#342",
        ("N10", "N9", "N1"),
        [],
        [
            recv(0x403, 1, make_send=0, has_senders=False),
            recv(0x503, 2, make_send=0, has_senders=False),
            once(0x603, 3),
            dead(0x703, 1),
        ],
    ),
    43: Case("tinygo-org/tinygo#5119", ("N8",), [], grown(6, SEMAPHORE)),
    44: Case("flotilla-org/wheelhouse", ("N12",), [], grown(6, IOKIT, "IOSurfaceSharedEventReference")),
    45: Case("gterzian/formal-web#118", ("N12",), [], grown(1, IOKIT, "IOSurfaceSendRight")),
    46: Case("a note on voucher hoards", ("N11",), [], grown(60, VOUCHER)),
    47: Case(
        "a NetworkExtension client",
        ("N13",),
        [],
        [
            *(recv(0x403 + 0x100 * n, n + 1) for n in range(3)),
            *(send(0x1403 + 0x100 * n, 1, n + 9, peer="nesessionmanager") for n in range(3)),
        ],
    ),
    49: Case("brookhong.github.io/2020/04/05", ("N13",), [], [recv(0x403, 1), send(0x503, 1, 2)]),
    51: Case(
        "lihaoyun6/AirBattery#207",
        ("O5",),
        [],
        [],
        tuple(noticed(INVALID_NAME, 0x5D1B + 0x100 * n) for n in range(4)),
    ),
    53: Case("libuv/libuv#536", ("U1",), *host_port(1)),
    54: Case("rust-lang/cargo#7429", ("U1",), *host_port(4)),
    55: Case("osquery/osquery#3392", ("U1",), *host_port(1)),
}
"""Number of the case in tests/README.md -> its trace."""

README = Path(__file__).parents[2] / "README.md"


@pytest.mark.parametrize(
    "case", CASES.values(), ids=[f"{number} {case.address}" for number, case in CASES.items()]
)
def test_the_rule_of_a_real_case_speaks(case):
    """The described trace is explained by that cause, and by no other."""
    difference = compare((snapshot(case.before), snapshot(case.after)))

    assert sorted(rule.id for rule, _ in explained(difference, guards=case.guards)) == sorted(case.rules)


def test_the_readme_of_the_tests_lists_every_case():
    """Each case stands in the table with its rules; those that are missing stand below it."""
    text = README.read_text()

    rows = [f"| {number} | {case.address} | {', '.join(case.rules)} |" for number, case in CASES.items()]
    assert [row for row in rows if row not in text] == []
    missing = set(range(1, 56)) - CASES.keys()
    assert [number for number in sorted(missing) if f"\n- {number} " not in text] == []
