"""Read guard exceptions out of crash reports, old and new, and out of kernel log lines."""

import re
from dataclasses import dataclass

from portaudit.collect.crash_facts import Facts, event_of
from portaudit.collect.crash_ips import IPS_MEMBER, read_ips
from portaudit.collect.not_understood import NotUnderstood
from portaudit.model.guard import GuardEvent
from portaudit.model.snapshot import Line

LINE_MAX = 4096
"""Bytes of a line that can say something here; binary images and register dumps may be longer."""

_PROCESS = re.compile(
    rb"\s*Process:[ \t]++(?P<process>[^\[\n]{1,200}?)[ \t]*+(?:\[(?P<pid>\d{1,10})\])?[ \t\r]*+\Z"
)
_LLDB_PROCESS = re.compile(rb"\s*Process (?P<pid>\d{1,10}) stopped")
_OS = re.compile(rb"\s*OS Version:[ \t]++(?P<os>\S[^\r\n]{0,200})")
_TYPE = re.compile(rb"\s*Exception Type:[ \t]++(?P<type>\w{1,40})(?:[ \t]++\((?P<signal>\w{1,20})\))?")
_SUBTYPE = re.compile(rb"\s*Exception (?:Subtype|Codes):[ \t]++(?P<subtype>GUARD_TYPE_\w{1,40})")
_CODES = re.compile(
    rb"\s*Exception Codes:[ \t]++0x(?P<first>[0-9a-fA-F]{1,16}),[ \t]*+0x(?P<second>[0-9a-fA-F]{1,16})"
)
_TERMINATION = re.compile(
    rb"\s*Termination Reason:[ \t]++(?:Namespace[ \t]++)?GUARD\b,?[ \t]*+(?:Code:?[ \t]++)?"
    rb"(?P<code>0x[0-9a-fA-F]{1,16}|\d{1,20})"
)
_MACH_MESSAGE = re.compile(
    rb"\b(?P<name>[A-Z][A-Z0-9_]{2,60}) on mach port(?:[ \t]++(?P<port>\d{1,10})\b)?"
    rb"(?:[ \t]++\(guarded with 0x(?P<payload>[0-9a-fA-F]{1,16})\))?"
)
_FD_MESSAGE = re.compile(
    rb"\b(?P<name>[A-Z][A-Z0-9_]{2,60}) on file descriptor (?P<port>\d{1,10})\b"
    rb"(?:[ \t]++\(guarded with 0x(?P<payload>[0-9a-fA-F]{1,16})\))?"
)
_AST = re.compile(
    rb"(?:\[(?P<process>[^\[\]\n]{1,100}):(?P<pid>\d{1,10})\][ \t]*+)?EXC_GUARD AST:[^\n]{0,200}?"
    rb"\bcode=(?P<code>0x[0-9a-fA-F]{1,16})(?:[ \t]++subcode=(?P<payload>0x[0-9a-fA-F]{1,16}))?"
)
_LLDB = re.compile(
    rb"EXC_GUARD \(code=(?P<code>0x[0-9a-fA-F]{1,16}|-?\d{1,20})"
    rb"(?:,[ \t]*+subcode=(?P<payload>0x[0-9a-fA-F]{1,16}))?"
)
_FRAME = re.compile(
    rb"\s*\d{1,4}[ \t]++\S{1,200}[ \t]++(?:0x[0-9a-f]{1,16}[ \t]++)?(?P<symbol>[^\r\n]{1,300})"
)
_STUB = re.compile(rb"[ \t]*+(?P<symbol>(?:_kernelrpc_|mach_msg|mach_port_)\w{1,100})\s*+\Z")
_BARE_FRAME = re.compile(rb"[ \t]*+(?P<symbol>[-+_A-Za-z]\S{2,300}(?: \S{1,300}\])?)\s*+\Z")
"""A frame of which a reporter kept the symbol alone; only below a system call's."""

_SPEAKS_OF_GUARDS = re.compile(rb"EXC_GUARD|GUARD_TYPE_|\bGUARD\b|on mach port")


@dataclass(frozen=True, slots=True)
class GuardReading:
    """What a report or log says of guard exceptions."""

    events: tuple[GuardEvent, ...]
    not_understood: tuple[Line, ...] = ()
    declined: str | None = None
    """Why there is no event in it; None if there is one."""


