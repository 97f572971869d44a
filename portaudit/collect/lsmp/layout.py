"""What lsmp's text looks like: one pattern for each kind of line.

The patterns follow lsmp's own format strings (system_cmds-1026.100.5, lsmp/port_details.c:287-758,
lsmp/task_details.c:298-447). Column widths are minimums there, and zero counts are blank, so a row is
taken apart by what its right allows, not by position. Every pattern is anchored and linear.
"""

import re
from collections.abc import Iterator

PROCESS_NAME_MAX = 100
"""Bytes that a process name can have in lsmp's output: PROC_NAME_LEN, lsmp/common.h:31."""

DESCRIPTION_MAX = 512
"""Bytes that the kernel's description of an object can have: mach_port_kobject_description's buffer."""

VOUCHER_MAX = 1024
"""Bytes that lsmp prints of one voucher: VOUCHER_DETAIL_MAXLEN, lsmp/common.h:33."""

LINE_MAX = 2048
"""Bytes of the longest line that lsmp can print, with room to spare; a longer one is none of its own."""

_NAME = rb"0x([0-9a-f]{8})"
_RECEIVE = (
    rb"(?P<flags>-{2}[T-][G-][S-][I-][R-][P-])\s++\d++\s++(?P<requests>[D-][N-][P-])\s++1(?=\s)"
    rb"(?P<counts>[\s\d]*+)(?P<oref>[YN])\s++(?P<qlimit>-?\d++)\s++(?P<queued>-?\d++)\s++0x[0-9a-f]{16}"
)
_NO_BOOST = rb"(?:-{5}\s++)?+"
"""The boost column of what has none: blank since OS X 10.10, dashes before."""
_HOLDER = _NAME + rb"\s++\((-?\d{1,10})\) "

PROCESS = re.compile(rb"Process \((-?\d{1,10})\) : ")
HEADER = re.compile(rb"[ \t]*+name[ \t]++ipc-object[ \t]++rights\b")
RULE = re.compile(rb"\s*+-{5}[-\s.]*+\Z")
ENTRY = re.compile(
    _NAME + rb"\s++" + _NAME + rb"\s++(recv,send|recv|send-once|send|dead-name|port-set)\s++(?=-{2})"
)
RECEIVE = re.compile(_RECEIVE + rb"\s*+\Z")
SEND = re.compile(
    rb"-{8}\s++" + _NO_BOOST + rb"(?P<requests>[D-]--)\s++(?P<urefs>(?:\d{1,10}(?=\s))?+)\s*+(?=\S)"
)
DEAD_NAME = re.compile(rb"-{8}\s++" + _NO_BOOST + rb"---\s++(?P<urefs>\d{1,10})\s*+\Z")
PORT_SET = re.compile(rb"-{8}\s++" + _NO_BOOST + rb"---\s++1\s++(?P<members>\d{1,10})\s++members\s*+\Z")
QUEUE = re.compile(rb"->\s++-?\d++\s++-?\d++\s++0x[0-9a-f]{16}\s++" + _HOLDER)
KOBJECT = re.compile(_NAME + rb"\s++(message-queue|[A-Z][A-Z0-9_-]*+)(?=\s|\Z)")
UNKNOWN_PEER = re.compile(rb"0x0{8}\s++\(-\) Unknown Process\s*+\Z")
HELD_BY = re.compile(rb"( SELF)? \((-?\d{1,10})\) ")
THREAD_ID = re.compile(rb" \(0x[0-9a-f]++\)\s*+\Z")

OTHER_HOLDER = re.compile(
    rb"\s*+\+\s++(?:send-once|send)\s++-{8}\s++" + _NO_BOOST + rb"[D-]--\s++\d++\s++<-\s++" + _HOLDER
)
MEMBER = re.compile(
    rb"\s*+-\s++0x(?P<object>[0-9a-f]{8})\s++(?P<rights>recv(?:,send)?)\s++"
    + _RECEIVE
    + rb"\s++0x(?P<member>[0-9a-f]{8})\s++\(-?\d{1,10}\) "
)

_PLACES = rb"(?:0x(?P<name>[0-9a-f]{8})  0x(?P<object>[0-9a-f]{8})  |(?= {18}\+ ))"
RUN = re.compile(
    _PLACES
    + rb"((?(1).{94}|.{118})0x(?!0{8})(?=[0-9a-f]{8} )|(?(1).*+|(?!)))(?P<holder>[0-9a-f]{8}|)(.*+)\n|(?s:.+)"
)
"""Rows, and `+` rows between them, with what stands where lsmp puts the receiver's name of the port."""
HOLDER_ALONE = re.compile(rb"[^x]{75}(?: {19}|0x[0-9a-f]{16} )0x")
"""What stands between a row's object and that name, if it is one."""
CONTEXT = re.compile(rb"([^x]{75}0x)[0-9a-f]{16}(?![0-9a-f])")
"""A context in its column: of what is read, nothing depends on it."""

