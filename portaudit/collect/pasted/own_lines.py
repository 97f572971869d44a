"""How much of a text the readers can read: the measure by which a change of it is judged."""

import re
from collections.abc import Iterator

from portaudit.collect.crash_ips import ips_members, member_at
from portaudit.collect.lsmp import json_layout, layout
from portaudit.collect.lsmp.text_row import read_entry

SAMPLE = 1 << 17
"""Bytes that are measured."""

_LONGEST = layout.LINE_MAX

_LSMP_LINE = re.compile(
    b"|".join(
        rb"(?:%s)" % pattern.pattern
        for pattern in (
            layout.PROCESS,
            layout.HEADER,
            layout.OTHER_HOLDER,
            layout.RULE,
            layout.IGNORING,
            layout.SPACE_FAILED,
        )
    )
    .replace(rb"?P<flags>", b"")
    .replace(rb"?P<requests>", b"")
)
_TOTAL = re.compile(rb"[ \t]*+(?:%s)[ \t]++=[ \t]++\d{1,10}[ \t]*+\Z" % b"|".join(layout.TOTAL_KEYS))

REPORT_KEYS = (
    rb"Process|Path|Identifier|Version|Code Type|Parent Process|Date/Time|OS Version|Report Version|"
    rb"Crashed Thread|Triggered by Thread|Exception Type|Exception Subtype|Exception Codes|"
    rb"Exception Message|Termination Reason|Violation|Crash Reason"
)
"""How the lines of a crash report begin."""

_REPORT_LINE = re.compile(
    rb"[ \t]*+(?:(?:" + REPORT_KEYS + rb"):[ \t]++\S|Thread \d++ (?:Crashed|name):|Process \d++ stopped|"
    rb"Exception  [A-Z_]{3,60} on |(?:_kernelrpc_|mach_msg|mach_port_)\w++[ \t]*+\Z|"
    rb"\d{1,4}[ \t]++(?=\S{0,200}?[A-Za-z])\S++[ \t]++0x[0-9a-f]{9,16}[ \t])"
)
_SAYS_AN_EVENT = re.compile(
    rb"EXC_(?:GUARD|RESOURCE) (?:AST:|\((?:code|limit)=|/ )|"
    rb"caught allocating too many mach ports|zone(?:_map| map) exhausted|Panicked task"
)
"""Lines of logs and debuggers, which say all in one place."""

_MEMBERS_MAX = 100

_START_COUNTS = 10


PREFIX_MAX = 100
"""Bytes that a prefix can have: a time, a host, a program, a pid."""

_ANCHOR = re.compile(
    rb"Process \(-?\d{1,10}\) : |(?<!-)-{5,}[ \t]+-{5,}|"
    rb"0x[0-9a-f]{8}[ \t]+0x[0-9a-f]{8}[ \t]+(?:recv|send|dead-name|port-set)|"
    rb"(?:" + REPORT_KEYS + rb"):[ \t]+\S|Thread \d+ (?:Crashed|name):|Process \d+ stopped|"
    rb"Exception  [A-Z_]{3,60} on |"
    rb'\{"(?:version":"[^"]{1,20}","processes|app_name)"|"(?:exception|termination|procName|pid)"[ \t]*:'
)
"""What stands at the beginning of lines that lsmp or a crash reporter wrote."""

_NOT_IN_A_PREFIX = re.compile(rb'[{}"]')


def count_own_lines(data: bytes) -> int:
    """Count what lsmp or a crash reporter wrote, twice where the readers can read it."""
    if b'"ipc-object":' in data:
        return (
            _START_COUNTS * (json_layout.START.match(data) is not None)
            + len(json_layout.ROW.findall(data))
            + len(json_layout.TOTALS.findall(data))
            + data.count(b'"send once"')
            + sum(1 for _ in prefixes_in(data))
        )
    lines = (line for line in data.split(b"\n") if len(line) <= _LONGEST)
    return sum(map(_is_own, lines)) + _ips_members(data) + sum(1 for _ in prefixes_in(data))


def _ips_members(data: bytes) -> int:
    """Count the members of a report of today (.ips) that tell of an exception, and are sound JSON."""
    members = zip(ips_members(data), range(_MEMBERS_MAX), strict=False)
    return sum(bool(member_at(data, found.end())) for found, _ in members)


def _is_own(line: bytes) -> bool:
    if line.startswith(b"0x"):
        return read_entry(line) is not None
    whole = _LSMP_LINE.match(line) or _TOTAL.match(line) or _REPORT_LINE.match(line)
    return (whole or _SAYS_AN_EVENT.search(line)) is not None


def prefixes_in(data: bytes) -> Iterator[bytes]:
    """Give what stands before the lines that are known, empty where nothing does."""
    for line in data.split(b"\n"):
        found = _ANCHOR.search(line, 0, PREFIX_MAX * 2)
        if found and found.start() <= PREFIX_MAX and not _NOT_IN_A_PREFIX.search(line, 0, found.start()):
            yield line[: found.start()]
