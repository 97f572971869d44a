"""decode: codes and reports in words, joined to a snapshot."""

import json

import pytest

from portaudit.snapshot_file import encode
from tests.spaces import HOST_PORT, pair

CODE = "0x2000020000001103"


@pytest.fixture
def snapshot(tmp_path):
    """A snapshot in which the extension has the name 0x1103."""
    path = tmp_path / "after.json"
    path.write_bytes(encode(pair(extension_rows=[(0x1103, "send", 3, HOST_PORT, 2)])))
    return path


@pytest.mark.parametrize("code", [CODE, str(int(CODE, 16))])
def test_a_code_is_told_in_hex_and_decimal(portaudit, code):
    """The same code in both spellings is the same guard exception."""
    ended = portaudit("decode", code)

    assert (ended.status, ended.out.splitlines()[0]) == (0, "INVALID_NAME on name 0x1103")


def test_the_name_is_looked_up_in_a_snapshot(portaudit, snapshot):
    """--in says what the name is in each task, or that it is gone there."""
    ended = portaudit("decode", CODE, "--in", snapshot, "--format", "json")

    (event,) = json.loads(ended.out)["events"]
    assert [(row["role"], row["rights"], row["urefs"]) for row in event["in_snapshot"]] == [
        ("host", None, None),
        ("extension", ["send"], 3),
    ]


def test_a_full_port_space_is_told_with_the_largest_kinds_of_names(portaudit, snapshot):
    """A code of EXC_RESOURCE says how many names there were; --in says which kinds a space has most of."""
    table = portaudit("decode", "0xc400000000041648", "--in", snapshot)
    document = json.loads(portaudit("decode", "0xc400000000041648", "--in", snapshot, "--format", "json").out)

    assert table.out.startswith("PORTS: the port space was full: 267,848 names in use\n")
    assert "    Snapshot:    host has 1 name; most of them: 1 send TASK-CONTROL" in table.out
    assert [(event["type"], event["names"]) for event in document["resources"]] == [(6, 267_848)]
    assert [space["names"] for space in document["resources"][0]["in_snapshot"]] == [1, 2]


def test_a_report_is_read_from_standard_input(portaudit):
    """A kernel log line on standard input is decoded."""
    line = b"kernel: EXC_GUARD: mach_port_deallocate on mach port 4355\nException Codes: 0x2000020000001103\n"

    ended = portaudit("decode", "-", stdin=b"Exception Type: EXC_GUARD\n" + line)

    assert ended.status == 0, ended.err


@pytest.mark.parametrize(
    ("source", "status", "sentence"),
    [
        ("nonsense", 2, "there is no file 'nonsense', and 'nonsense' is no exception code"),
        ("0x1" + "0" * 17, 2, "is no exception code: that is a number of 64 bits"),
        ("-", 4, "-: there is no guard exception (EXC_GUARD) in it"),
    ],
)
def test_what_is_no_guard_exception_is_said(portaudit, source, status, sentence):
    """Neither code nor file, too large a number, a file without one: each has its sentence."""
    ended = portaudit("decode", source, stdin=b"hello\n")

    assert (ended.status, ended.out) == (status, "")
    assert sentence in ended.err


@pytest.mark.parametrize("spelling", ["-4323455642275408312", "14123288431434143304", "0xC400000000041648"])
def test_a_code_is_taken_as_any_program_spells_it(portaudit, spelling):
    """Programs that know no unsigned numbers print the code of a full port space with a sign."""
    ended = portaudit("decode", spelling)

    assert (ended.status, ended.out.splitlines()[0]) == (
        0,
        "PORTS: the port space was full: 267,848 names in use",
    )


def test_a_file_may_hold_a_code_and_nothing_else(portaudit):
    """A number that was copied to a file, or sent to standard input, is that number."""
    ended = portaudit("decode", "-", stdin=CODE.encode() + b"\n")

    assert (ended.status, ended.out.splitlines()[0]) == (0, "INVALID_NAME on name 0x1103")


def test_low_bits_are_no_code(portaudit):
    """Who types the count that stands in an .ips is told what it is and where the code stands."""
    ended = portaudit("decode", "267848")

    assert "of ports, 267,848 names in use. The whole code stands in `termination`" in ended.out
