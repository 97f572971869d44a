"""What diff is told beside its snapshots: guard exceptions and a policy."""

import json

import pytest

from portaudit.auditing.files import save
from tests.spaces import HOST_PORT, pair

REPORT = """\
Process:               Ext [4243]
Exception Type:        EXC_GUARD
Exception Codes:       0x0000000000002703, 0x0000000000000000
Termination Reason:    Namespace GUARD, Code 2305845208236959491
"""


@pytest.fixture
def held(tmp_path):
    """Give three snapshots in which the extension holds the host's control port."""
    paths = [tmp_path / f"held-{number}.json" for number in range(3)]
    for path in paths:
        save(str(path), pair(extension_rows=[(0x403, "send", 1, HOST_PORT, 2)]))
    return paths


@pytest.mark.parametrize("number", [2, 3])
def test_a_guard_exception_becomes_a_finding(portaudit, held, tmp_path, number):
    """Equal snapshots, two or a series, and a crash report: one finding with process and name, exit 1."""
    crash = tmp_path / "crash.txt"
    crash.write_text(REPORT)

    told = portaudit("diff", *held[:number], "--guard", crash, "--format", "json", "--no-config")
    (finding,) = json.loads(told.out)["findings"]
    assert (told.status, finding["rule"], finding["verdict"]) == (1, "O5", "over-released")
    assert [(row["role"], row["name"]) for row in finding["rows"]] == [("extension", "0x2703")]


def test_a_file_without_guard_exceptions_is_refused(portaudit, held, tmp_path):
    """A file that holds none exits 4: no finding is never said of what was not understood."""
    other = tmp_path / "other.txt"
    other.write_text("nothing here\n")

    assert portaudit("diff", *held[:2], "--guard", other, "--no-config").status == 4


@pytest.mark.parametrize("number", [2, 3])
def test_the_policy_makes_an_error_of_a_remark(portaudit, held, number):
    """Without the policy a pair or series is balanced with a remark, under it the command exits 1."""
    common = ("diff", *held[:number], "--no-config", "--format", "json")
    mild, strict = portaudit(*common), portaudit(*common, "--policy", "least-privilege")

    held_port = "0x403 holds 1 reference to the host's TASK-CONTROL port"
    note = f"the extension holds the control port of its host: {held_port} (portaudit explain P1)"
    assert (mild.status, json.loads(mild.out)["notes"]) == (0, [note])
    (finding,) = json.loads(strict.out)["findings"]
    assert (strict.status, finding["rule"], finding["severity"]) == (1, "P1", "error")
