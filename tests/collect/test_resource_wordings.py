"""Ports that ran out are read in whatever words they are told of; other resources and panics stay apart."""

import json
from dataclasses import replace

import pytest

from portaudit.collect.crash_report import read_crash_report
from portaudit.collect.pasted import unpasted
from portaudit.model.resource import ResourceEvent, ZonePanic

CODE = 14123288431434143304
"""PORTS, 267,848 names."""

FULL = ResourceEvent(6, 1, 267_848)
KILLED = replace(FULL, killed=True)
REASON = "(Limit 267848 ports) Exceeded system-wide per-process Port Limit"


def resource_in(text) -> ResourceEvent:
    """Give the one resource exception of a text."""
    (event,) = read_crash_report(text.encode()).resources
    assert isinstance(event, ResourceEvent)
    return event


def members(exception, termination=None, **others):
    """Write the members of a report of today."""
    told = {**others, "exception": exception, "termination": termination or {}}
    return json.dumps(told)


LOW = {"codes": "0x0000000000041648, 0x0000000000000000", "rawCodes": [267848, 0], "signal": "SIGKILL"}
RESOURCE = {"type": "EXC_RESOURCE", **LOW}

PORTS = {
    "the code as a number": (members(RESOURCE, {"namespace": "PORT_SPACE", "code": CODE}), KILLED),
    "the code as a string": (members(RESOURCE, {"namespace": "PORT_SPACE", "code": str(CODE)}), KILLED),
    "the code in hex": (members(RESOURCE, {"namespace": "PORT_SPACE", "code": f"{CODE:#x}"}), KILLED),
    "low bits and the namespace": (
        members(RESOURCE, {"namespace": "PORT_SPACE"}, pid=7),
        replace(KILLED, pid=7),
    ),
    "the indicator alone": (f'"termination":{{"namespace":"PORT_SPACE","indicator":"{REASON}"}}', KILLED),
    "signed raw codes": (members({"type": "EXC_RESOURCE", "rawCodes": [CODE - (1 << 64), 0]}), FULL),
    "codes in a string": (members({"type": "EXC_RESOURCE", "codes": f"{CODE:#x}, 0x0"}), FULL),
    "a subtype": (members(RESOURCE | {"subtype": "PORTS"}), KILLED),
    "a dictionary with a tuple": (
        "exception={'type': 'EXC_RESOURCE', 'rawCodes': (267848, 0)} termination={'namespace': 'PORT_SPACE'}",
        KILLED,
    ),
    "a dictionary in both quotes": (
        str({"exception": RESOURCE | {"message": "it's full"}, "termination": {"namespace": "PORT_SPACE"}}),
        KILLED,
    ),
    "a text report": (
        f"Process: app [881]\nException Type: EXC_RESOURCE\nTermination Reason: PORT_SPACE, Code {CODE}",
        replace(KILLED, process="app", pid=881),
    ),
    "a code after a comma": (f"Termination Reason:    Namespace PORT_SPACE, Code, {CODE}", KILLED),
    "a code that is none": (f"Termination Reason: Namespace PORT_SPACE, Code 0 {REASON}", KILLED),
    "no code": (f"Termination Reason: Namespace PORT_SPACE\n{REASON}", KILLED),
    "the indicator's sentence": (REASON, KILLED),
    "the sentence with commas in its number": (REASON.replace("267848", "267,848"), KILLED),
    "a subtype alone": ("Exception Subtype: PORTS\n(Limit 267848 ports) Crossed system-wide limit", FULL),
    "launchd": (
        f"(com.x.y[881]): exited with exit reason (namespace: PORT_SPACE code: {CODE:#x}) - , ran for 36ms",
        replace(KILLED, pid=881),
    ),
    "launchd by number": (f"exited with exit reason (namespace: 30 code: {CODE:#x})", KILLED),
    "RunningBoard": (
        f"[app<x(501)>:881] termination reported by launchd (30, {CODE}, 9)",
        replace(KILLED, pid=881),
    ),
    "a fatal exception": (
        f"ERROR: [Code Helper (R):5] FATAL exception: type=0xb reason=0x1e code={CODE:#x} subcode=0x0",
        replace(FULL, process="Code Helper (R)", pid=5),
    ),
    "a fatal exception in decimal": (f"FATAL exception: type=11 reason=30 code={CODE} subcode=0", FULL),
    "the kernel in JSON": (
        '[{"e":"process h[7] caught allocating too many mach ports. Num of ports allocated 267848"}]',
        replace(KILLED, process="h", pid=7),
    ),
    "Sentry": (f"EXC_RESOURCE: {REASON}", KILLED),
    "KSCrash": (f'"mach":{{"exception":11,"code":{CODE - (1 << 64)},"subcode":0}}', FULL),
    "MetricKit": (f'{{"signal":9,"exceptionType":11,"exceptionCode":{CODE}}}', KILLED),
    "a sentence": (f"killed by EXC_RESOURCE {CODE:#x} after an hour", FULL),
    "a sentence without numbers": (
        "a fatal EXC_RESOURCE for Mach port-space exhaustion",
        replace(FULL, names=None),
    ),
    "minidumps": ("Crash reason:  EXC_RESOURCE / 0xc4000000 / 0x0", replace(FULL, names=None)),
    "Xcode": (
        "Thread 3: EXC_RESOURCE (RESOURCE_TYPE_PORTS: port space full) (limit=267848 ports)",
        replace(FULL, flavour=None),
    ),
    "lldb": (f"stop reason = EXC_RESOURCE (code={CODE}, subcode=0x0)", FULL),
}
OTHERS = {
    "EXC_RESOURCE RESOURCE_TYPE_CPU (limit=50%, observed=97%)": (1, None),
    "EXC_RESOURCE RESOURCE_TYPE_WAKEUPS (limit=150 w/s, observed=221 w/s)": (2, None),
    "EXC_RESOURCE (RESOURCE_TYPE_MEMORY: high watermark memory limit exceeded) (limit=50 MB)": (3, None),
    "EXC_RESOURCE / RESOURCE_TYPE_IO / FLAVOR_IO_LOGICAL_WRITES": (4, 2),
    "EXC_RESOURCE: WAKEUPS": (2, None),
    "kernel: EXC_RESOURCE -> x[9] exceeded mem limit: ActiveSoft 1850 MB (non-fatal)": (3, None),
    "process x[9] crossed memory high watermark (50 MB); EXC_RESOURCE": (3, None),
    "process x[9] caught waking the CPU 45001 times over ~200 seconds": (2, None),
    "process x[9] thread 7 caught burning CPU! It used more than 80% CPU": (1, None),
    "process x[9] caught causing excessive I/O (flavor: logical).": (4, None),
    "process x[9] crossed thread high watermark (500), EXC_RESOURCE": (5, None),
    "Exception Type: EXC_RESOURCE\nException Subtype: THREADS\n": (5, None),
    "Exception Type: EXC_RESOURCE\nException Codes: 0x2800002c0000003c, 0x0": (1, 2),
    '"exception":{"type":"EXC_RESOURCE","subtype":"CPU","rawCodes":[9,0]}': (1, None),
}
EXHAUSTED = "zone map exhausted while allocating from zone {}, likely due to memory leak in zone {} {}"
SIZE = "(9G, 7 elements allocated)"
PANICS = {
    "brackets": (EXHAUSTED.format("[ipc.ports]", "[ipc.ports]", SIZE), ZonePanic("ipc.ports", 7)),
    "older words": (
        EXHAUSTED.format("ipc ports", "ipc ports", '(9 total bytes, 7 elements allocated)"'),
        ZonePanic("ipc ports", 7),
    ),
    "the oldest words": (
        'panic(cpu 0): "zalloc: zone \\"ipc ports\\" empty."@zalloc.c',
        ZonePanic("ipc ports"),
    ),
    "asked for in another zone": (
        EXHAUSTED.format("kalloc.64", "ipc ports", SIZE),
        ZonePanic("ipc ports", 7, asked="kalloc.64"),
    ),
    "leaked in another zone": (
        EXHAUSTED.format("[ipc ports]", "[kalloc.64]", SIZE),
        ZonePanic("kalloc.64", 7, asked="ipc ports"),
    ),
    "broken into lines": (
        EXHAUSTED.format("[ipc ports]", "[ipc ports]", SIZE)
        .replace(" while ", " while\n")
        .replace("zone [", "zone\n["),
        ZonePanic("ipc ports", 7),
    ),
}


