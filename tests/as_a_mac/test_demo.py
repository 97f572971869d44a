"""What a user does first on a Mac: the demo."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from portaudit.auditing.files import make_folder
from portaudit.cli.playing import play_in_c
from portaudit.demo.play import outcome_of
from portaudit.demo.scenarios import SCENARIOS
from portaudit.errors import NotReadable
from portaudit.trust import users_own
from tests.as_a_mac.stage import RELEASES, a_mac

pytestmark = pytest.mark.whole


def verdicts(ended):
    return {line.split()[1]: line.split()[2] for line in ended.out.splitlines() if line.startswith("ok ")}


PLANTED = {
    name: "BALANCED" if scenario.guard_events else outcome_of(scenario).upper()
    for name, scenario in SCENARIOS.items()
}
"""A Mac tells of bad releases in crash reports alone, so that the tables decide there."""


@pytest.mark.parametrize("macos", RELEASES)
def test_a_plain_user_sees_every_verdict(macos):
    """With SIP on and a Python that nobody may open: each process reads itself, and the demo says so."""
    with a_mac(macos) as mac:
        ended = mac.portaudit("demo")

    assert (ended.status, verdicts(ended)) == (0, PLANTED)
    assert "Each process reads its own space, which needs no permission" in ended.err
    assert "this kernel tells of bad releases in crash reports, if at all" in ended.out


def test_root_reads_the_pair_from_outside():
    """A Python that is not hardened may be opened by root: the real doors are used."""
    with a_mac(15, root=True, python="adhoc") as mac:
        ended = mac.portaudit("demo", "leak")
        after = json.loads((mac.home / "portaudit-demo" / "leak-after.json").read_text())

    assert ended.status == 0
    assert "read from outside, as root" in ended.err
    assert [(task["way"], task["flavour"]) for task in after["tasks"]] == [("space-info", "read")] * 2


@pytest.mark.parametrize("macos", [15, 26])
def test_root_reads_a_python_that_nobody_may_open_by_lsmp(macos):
    """The Python of python.org is refused to root, too; Apple's own program reads it."""
    with a_mac(macos, root=True) as mac:
        ended = mac.portaudit("demo", "leak")
        after = json.loads((mac.home / "portaudit-demo" / "leak-after.json").read_text())

    assert (ended.status, [task["way"] for task in after["tasks"]]) == (0, ["lsmp", "lsmp"])
    assert after["settled"] is True


def test_where_lsmp_prints_nothing_root_is_told_why_each_process_reads_itself():
    """No way in from outside: the demo still works, and the reason stands in front of it."""
    with a_mac(15, root=True, lsmp="nobody") as mac:
        ended = mac.portaudit("demo", "clean")

    assert ended.status == 0
    assert "Each process reads its own space: root may not read them from outside: no way in" in ended.err


@pytest.mark.parametrize("password", [False, True])
def test_a_user_may_ask_for_apples_lsmp(password):
    """--way lsmp --sudo reads from outside, and says what to do where sudo wants a password."""
    with a_mac(26, password=password) as mac:
        ended = mac.portaudit("demo", "leak", "--way", "lsmp", "--sudo")

    assert ended.status == (3 if password else 0)
    assert ("run `sudo -v` first" in ended.err) == password


@pytest.mark.parametrize(("root", "door"), [(False, " --way lsmp --sudo"), (True, "")])
def test_a_held_pair_names_the_door_that_a_user_needs(root, door):
    """The lines to type work for who reads them: a user's have --way lsmp --sudo."""
    with a_mac(15, root=root) as mac:
        command = [sys.executable, "-m", "portaudit", "demo", "--hold"]
        held = subprocess.Popen(command, env=mac.environment, cwd=mac.home, stdout=subprocess.PIPE)
        try:
            assert held.stdout is not None
            line = next(line.decode() for line in held.stdout if line.startswith(b"  portaudit snapshot"))
        finally:
            held.terminate()
            held.communicate(timeout=20)

    assert f"{door} -o before.json" in line
    assert (" --sudo " in line) != root


def test_what_root_writes_belongs_to_the_user_who_ran_sudo(tmp_path, monkeypatch):
    """New files and a new folder are given away; what was there, links and second names are left alone."""
    given = []
    monkeypatch.setenv("SUDO_UID", "501")
    monkeypatch.setenv("SUDO_GID", "20")
    monkeypatch.setattr(os, "geteuid", lambda: 0)

    def fchown(descriptor, *user):
        given.append((Path(f"/proc/self/fd/{descriptor}").readlink().name, user))

    monkeypatch.setattr(os, "fchown", fchown)
    folder = tmp_path / "portaudit-demo"
    secret = tmp_path / "shadow"
    secret.write_text("root's")

    with users_own(folder, make_folder):
        (folder / "leak.json").write_text("{}")
        (folder / "link.json").symlink_to(secret)
        (folder / "second-name.json").hardlink_to(secret)
    first, given[:] = sorted(given), []
    with users_own(folder, make_folder):
        (folder / "clean.json").write_text("{}")

    assert first == [("leak.json", (501, 20)), ("portaudit-demo", (501, 20))]
    assert given == [("clean.json", (501, 20))]


@pytest.mark.parametrize(
    ("user", "way", "sudo", "reads"),
    [
        (501, None, False, ("lldb", False)),
        (501, None, True, ("auto", True)),
        (501, "lsmp", False, ("lsmp", False)),
        (0, None, False, ("auto", False)),
    ],
)
def test_the_c_program_is_read_by_whoever_may(monkeypatch, tmp_path, user, way, sudo, reads):
    """A user reads no other process by a task port: lldb does, unless another way is asked for."""
    asked = []

    def play_leaky(_folder, _kernel, way, *, sudo):
        asked.append((way, sudo))
        raise NotReadable("it was only asked for")

    monkeypatch.setattr("portaudit.demo.where.play_leaky", play_leaky)
    monkeypatch.setattr(os, "geteuid", lambda: user)
    with pytest.raises(NotReadable):
        play_in_c("xnu", tmp_path, way, sudo=sudo, quiet=True)

    assert asked == [reads]