def read_crash_report(data: bytes) -> GuardReading:
    """Read every guard exception of a crash report (.ips or text, whole or torn out) or a log.

    Never raises: what holds no guard exception says so in `declined`.
    """
    lost = NotUnderstood()
    facts = [read_ips(data)] if IPS_MEMBER.search(data) else _TextReport(data, lost).read()
    events = tuple(event for fact in facts for event in event_of(fact))
    return GuardReading(events, lost.lines(), None if events else _why_none(facts))


def _why_none(facts: list[Facts]) -> str:
    for fact in facts:
        if fact.type and fact.type != "EXC_GUARD":
            return f"this is a report of {fact.type}, not of a guard exception (EXC_GUARD)"
    for fact in facts:
        if fact.frames:
            return (
                f"there is a backtrace, innermost {fact.frames[0]}, but nothing that says which guard: "
                f"the lines Exception Type, Exception Codes and Termination Reason are needed"
            )
    return "there is no guard exception (EXC_GUARD) in it"


class _TextReport:
    """Gathers facts line by line; a second process or exception begins another report."""

    def __init__(self, data: bytes, lost: NotUnderstood) -> None:
        self._data = data
        self._lost = lost
        self._reports: list[Facts] = []
        self._current = Facts()

    def read(self) -> list[Facts]:
        number, begin = 0, 0
        while begin < len(self._data):
            end = self._data.find(b"\n", begin)
            end = len(self._data) if end < 0 else end
            number += 1
            if end - begin <= LINE_MAX:
                self._take(self._data[begin:end], number)
            begin = end + 1
        return [*self._reports, self._current]

    def _take(self, line: bytes, number: int) -> None:
        if not (
            self._event_line(line, number) or self._head_line(line, number) or self._guard_line(line, number)
        ):
            if _SPEAKS_OF_GUARDS.search(line):
                self._lost.add(Line(number, line.decode("utf-8", "replace")))
            else:
                self._frame(line)

    def _event_line(self, line: bytes, number: int) -> bool:
        """Take a line that is a whole event: a kernel log line, or a debugger's stop reason."""
        found = _AST.search(line) or _LLDB.search(line)
        if found is None:
            return False
        known = found.groupdict()
        event = Facts(line=number, type="EXC_GUARD", process=self._current.process, pid=self._current.pid)
        event.take_process(known.get("process"), known.get("pid"))
        event.take_code(found["code"], found["payload"])
        if len(self._reports) < Facts.REPORTS_MAX:
            self._reports.append(event)
        return True

    def _head_line(self, line: bytes, number: int) -> bool:
        if found := _LLDB_PROCESS.match(line):
            self._begin_again()
            self._current.take_process(None, found["pid"])
        elif found := _PROCESS.match(line):
            self._begin_again()
            self._current.take_process(found["process"], found["pid"])
        elif found := _OS.match(line):
            self._current.os = found["os"].decode("utf-8", "replace").strip()
        elif found := _TYPE.match(line):
            if self._current.type:
                self._begin_again()
            self._current.take_type(found["type"], found["signal"], number)
        else:
            return False
        return True

    def _guard_line(self, line: bytes, number: int) -> bool:
        facts = self._current
        if found := _SUBTYPE.match(line):
            facts.subtype = found["subtype"].decode()
        elif found := _CODES.match(line):
            facts.codes = (int(found["first"], 16), int(found["second"], 16))
        elif found := _TERMINATION.match(line):
            facts.take_code(found["code"], None)
        elif found := _MACH_MESSAGE.search(line) or _FD_MESSAGE.search(line):
            facts.take_message(
                found["name"], found["port"], found["payload"], on_fd=b"file descriptor" in found[0]
            )
        else:
            return False
        facts.line = facts.line or number
        return True

    def _frame(self, line: bytes) -> None:
        frames = self._current.frames
        found = _FRAME.match(line) or (_BARE_FRAME if frames else _STUB).match(line)
        if found and len(frames) < Facts.FRAMES_MAX:
            frames.append(found["symbol"].decode("utf-8", "replace").strip())

    def _begin_again(self) -> None:
        if self._current.type or self._current.line:
            if len(self._reports) < Facts.REPORTS_MAX:
                self._reports.append(self._current)
            self._current = Facts()
