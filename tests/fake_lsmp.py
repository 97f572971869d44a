"""A program in lsmp's place: each time it is asked, the process holds one reference more."""

from functools import partial

from portaudit.collect.other_programs import run_lsmp
from tests.python_program import write_program

BODY = """\
import json, pathlib, sys
calls = pathlib.Path(__file__).with_name("calls")
number = len(calls.read_text()) + 1 if calls.exists() else 1
calls.write_text("." * number)
pid = int(sys.argv[sys.argv.index("-p") + 1])
right = {"name": "0x0000030b", "ipc-object": "0x1918e811", "rights": ["send"], "notifications": [],
         "send_rights": number, "identifier": "0xd33f0824", "type": "THREAD-CONTROL"}
others = "receive_rights", "send_once_rights", "port_sets", "dead_names", "dead_name requests", "vouchers"
totals = {"total": 1, "send_rights": 1, **dict.fromkeys(others, 0)}
process = {"pid": pid, "name": "played", "ports": [right], **totals}
file = pathlib.Path(sys.argv[sys.argv.index("-j") + 1])
file.write_text(json.dumps({"version": "1.0", "processes": [process]}))
"""


def put_in_place(monkeypatch, folder):
    """Let whatever reads by lsmp run the program; gives the file that has a dot for each call."""
    path = write_program(folder / "lsmp", BODY)
    monkeypatch.setattr("portaudit.collect.other_programs.run_lsmp", partial(run_lsmp, program=str(path)))
    return folder / "calls"
