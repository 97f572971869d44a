"""Ports that ran out are read from whatever tells of them."""

from dataclasses import replace
from pathlib import Path

import pytest

from portaudit.collect.crash_report import read_crash_report
from portaudit.model.resource import ResourceEvent, ZonePanic

SAMPLES = Path(__file__).parents[1] / "data" / "resource"

FULL = ResourceEvent(6, 1, killed=True, line=1)
READ: dict[str, ResourceEvent | ZonePanic] = {
    "kernel-log-htop.txt": replace(FULL, names=267_620, process="htop", pid=67905),
    "termination.txt": replace(FULL, names=305_834),
    "mupen64plus.ips.txt": replace(FULL, names=305_834),
    "python-dictionary.txt": replace(FULL, names=267_623, line=2),
    "crash-collector.txt": ResourceEvent(6, 1, line=1),
    "lldb.txt": ResourceEvent(None, pid=8557, line=2),
    "panic.txt": ZonePanic("ipc ports", 20_787_632, 95337, "helper", line=1),
}


def test_every_sample_is_expected_something_of():
    """No sample is left out of the table above."""
    assert sorted(READ) == sorted(path.name for path in SAMPLES.glob("*.txt"))


@pytest.mark.parametrize("name", sorted(READ))
def test_a_sample_is_read(name):
    """Each source gives what it tells, and no guard exception."""
    reading = read_crash_report((SAMPLES / name).read_bytes())

    assert (reading.events, reading.resources, reading.declined) == ((), (READ[name],), None)


@pytest.mark.parametrize(
    ("line", "event"),
    [
        (
            "process a b[7] caught allocating too many mach ports.\n   Num of ports allocated 267623; ",
            replace(FULL, names=267_623, process="a b", pid=7),
        ),
        (
            "ERROR: [app:42] FATAL exception: type=0xb reason=0x1e code=0xc400000000041648 subcode=0x0",
            ResourceEvent(6, 1, 267_848, "app", 42, line=1),
        ),
        (
            "stop reason = EXC_RESOURCE RESOURCE_TYPE_MEMORY (limit=15 MB, unused=0x0)",
            ResourceEvent(3, line=1),
        ),
        (
            "stop reason = EXC_RESOURCE (code=0xc400000000041648, subcode=0x0)",
            ResourceEvent(6, 1, 267_848, line=1),
        ),
        (
            "Exception Type: EXC_RESOURCE (SIGKILL)\nException Codes: PORTS\nException Codes: 0x41648, 0x0",
            ResourceEvent(6, 1, 267_848, killed=True, line=1),
        ),
        (
            "Termination Reason: PORT_SPACE 14123288431434143304 (Limit 267848 ports) Exceeded",
            ResourceEvent(6, 1, 267_848, killed=True, line=1),
        ),
        (
            "Exception Type: EXC_RESOURCE (SIGKILL)\nException Subtype: CPU_FATAL\n",
            ResourceEvent(1, killed=True, line=1),
        ),
    ],
)
def test_other_words_for_it_are_read(line, event):
    """Kernels, debuggers and reports have several words for it, and for other resources."""
    assert read_crash_report(line.encode()).resources == (event,)