@pytest.mark.parametrize(("text", "event"), PORTS.values(), ids=PORTS)
def test_a_full_port_space_is_read_in_any_words(text, event):
    """Who tells of it tells how many names there were, if it does at all, and nothing else is made of it."""
    reading = read_crash_report(unpasted(text.encode()))

    assert [replace(read, line=None) for read in reading.resources] == [event]
    assert (reading.events, reading.declined) == ((), None)


@pytest.mark.parametrize("text", OTHERS)
def test_other_resources_are_named(text):
    """CPU, wake-ups, memory, input and output, threads: by the words of kernels, debuggers and reports."""
    event = resource_in(text)

    assert (event.type, event.flavour, event.names) == (*OTHERS[text], None)


def test_a_resource_without_a_number_keeps_its_name():
    """What a report calls a resource is told, even if kernels have no number for it."""
    event = resource_in("Exception Type: EXC_RESOURCE\nException Subtype: HANG\n")

    assert (event.type, event.named) == (None, "HANG")


def test_low_bits_alone_leave_open_which_resource_it_was():
    """Codes that hold the low bits only are kept as what they would be of ports, and no type is made up."""
    event = resource_in(members(RESOURCE))

    assert (event.type, event.names) == (None, 267_848)


@pytest.mark.parametrize(("text", "panic"), PANICS.values(), ids=PANICS)
def test_panics_for_want_of_memory_name_the_zone_that_leaks(text, panic):
    """The zone that the kernel holds for leaking counts, not the one that had no more when it was asked."""
    (read,) = read_crash_report(text.encode()).resources

    assert replace(read, line=None) == panic
