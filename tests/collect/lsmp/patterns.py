"""Inputs that would make a careless reader slow, or large in memory."""

from tests.collect.lsmp.printer import HEADER, Port, Program, json_row, print_json, print_text, text_row
from tests.collect.lsmp.prints import bytes_of

NOBODY = Program(1, b"x")
DEAD = Port(0x203, 0, "dead-name", 1)
HELD = Port(0x303, 7, "send", 1, holder=(0x403, 9, b"y\nz"))
DESCRIBED = Port(0x403, 7, "send", 1, b"IOKIT-OBJECT", b"d")
RECEIVE = Port(0x503, 7, "recv")
EMPTY = print_text([NOBODY])
JSON_EMPTY = print_json([NOBODY])
JSON_HEAD = b'{"version":"1.0","processes":['
JSON_PROCESS = JSON_HEAD + b'{"pid":1,"name":"x","ports":['
TABLE = b"Process (1) : x\n" + HEADER

FEWER = b"\ntotal     = 1\nSEND      = 3\n" + EMPTY.partition(HEADER)[2].partition(b"SEND      = 0\n")[2]

PATTERNS: dict[str, tuple[bytes, ...]] = {
    "newlines": (b"", b"\n"),
    "letters": (b"", b"a\n"),
    "letters in a table": (TABLE, b"a\n"),
    "blanks": (TABLE, b" "),
    "blank lines": (TABLE, b" \n"),
    "processes": (b"", b"Process (1) : x\n"),
    "process names": (b"", b"Process (1) : "),
    "headers": (b"", HEADER),
    "tables": (b"", TABLE),
    "empty processes": (b"", EMPTY),
    "totals": (TABLE + text_row(DESCRIBED, NOBODY), EMPTY.partition(HEADER)[2]),
    "dead names": (TABLE, text_row(DEAD, NOBODY)),
    "held rights": (TABLE, text_row(HELD, NOBODY)),
    "descriptions": (TABLE, text_row(DESCRIBED, NOBODY)),
    "descriptions, and few of them counted": (TABLE, text_row(DESCRIBED, NOBODY), FEWER),
    "description and row": (TABLE, text_row(DESCRIBED, NOBODY) + text_row(DEAD, NOBODY)),
    "description and line": (TABLE, text_row(DESCRIBED, NOBODY) + b"z\n"),
    "receive rights": (TABLE, text_row(RECEIVE, NOBODY)),
    "vouchers": (TABLE, b"            Voucher: 0x1\n"),
    "half a row": (TABLE, b"0x00000203  0x00000000  send  --------  --- "),
    "rules": (TABLE, b"-"),
    "dots": (TABLE, b"0x00000203  0x00000000  send  -- ... ... ... ... ... "),
    "failures": (b"", b"Ignoring failure of mach_port_space_info() for task 1 for '-all'\n"),
    "open brackets": (b"", b"["),
    "open braces": (b"", b"{"),
    "empty objects": (b'{"processes":[', b"{},"),
    "json letters": (JSON_PROCESS, b"a"),
    "json processes": (JSON_HEAD, JSON_EMPTY.removeprefix(JSON_HEAD).removesuffix(b"]}") + b","),
    "json heads": (JSON_HEAD, b'{"pid":1,"name":"'),
    "json next": (JSON_EMPTY, b'},{"pid":1,"name":"'),
    "json dead names": (JSON_PROCESS, json_row(DEAD, NOBODY) + b","),
    "json held rights": (JSON_PROCESS, json_row(HELD, NOBODY) + b","),
    "json descriptions": (JSON_PROCESS, json_row(DESCRIBED, NOBODY) + b","),
    "json receive rights": (JSON_PROCESS, json_row(RECEIVE, NOBODY) + b","),
    "json half a row": (JSON_PROCESS, b'{"name":"0x00000203","ipc-object":"0x00000007",'),
    "json members": (
        JSON_PROCESS + b'{"type":"port set","name":"0x00000203","ipc-object":"0x00000007","members":[',
        b"{},",
    ),
    "json anew": (b' {"processes": [', b'{"pid":1,"name":"","ports":[]},'),
    "json rows anew": (
        b' {"processes": [{"pid":1,"name":"","ports":[',
        b'{"name":"0x00000203","ipc-object":"0x00000000"},',
    ),
    "a print": (b"", bytes_of("proc_names", "txt")),
    "a json print": (b"", bytes_of("proc_names", "json")),
}
"""A beginning, what follows it again and again, and an end."""


def pattern(name: str, size: int) -> bytes:
    """Give about so many bytes of a pattern."""
    begin, again, *end = PATTERNS[name]
    return begin + again * max(1, (size - len(begin)) // len(again)) + b"".join(end)
