"""At a terminal: every text fits, no word is cut, commands can be pasted, long work shows how far it is."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portaudit.cli.program import COMMANDS
from portaudit.cli.terminal import fitted, ranged, typable, way_in
from portaudit.snapshot_file import encode
from tests.spaces import HOST_PORT, pair
from tests.terminal import PORTAUDIT, terminal

WIDTHS = (60, 72, 80, 100, 200)
UNBREAKABLE = '"command script import'
"""One argument of a shell, however long."""


@pytest.fixture
def leaking(tmp_path):
    """A pair of snapshots whose extension keeps the host's port."""
    files = tmp_path / "before.json", tmp_path / "after.json"
    files[0].write_bytes(encode(pair()))
    files[1].write_bytes(encode(pair(extension_rows=[(0x1103, "send", 3, HOST_PORT, 2)], taken=20.0)))
    return files


def words_of(text):
    """Give the words of a text, however it is laid out; what is broken for a shell is whole again."""
    return re.sub(r" \\\n +", " ", text).split()


def told(portaudit, monkeypatch, columns, *words):
    monkeypatch.setenv("COLUMNS", str(columns))
    return portaudit(*words).out


@pytest.mark.parametrize(
    "words",
    [["--help"], *([name, "--help"] for name in COMMANDS), ["doctor"], ["explain"], ["explain", "leaked"]],
    ids=" ".join,
)
def test_a_text_fits_each_terminal_and_cuts_no_word(portaudit, monkeypatch, words):
    """From 60 to 200 columns no line is wider, and all say the same words."""
    texts = [told(portaudit, monkeypatch, columns, *words) for columns in WIDTHS]

    for columns, text in zip(WIDTHS, texts, strict=True):
        assert [line for line in text.splitlines() if len(line) > columns and UNBREAKABLE not in line] == []
    assert {tuple(words_of(text)) for text in texts} == {tuple(words_of(texts[-1]))}


def test_a_report_fits_each_terminal(portaudit, monkeypatch, leaking):
    """A report has no line that is wider than the terminal, and loses no word on a narrow one."""
    for columns in WIDTHS:
        text = told(portaudit, monkeypatch, columns, "diff", *leaking)
        assert [line for line in text.splitlines() if len(line) > columns] == []
        assert {"xpc_dictionary_copy_mach_send,", "mach_port_deallocate(mach_task_self(),"} <= set(
            text.split()
        )


def test_the_doctor_tells_a_long_paragraph_once(portaudit, monkeypatch):
    """Ways that are in the way of the same thing say so in two words."""
    monkeypatch.delenv("PORTAUDIT_KERNEL", raising=False)
    text = told(portaudit, monkeypatch, 80, "doctor")

    assert text.count("this machine runs no Mach kernel") <= 1


PARTS = st.one_of(
    st.from_regex(r"[a-z./0-9:]{1,30}", fullmatch=True),
    st.from_regex(r"--[a-z]{2,10} [a-z]{1,10}", fullmatch=True),
    st.from_regex(r"'[a-z :+1]{1,40}'", fullmatch=True),
)


@given(st.lists(PARTS, min_size=1, max_size=12), st.integers(40, 200))
def test_a_broken_command_means_what_it_meant(parts, columns):
    """A shell takes the lines for the very words, and breaks are where the terminal ends."""
    command = " ".join(("portaudit", *parts))
    lines = typable(command, columns)

    assert shlex.split(lines.replace("\\\n", "")) == shlex.split(command)
    assert len(lines.splitlines()) == 1 or len(command) > columns


@given(st.text("abc ", min_size=1), st.integers(20, 80))
def test_a_sentence_keeps_its_words(text, columns):
    """A line that is broken holds every word, in order, and no part is wider."""
    lines = fitted(f"portaudit: {text}", columns)

    assert lines.split() == f"portaudit: {text}".split()
    assert all(len(line) <= columns or " " not in line.strip() for line in lines.splitlines())