MAY_BE_ITS_OWN = re.compile(
    rb"\s*+(?:[-+\[.]|0x|[0-9a-f]{4}  |\xe2|Process|name|total|Voucher|Invalid|Key|IMPORTANCE|RESOURCE|"
    rb"Recipe|exc_port|Thread_|failed|Ignoring|mach_|task_|thread_|vm_|warning)"
)
"""How each line that lsmp writes begins: others need no closer look."""

ELISION = re.compile(rb"(?<=\s)(?:\.\.\.|\[\.\.\.\]|\xe2\x80\xa6)\s++")
ELIDED_COUNT = re.compile(rb"-{8}\s++" + _NO_BOOST + rb"[D-]--\s++(\d{1,10})\s*+\Z")

TOTAL_KEYS = (
    b"total",
    b"SEND",
    b"RECEIVE",
    b"SEND_ONCE",
    b"PORT_SET",
    b"DEAD_NAME",
    b"DNREQUEST",
    b"VOUCHERS",
)
_COUNTS = [key + rb"[ \t]+=[ \t]+(\d{1,10})[ \t]*" for key in TOTAL_KEYS]
TOTALS = re.compile(
    rb"^[ \t]*" + rb"\n[ \t]*".join(_COUNTS[:-1]) + rb"$(?:\n[ \t]*" + _COUNTS[-1] + rb"$)?",
    re.MULTILINE,
)
TOTALS_OR_HEADER = re.compile(rb"(" + TOTALS.pattern + rb")|^" + HEADER.pattern, re.MULTILINE)

VOUCHER = re.compile(rb"\s+(?:Invalid voucher|Voucher): 0x")
VOUCHER_DETAIL = re.compile(
    rb"\s+(?:Key: |IMPORTANCE INFO: |RESOURCE ACCOUNTING INFO: |Recipe Contents:|[0-9a-f]{4}  [0-9a-f]{2} )"
)
AFTER_TABLE = re.compile(
    rb"\s*(?:exc_port_object\b|Thread_KObject\b|0x[0-9a-f]{8}\s+(?:0x[0-9a-f]|\(-?\d+\) .*<))|failed to find",
    re.DOTALL,
)
"""Exception ports and threads, which stand after the totals: known, and no rights of the space."""

CUT = re.compile(rb"\s*+(?:\[?\.\.\.+\]?|\xe2\x80\xa6|\[\xe2\x80\xa6\])\s*+\Z")
"""Where whoever pasted the text left lines out."""

IGNORING = re.compile(rb"Ignoring failure of mach_port_space_info\(\) for task (\d+) for '-all'")
SPACE_FAILED = re.compile(rb"mach_port_space_info\(\) failed: pid:(-?\d+) error: (.*)", re.DOTALL)
NOT_ROOT = re.compile(rb"warning: should run as root")
CALL_FAILED = re.compile(rb"(?:mach_port|task|thread|vm|mach_vm)_\w+\([^)]*\) failed: ")
REFUSED = re.compile(
    rb"^(?:Failed to find task ipc information for pid|task_for_pid\(\) failed|Unknown pid|"
    rb"Unable to open|host_processor|processor_set|Assertion Failure)[^\n]{0,300}",
    re.MULTILINE,
)
"""What lsmp says before it gives up: exit 1, and no table."""

ANY_PROCESS = re.compile(rb"^" + PROCESS.pattern, re.MULTILINE)
ANY_HEADER = re.compile(rb"^" + HEADER.pattern, re.MULTILINE)
ANY_ROW = re.compile(rb"^" + ENTRY.pattern, re.MULTILINE)
CRLF_HEADER = re.compile(rb"^" + HEADER.pattern + rb"[^\r\n]*\r$", re.MULTILINE)


def text_of(raw: bytes) -> str:
    """Decode text that came from the audited machine; what is no UTF-8 becomes U+FFFD."""
    return raw.decode("utf-8", "replace")


class Lines:
    """Iterates over lines and knows where it stands; process names may hold any other separator."""

    def __init__(self, data: bytes) -> None:
        """Stand before the first line."""
        self._data = data
        self.begin = 0
        self.end = -1
        self.number = 0

    def __iter__(self) -> Iterator[bytes]:
        while self.end < len(self._data):
            self._go_to(self.end + 1)
            if self.begin < len(self._data):
                yield self._data[self.begin : self.end]

    def _go_to(self, begin: int) -> None:
        end = self._data.find(b"\n", begin)
        self.begin, self.end = begin, len(self._data) if end < 0 else end
        self.number += 1

    def skip_run(self, end: int, lines: int) -> None:
        """Make the last of so many lines the current one, which ends before this offset."""
        self.begin = self.end = end - 1
        self.number += lines - 1

    def skip_to(self, offset: int) -> None:
        """Make the line that holds this offset the current one."""
        while self.end < offset:
            self._go_to(self.end + 1)
