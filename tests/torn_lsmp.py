"""Prints of lsmp that were torn, and an lsmp whose print is torn once a file is there."""

import re
from pathlib import Path

from portaudit.collect.lsmp import read_lsmp
from tests.collect.lsmp.prints import bytes_of

WHOLE = {form: bytes_of("xfer_leak_release_p502", form) for form in ("txt", "json")}
SETS = bytes_of("port_sets", "txt")
_ROW = re.compile(rb"^0x000002\d\d .*\n", re.MULTILINE)


def _torn() -> dict[str, bytes]:
    text, json = WHOLE["txt"], WHOLE["json"]
    rows = [found.start() for found in re.finditer(rb"^0x", text, re.MULTILINE)]
    return {
        "lines left out": text[: rows[3]] + b"[...]\n" + text[rows[6] :],
        "a line not understood": text[: rows[3]] + b"0x0000zz0b  garbage\n" + text[rows[4] :],
        "totals missing": text[: text.rindex(b"total     =")],
        "totals that do not add up": text[: rows[4]] + text[rows[5] :],
        "JSON cut off": json[: json.rindex(b'{"name":')],
        "JSON without a row": re.sub(rb'\{"name":"0x00000[^{}]*\},', b"", json, count=1),
    }


TORN = _torn()
"""What is wrong -> what is left of a print of one process."""


def put_in_place(monkeypatch, torn, when: Path):
    """Let whatever reads by lsmp have the whole print, and the torn one once the file is there."""
    form = "json" if torn.startswith(b"{") else "txt"

    def run_lsmp(pid, **_):
        data = torn if when.exists() else WHOLE[form]
        return read_lsmp(data.replace(b"(502)", b"(%d)" % pid).replace(b'"pid":502', b'"pid":%d' % pid))

    monkeypatch.setattr("portaudit.collect.other_programs.run_lsmp", run_lsmp)
