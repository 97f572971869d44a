"""`portaudit demo --xpc`, as it would be on a Mac."""

import pytest

from portaudit.demo.xpc.launched import build
from portaudit.errors import KernelUnavailable

pytestmark = pytest.mark.whole

FIRST = """\
clean, in one process, a loop-back over an anonymous listener

references after                 host    extension
-----------------------------  ------  -----------
before                              1
xpc_dictionary_set_mach_send        {0}
the dictionary received                          {1}
xpc_dictionary_copy_mach_send                    {2}
mach_port_deallocate                             {1}
answered                            {0}
xpc_release of the dictionary       1
the received dictionary gone                     1

{3} xpc_dictionary_set_mach_send takes a reference while the dictionary lives
yes (+1)     the received dictionary has a reference of its own
yes (+1)     xpc_dictionary_copy_mach_send adds a reference, which the caller gives back

BALANCED """


@pytest.fixture
def a_mac(program, monkeypatch):
    """A machine with XPC, where the program is built already."""
    monkeypatch.setattr("portaudit.demo.xpc.launched.check_machine", lambda: None)
    monkeypatch.setattr("portaudit.demo.xpc.launched.build", lambda _folder: program)
    return int(program.with_name("set_holds").read_text())


@pytest.mark.usefixtures("launchd")
def test_all_is_played_and_told(a_mac, portaudit, tmp_path):
    """Steps, answers and verdict of each play: clean and leak, in one process and over two."""
    ended = portaudit("demo", "--xpc", "-o", tmp_path / "out")

    first = FIRST.format(1 + a_mac, 2 + a_mac, 3 + a_mac, "yes (+1)    " if a_mac else "no          ")
    assert ended.out.startswith(first)
    assert [line for line in ended.out.splitlines() if line.startswith(("clean, ", "leak, "))] == [
        "clean, in one process, a loop-back over an anonymous listener",
        "clean, over two processes",
        "leak, in one process, a loop-back over an anonymous listener",
        "leak, over two processes",
    ]
    assert ended.out.count("BALANCED") == ended.out.count("FINDINGS") == 2
    assert (ended.status, ended.err) == (0, "")


@pytest.mark.usefixtures("a_mac")
def test_what_did_not_come_out_as_planned_is_undecided(portaudit, tmp_path, monkeypatch):
    """A Mac whose XPC keeps a reference of its own is no defect of ours, and no success either."""
    monkeypatch.setattr("portaudit.demo.xpc.launched.LAUNCHCTL", "/nonexistent/launchctl")
    monkeypatch.setattr("portaudit.demo.xpc._faults", lambda *, leaks: "leak")  # noqa: ARG005  whatever is wanted
    ended = portaudit("demo", "--xpc", "clean", "-o", tmp_path / "out")

    assert ended.status == 3
    assert "not played: launchd does not take the job of the extension (" in ended.out
    assert "the references did not come out as planned: clean in one process" in ended.err


@pytest.mark.usefixtures("a_mac")
def test_other_scenarios_are_not_played_by_xpc(portaudit, tmp_path):
    """Wrong usage, and nothing is made."""
    ended = portaudit("demo", "--xpc", "moved", "-o", tmp_path / "out")

    assert (ended.status, ended.out) == (2, "")
    assert "--xpc plays clean and leak, not moved" in ended.err
    assert not (tmp_path / "out").exists()


def test_without_xpc_it_is_wrong_usage(portaudit, tmp_path, monkeypatch):
    """Linux has none, and says so before anything is built."""
    monkeypatch.setattr("sys.platform", "linux")
    ended = portaudit("demo", "--xpc", "-o", tmp_path / "out")

    assert ended.status == 2
    assert "this is no Mac" in ended.err
    assert not (tmp_path / "out").exists()


def test_a_compiler_that_fails_is_quoted(tmp_path):
    """What it said first, and how a Mac gets one."""
    compiler = tmp_path / "cc"
    said = "In file included from x.c:1,\nxcrun: error: invalid active developer path"
    compiler.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 1\n")
    compiler.chmod(0o700)

    with pytest.raises(KernelUnavailable, match=r"invalid active developer path; .*xcode-select --install"):
        build(tmp_path, str(compiler))
    with pytest.raises(KernelUnavailable, match="no C compiler"):
        build(tmp_path, str(tmp_path / "absent"))