def test_the_files_of_a_run_are_a_range():
    """Numbered files are told by the first, the last and how many; a few, and others, by their names."""
    rounds = [Path(f"portaudit-run/round-{number:02}.json") for number in range(11)]

    assert ranged(rounds) == "portaudit-run/round-00.json to portaudit-run/round-10.json (11 files)"
    assert ranged([Path("before.json"), Path("after.json")]) == "before.json after.json"
    assert ranged([Path("start.json"), *rounds[:3]]).split() == ["start.json", *map(str, rounds[:3])]


class TestTheWayIn:
    """What makes a shell know the word portaudit."""

    def test_a_shell_that_knows_it_needs_none(self, monkeypatch):
        """With this very portaudit on the PATH nothing is printed."""
        monkeypatch.setenv("PATH", str(Path(sys.executable).parent))

        assert way_in() is None

    def test_elsewhere_the_virtual_environment_is_activated(self, monkeypatch, tmp_path):
        """The line works in a plain shell: portaudit is found then."""
        monkeypatch.setenv("PATH", "/usr/bin:/bin")
        monkeypatch.chdir(tmp_path)
        line = way_in()
        assert line is not None

        found = subprocess.run(
            ["/bin/sh", "-c", f"{line}; command -v portaudit"], capture_output=True, text=True, check=True
        )
        assert found.stdout.strip() == str(Path(sys.executable).with_name("portaudit"))

    def test_a_blank_in_its_path_is_no_second_word(self, monkeypatch, tmp_path):
        """A virtual environment may lie in any folder."""
        (place := tmp_path / "port audit" / "bin").mkdir(parents=True)
        for name in ("portaudit", "activate"):
            (place / name).touch()
        monkeypatch.setattr(sys, "executable", str(place / "python"))

        assert way_in() == f". '{place}/activate'"

    def test_below_this_folder_it_is_short(self, monkeypatch):
        """`make demo` prints what can be typed in the clone."""
        monkeypatch.setenv("PATH", "/usr/bin:/bin")
        monkeypatch.chdir(Path(sys.prefix).parent)

        assert way_in() == f". {Path(sys.prefix).name}/bin/activate"


@pytest.mark.whole
@pytest.mark.parametrize("columns", [60, 80])
def test_what_a_held_pair_prints_can_be_pasted(tmp_path, monkeypatch, columns):
    """A plain shell without portaudit takes the printed lines as they are: a leak is found, twice."""
    monkeypatch.chdir(tmp_path)
    plain = {"PATH": "/usr/bin:/bin", "TMPDIR": "/tmp"}  # noqa: S108  a short place: a socket is no words
    with terminal([*PORTAUDIT, "demo", "--hold", "leak"], columns, **plain) as held:
        shown = held.until("Ctrl-C here")
        assert [line for line in shown.splitlines() if len(line) > columns] == []
        (first, second) = re.findall(r"^  portaudit snapshot (?:.*\\\n)*.*", shown, re.MULTILINE)
        (way,) = re.findall(r"^  \. .*", shown, re.MULTILINE)
        (diff,) = re.findall(r"^  portaudit diff (?:.*\\\n)*.*", shown, re.MULTILINE)
        (run,) = re.findall(r"^  portaudit run (?:.*\\\n)*.*", shown, re.MULTILINE)
        shell(f"{way}\n{first}")
        held.type("\n")
        held.until("One transfer made.")
        told = shell(f"{way}\n{second}\n{diff}")
        series = shell(f"{way}\n{run.replace('--repeat 0:6', '--repeat 0:2 --pace 0')}")

    assert (told.returncode, series.returncode) == (1, 1)
    assert told.stdout.startswith("FINDINGS  the extension keeps 1 reference to the host's task port")
    assert series.stdout.startswith("FINDINGS  the extension keeps 2 references")


def shell(lines):
    return subprocess.run(
        ["/bin/sh", "-c", lines],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PATH": "/usr/bin:/bin"},
        timeout=120,
    )


