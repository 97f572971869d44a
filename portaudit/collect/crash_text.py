"""Read the text of crash reports line by line, and lines of logs and debuggers among them.

A line that begins with a label is one however a page, a form or a hand dressed it up.
"""

import re
from dataclasses import replace

from portaudit.collect.crash_facts import Facts
from portaudit.collect.crash_ips import ON
from portaudit.collect.crash_lines import guard_in, names_allocated, panic_in, panicked_task, resource_in
from portaudit.collect.not_understood import NotUnderstood
from portaudit.model.resource import ResourceEvent, ZonePanic
from portaudit.model.snapshot import Line

_LABELS = (
    rb"Exception Type|Exception Subtype|Exception Codes|Exception Message|Exception Note|Termination Reason|"
    rb"OS Version|Process"
)
_CANONICAL = {label.lower(): label for label in _LABELS.split(b"|")}

_DRESSED = re.compile(
    rb"[\s|*`>#+-]*+(?P<label>" + _LABELS + rb")[ \t*`]*+[:=|](?P<value>[^\r\n]{0,1000})", re.IGNORECASE
)
_MARKS = re.compile(rb"[*`|]+")
"""Of bold letters, of code, of the cells of a table."""

_LOUD = re.compile(rb"\b(?:NAMESPACE|CODE|LIMIT|PORTS\)|ON MACH PORT|ON FILE DESCRIPTOR|GUARDED WITH)\b|0X")
_QUIET = {b"NAMESPACE": b"Namespace", b"CODE": b"Code", b"LIMIT": b"Limit"}
"""What reports do not write in capitals."""


def as_printed(line: bytes) -> bytes | None:
    """Give the line as a crash reporter prints it; None if no label of a report begins it."""
    found = _DRESSED.match(line)
    if found is None:
        return None
    label, value = found["label"], _MARKS.sub(b" ", found["value"]).strip()
    if label.isupper():
        value = _LOUD.sub(lambda word: _QUIET.get(word[0], word[0].lower()), value)
    return _CANONICAL[label.lower()] + b": " + value


LINE_MAX = 4096
"""Bytes of a line that can say something here; binary images and register dumps may be longer."""

_PROCESS = re.compile(
    rb"\s*Process:[ \t]++(?P<process>[^\[\n]{1,200}?)[ \t]*+(?:\[(?P<pid>\d{1,10})\])?[ \t\r]*+\Z"
)
_LLDB_PROCESS = re.compile(rb"\s*Process (?P<pid>\d{1,10}) stopped")
_OS = re.compile(rb"\s*OS Version:[ \t]++(?P<os>\S[^\r\n]{0,200})")
_TYPE = re.compile(rb"\s*Exception Type:[ \t]++(?P<type>\w{1,40})(?:[ \t]++\((?P<signal>\w{1,20})\))?")
_SUBTYPE = re.compile(
    rb"\s*Exception (?:Subtype|Codes):[ \t]++(?P<subtype>GUARD_TYPE_\w{1,40}|"
    rb"(?:PORTS|CPU|MEMORY|WAKEUPS|IO|THREADS)(?:_[A-Z]{1,20})?\b|[A-Z_]{2,40}(?=[ \t\r]*+\Z))"
)
_EVENT = re.compile(
    rb"\s*Event:[ \t]++(?P<event>cpu usage|wakeups|disk writes|hang|microstackshots)\b", re.IGNORECASE
)
_CODES = re.compile(
    rb"\s*Exception Codes:[ \t]++0x(?P<first>[0-9a-fA-F]{1,16}),[ \t]*+0x(?P<second>[0-9a-fA-F]{1,16})"
)
_TERMINATION = re.compile(
    rb"(?:\A\s*Termination Reason:[ \t]++(?:Namespace[ \t]++)?|\b[Nn]amespace[ \t]++)"
    rb"(?P<space>GUARD|PORT_SPACE)\b,?[ \t]*+(?:Code[:,]?[ \t]++)?(?P<code>0x[0-9a-fA-F]{1,16}|\d{1,20})"
)
_LIMIT = re.compile(rb"\(Limit (?P<names>\d{1,10}) ports\)")
_MESSAGE_ID = re.compile(rb"called with msgh_id (?P<id>\d{1,10})\b")
_FLAVOUR_NUMBER = re.compile(
    rb"(?:Unknown (?P<subtype>GUARD_TYPE_\w{1,40}) flavor (?P<flavour>\d{1,10})|"
    rb"\bflavor=(?P<hex>0x[0-9a-f]{1,8}) \()"
    rb"(?: on mach port (?P<port>\d{1,10})\b)?(?:[ \t]++\(guarded with 0x(?P<payload>[0-9a-fA-F]{1,16})\))?"
)
_MACH_MESSAGE = re.compile(
    rb"\b(?P<name>[A-Z][A-Z0-9_]{2,60}) on (?P<on>mach port)(?:[ \t]++(?P<port>0x[0-9a-f]{1,8}|\d{1,10})\b)?"
    rb"(?:[ \t]++\(guarded with 0x(?P<payload>[0-9a-fA-F]{1,16})\))?"
)
_FD_MESSAGE = re.compile(
    rb"\b(?P<name>[A-Z][A-Z0-9_]{2,60}) on (?P<on>file descriptor) (?P<port>\d{1,10})\b"
    rb"(?:[ \t]++\(guarded with 0x(?P<payload>[0-9a-fA-F]{1,16})\))?"
)
_SAYS_ALL = re.compile(
    rb"EXC_GUARD (?:AST|\(|/)|EXC_RESOURCE[ /(:-]|FATAL exception|"
    rb"mach ports\b|ports allocated|exhausted|Panicked|zalloc:|exit reason|caught |mem limit|watermark|"
    rb"reported by launchd"
)
_LABEL = re.compile(rb"(?:Exception|Termination|OS Version|Process)\b", re.IGNORECASE)
_FRAME = re.compile(
    rb"\s*\d{1,4}[ \t]++\S{1,200}[ \t]++(?:0x[0-9a-f]{1,16}[ \t]++)?(?P<symbol>[^\r\n]{1,300})"
)
_STUB = re.compile(rb"[ \t]*+(?P<symbol>(?:_kernelrpc_|mach_msg|mach_port_)\w{1,100})\s*+\Z")
_BARE_FRAME = re.compile(rb"[ \t]*+(?P<symbol>[-+_A-Za-z]\S{2,300}(?: \S{1,300}\])?)\s*+\Z")
"""A frame of which a reporter kept the symbol alone; only below a system call's."""

_MAY_SAY_SOMETHING = re.compile(
    rb"EXC|GUARD|PORT|FATAL|Exception|xception [CM]|Termination|TERMINATION|amespace|Process|PROCESS|OS V|"
    rb"Event:|on mach port|on file desc|msgh_id|flavor|\(Limit|ports\b|panic|Panicked|exhausted|zalloc|"
    rb"caught |mem limit|watermark|exit reason|by launchd"
)
"""What every line has of which anything is made, but for frames; most lines of a report have none of it."""

_SPEAKS_OF_IT = re.compile(
    rb"EXC_GUARD|GUARD_TYPE_|\bGUARD\b|on mach port|EXC_RESOURCE|PORT_SPACE|too many mach ports|ipc[ .]ports"
)


class TextReport:
    """Gathers facts line by line; a second process or exception begins another report."""

    def __init__(self, data: bytes, lost: NotUnderstood) -> None:
        self._data = data
        self._lost = lost
        self._reports: list[Facts] = []
        self._current = Facts()
        self.resources: list[ResourceEvent | ZonePanic] = []

    def read(self) -> list[Facts]:
        """Give the facts of each report."""
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
        if not _MAY_SAY_SOMETHING.search(line):
            self._frame(line)
            return
        if self._understood(line, number):
            return
        dressed = as_printed(line) if _LABEL.search(line) else None
        if dressed and (self._head_line(dressed, number) or self._guard_line(dressed, number)):
            return
        if _SPEAKS_OF_IT.search(line):
            self._lost.add(Line(number, line.decode("utf-8", "replace")))
        else:
            self._frame(line)

    def _understood(self, line: bytes, number: int) -> bool:
        return (
            self._event_line(line, number) or self._head_line(line, number) or self._guard_line(line, number)
        )

    def _event_line(self, line: bytes, number: int) -> bool:
        """Take a line that says all: of a kernel's log, a debugger, a crash collector."""
        if not _SAYS_ALL.search(line):
            return False
        event = guard_in(line)
        if event:
            event.line = number
            event.process, event.pid = event.process or self._current.process, event.pid or self._current.pid
            if len(self._reports) < Facts.REPORTS_MAX:
                self._reports.append(event)
            return True
        return self._resource_line(line, number)

    def _resource_line(self, line: bytes, number: int) -> bool:
        last = self.resources[-1] if self.resources else None
        event = resource_in(line)
        panic = None if event else panic_in(line)
        if event:
            self._keep(replace(event, line=number, pid=event.pid or self._current.pid))
        elif panic:
            self._keep(replace(panic, line=number))
        elif isinstance(last, ResourceEvent) and last.names is None and (names := names_allocated(line)):
            self.resources[-1] = replace(last, names=names)
        elif isinstance(last, ZonePanic) and (task := panicked_task(line)):
            self.resources[-1] = replace(last, pid=task[0], process=task[1])
        else:
            return False
        return True

    def _keep(self, event: ResourceEvent | ZonePanic) -> None:
        if len(self.resources) < Facts.REPORTS_MAX:
            self.resources.append(event)

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
        elif found := _EVENT.match(line):
            self._current.type = self._current.type or found["event"].decode()
        else:
            return False
        return True

    def _guard_line(self, line: bytes, number: int) -> bool:
        facts = self._current
        if found := _SUBTYPE.match(line):
            facts.subtype = found["subtype"].decode()
        elif found := _CODES.match(line):
            facts.codes = (int(found["first"], 16), int(found["second"], 16))
        elif found := _TERMINATION.search(line):
            facts.take_code(found["code"], None)
            facts.take_namespace(found["space"])
            self._limit(line)
        elif found := _MESSAGE_ID.search(line):
            facts.message_id = int(found["id"])
        elif found := _FLAVOUR_NUMBER.search(line):
            facts.take_flavour(found)
        elif found := _MACH_MESSAGE.search(line) or _FD_MESSAGE.search(line):
            facts.take_message(found["name"], found["port"], found["payload"], ON[found["on"].decode()])
        elif not self._limit(line):
            return False
        facts.line = facts.line or number
        return True

    def _limit(self, line: bytes) -> bool:
        found = _LIMIT.search(line)
        if found:
            self._current.limit = int(found["names"])
        return found is not None

    def _frame(self, line: bytes) -> None:
        frames = self._current.frames
        if len(frames) >= Facts.FRAMES_MAX:
            return
        found = _FRAME.match(line) or (_BARE_FRAME if frames else _STUB).match(line)
        if found:
            frames.append(found["symbol"].decode("utf-8", "replace").strip())

    def _begin_again(self) -> None:
        if self._current.type or self._current.line:
            if len(self._reports) < Facts.REPORTS_MAX:
                self._reports.append(self._current)
            self._current = Facts()