@pytest.mark.whole
def test_a_run_shows_its_rounds_on_a_terminal_and_leaves_nothing_of_it(tmp_path, monkeypatch):
    """Rounds and seconds of settling are shown in one line that goes; in a pipe there is none of it."""
    monkeypatch.chdir(tmp_path)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    run = [*PORTAUDIT, "run", "--kernel", "simulated", "--host-command", "portaudit demo --obey clean"]
    run += ["--extension", "demo-extension", "--repeat", "0:2", "--pace", "0", "--", "portaudit", "demo"]
    with terminal([*run, "--transfer"], 80, PATH=path) as shown:
        text = shown.until()
    piped = subprocess.run(
        [*run, "--transfer"], capture_output=True, text=True, check=False, env=os.environ | {"PATH": path}
    )

    line, _, rest = text.rpartition("\r\x1b[K\x1b[?25h")
    assert {"round 1 of 2: trigger", "round 2 of 2: reading"} <= set(
        re.findall(r"round \d of 2: [a-z]+", line)
    )
    assert max(len(part) for part in re.split(r"\r|\x1b\[\?25l", line)) <= 80
    assert rest.startswith("trigger: exit status 0\n")
    assert "\x1b" not in piped.stderr + piped.stdout
    assert "round 1" not in piped.stderr


def test_large_files_show_that_they_are_read(tmp_path):
    """Which of the files is read is shown on a terminal, where they are large."""
    large = tmp_path / "large.json"
    large.write_bytes(encode(pair()) + b" " * (5 << 20))
    with terminal([*PORTAUDIT, "diff", str(large), str(large), "--mixed"], 200) as shown:
        text = shown.until()

    assert f"reading {large} (2 of 2)" in text or "round" not in text


def test_a_kernel_that_needs_qemu_says_so_in_a_sentence(tmp_path, monkeypatch):
    """Without QEMU `demo --kernel gnumach` says what to install, and nothing else."""
    monkeypatch.chdir(tmp_path)
    ended = subprocess.run(
        [*PORTAUDIT, "demo", "leak", "--kernel", "gnumach", "--quiet"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PATH": str(tmp_path)},
    )

    needed = "portaudit: GNU Mach needs qemu-system-i386, missing here: apt-get install qemu-system-x86\n"
    assert (ended.returncode, ended.stdout, ended.stderr) == (3, "", needed)


def test_a_name_that_fits_in_part_is_said(portaudit, tmp_path):
    """Whose space is read is told where a part of its name was given; a wrong name is told what is near."""
    program = tmp_path / "portaudit-long"
    program.symlink_to("/bin/sleep")
    with subprocess.Popen([program, "60"]) as sleeper:
        try:
            told = portaudit("snapshot", "--way", "lsmp", "--pid", "audit-lon", "--settle", "0").err
            near = portaudit("snapshot", "--pid", "portaudit-lang").err
        finally:
            sleeper.kill()

    part = f"'audit-lon' is a part of the name portaudit-long: process {sleeper.pid} is taken\n"
    assert told.startswith(part)
    assert near.startswith("portaudit: there is no process called 'portaudit-lang' (there is portaudit-long")


def test_the_page_about_pairs_fits_each_terminal(portaudit, monkeypatch):
    """Its list and its table become running text where they have no room."""
    for columns in WIDTHS:
        text = told(portaudit, monkeypatch, columns, "explain", "pair")
        assert [line for line in text.splitlines() if len(line) > columns] == []
        assert ("pair 100, 6 rounds 100" in text) == (columns < 80)


def test_a_table_of_a_snapshot_fits_each_terminal(portaudit, monkeypatch, leaking):
    """The last column is broken where it must be."""
    for columns in WIDTHS:
        text = told(portaudit, monkeypatch, columns, "show", leaking[1])
        assert [line for line in text.splitlines() if len(line) > columns] == []
