"""Bad input at every door: one sentence, the documented exit status, nothing lost."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from portaudit.cli import show
from portaudit.snapshot_file import encode
from tests.spaces import HOST_PORT, pair

SOUND = encode(pair())


@pytest.fixture
def sound(tmp_path):
    """A sound snapshot file."""
    path = tmp_path / "sound.json"
    path.write_bytes(SOUND)
    return path


@pytest.fixture
def leaking(tmp_path):
    """A snapshot file whose extension holds the host's port once more, and many rights beside it."""
    rows = [(0x1103 + number * 0x100, "send", 1, HOST_PORT + number, 2) for number in range(5000)]
    path = tmp_path / "leaking.json"
    path.write_bytes(encode(pair(extension_rows=rows)))
    return path


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "{} is empty: it should hold a snapshot, a probe record or what lsmp printed"),
        (b" \n", "{} is empty: it should hold a snapshot, a probe record or what lsmp printed"),
        (SOUND[:-30], "{} is no sound JSON, it may be cut off: Input data was truncated"),
        (
            b'{"portaudit_probe": 1, "columns": ["name"], "rows": [[1]]}',
            "{} has no column 'type'",
        ),
        (
            b'{"portaudit_probe": 7, "columns": [], "rows": []}',
            "{} is a probe record of format 7, and this version reads 1",
        ),
        (
            b'{"portaudit_probe": 1, "columns": ["name", "type"], "rows": [[259, 65536], [515]]}',
            "{}: row 1 has 1 cells for 2 columns",
        ),
        (
            b'{"portaudit_probe": 1, "columns": ["name", "type"], "rows": [[259, -1]]}',
            "{}, column type, row 0: -1 is not a number between 0 and 4294967295",
        ),
        (
            b'{"portaudit_probe": 1, "columns": ["name", "type", "urefs"], "rows": [[259, 65536, true]]}',
            "{}, column urefs, row 0: True is not a number between 0 and 65535",
        ),
    ],
)
@pytest.mark.parametrize("command", ["show", "diff", "import"])
def test_a_damaged_file_is_named_with_the_reason(portaudit, tmp_path, sound, command, data, reason):
    """Every command that reads a file refuses a damaged one in a sentence, with exit status 4."""
    path = tmp_path / "bad.json"
    path.write_bytes(data)
    arguments = {
        "show": ("show", path),
        "diff": ("diff", sound, path),
        "import": ("import", "--host", path, "-o", tmp_path / "out.json"),
    }[command]

    ended = portaudit(*arguments)

    assert (ended.status, ended.out, ended.err) == (4, "", f"portaudit: {reason.format(path)}\n")
    assert not (tmp_path / "out.json").exists()


def test_a_missing_file_is_said(portaudit, tmp_path):
    """A path that does not exist is unreadable, exit 4."""
    ended = portaudit("show", tmp_path / "none.json")

    assert (ended.status, ended.err) == (
        4,
        f"portaudit: {tmp_path}/none.json cannot be read: No such file or directory\n",
    )


def test_standard_input_is_a_file(portaudit):
    """`-` reads standard input."""
    assert portaudit("show", "-", stdin=SOUND).status == 0
    assert (
        portaudit("show", "-", stdin=b"").err
        == "portaudit: - is empty: it should hold a snapshot, a probe record or what lsmp printed\n"
    )


def test_an_output_that_is_a_directory_is_refused(portaudit, tmp_path, sound):
    """Writing onto a directory is a usage error that changes nothing."""
    folder = tmp_path / "folder"
    folder.mkdir()

    ended = portaudit("import", sound, "-o", folder)

    assert (ended.status, ended.err) == (
        2,
        f"portaudit: {folder} cannot be written: it is a directory; nothing was changed\n",
    )


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
@pytest.mark.parametrize("command", [["show"], ["import"], ["--help"]])
def test_a_full_disk_behind_standard_output_is_a_sentence(sound, command):
    """No traceback when the result itself cannot be written."""
    files = [] if command == ["--help"] else [sound, *(["-o", "-"] if command == ["import"] else [])]
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "portaudit", *command, *files],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip

    sentence = "portaudit: nothing more can be written: No space left on device; make room\n"
    assert (ended.returncode, ended.stderr) == (2, sentence)


def test_a_reader_that_goes_does_not_change_the_verdict(sound, leaking):
    """`portaudit diff ... | head -1` in a script that looks at each status still sees the findings."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as broken:
        ended = subprocess.run(
            [sys.executable, "-m", "portaudit", "diff", sound, leaking],
            stdout=broken, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip

    assert (ended.returncode, ended.stderr) == (1, "")


def test_a_full_disk_leaves_the_old_file(portaudit, tmp_path, sound, monkeypatch):
    """When the disk is full the old file stays, and no temporary file is left behind."""
    target = tmp_path / "kept.json"
    target.write_text("old")

    def full(_descriptor):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    ended = portaudit("import", sound, "-o", target)

    assert (ended.status, ended.err) == (
        2,
        f"portaudit: {target} cannot be written: No space left on device; nothing was changed\n",
    )
    assert target.read_text() == "old"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["kept.json", "sound.json"]


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("nonsense", "the expectation 'nonsense' is not understood"),
        ("extension: warp-core +1", "names 'warp-core', which is no kobject type"),
        ("extension: semaphore 2..1", "has an empty range: 2 is more than 1"),
    ],
)
def test_a_wrong_expectation_is_quoted(portaudit, sound, rule, sentence):
    """A rule that is none is quoted back, with exit status 2."""
    ended = portaudit("diff", sound, sound, "--expect", rule)

    assert (ended.status, ended.out) == (2, "")
    assert sentence in ended.err


def test_no_such_pid_is_said(portaudit):
    """A pid that does not exist is not readable, exit 3."""
    ended = portaudit("snapshot", "--host", "999999999")

    assert (ended.status, ended.out) == (3, "")


@pytest.mark.parametrize("target", ["999999999", "no-process-has-this-name-1f2e"])
def test_a_process_that_is_not_there_is_said_before_any_kernel_is_asked(portaudit, target, monkeypatch):
    """Whom to read is settled first; the sentence names the target."""
    monkeypatch.setenv("PORTAUDIT_KERNEL", "simulated:/nowhere")

    ended = portaudit("snapshot", "--host", target)

    assert ended.status == 3
    assert target in ended.err


def test_nothing_to_read_is_a_usage_error(portaudit):
    """Snapshot without a process says what to name."""
    ended = portaudit("snapshot", "--kernel", "simulated:/nowhere")

    assert (ended.status, ended.err) == (
        2,
        "portaudit: nothing to read: name a process with --host, --extension or --pid\n",
    )


def test_a_kernel_that_is_not_there_is_said(portaudit, tmp_path):
    """A socket nobody serves is named with the way out."""
    ended = portaudit("snapshot", "--host", os.getpid(), "--kernel", f"simulated:{tmp_path}/none")

    assert ended.status == 3
    assert ended.err == (
        f"portaudit: no kernel answers at {tmp_path}/none: No such file or directory; "
        f"is `portaudit demo --hold` running?\n"
    )


def test_a_kernel_of_no_kind_is_a_usage_error(portaudit):
    """--kernel takes the kinds that there are."""
    ended = portaudit("snapshot", "--host", os.getpid(), "--kernel", "minix:/x")

    assert (ended.status, ended.err) == (
        2,
        "portaudit: 'minix:/x' is no kernel; say xnu, simulated:SOCKET or gnumach:SOCKET\n",
    )


def test_a_role_that_is_not_there_is_said(portaudit, sound):
    """Show --role names the roles that the file has."""
    ended = portaudit("show", sound, "--role", "guest")

    assert (ended.status, ended.err) == (
        2,
        "portaudit: no task of the snapshot has the role 'guest'; the roles there are: extension, host\n",
    )


def test_an_unknown_command_is_a_usage_error(portaudit):
    """A misspelled command exits 2 and points to the help."""
    ended = portaudit("snapshoot")

    assert ended.status == 2
    assert "No such command 'snapshoot'" in ended.err


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("demo --churn", "--churn belongs to --hold: a scene that is judged comes and goes by itself"),
        ("demo --hold --drive", "--hold and --drive are two things to do: ask for one at a time"),
        ("demo --xpc --transfer", "--xpc and --transfer are two things to do: ask for one at a time"),
        ("demo --platform leak", "--platform plays no SCENARIO: leave leak away"),
        (
            "demo --macos 26 --kernel gnumach",
            "--macos is for the simulated kernel: gnumach answers as what it is",
        ),
        (
            "ledger --frameworks --table",
            "--frameworks belongs to --library: the other answers are the same without it",
        ),
        ("watch 1 --keep x", "--keep is for what an alarm keeps: say by --alarm RATE when one rings"),
        ("watch 1 --readings 5", "--readings is for what an alarm keeps: say by --alarm RATE when one rings"),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(portaudit, command, sentence):
    """Whoever gives it believes that it did something: it says what it belongs to."""
    ended = portaudit(*command.split())

    assert (ended.status, ended.out, ended.err) == (2, "", f"portaudit: {sentence}\n")


def test_a_defect_asks_to_be_reported(portaudit, sound, monkeypatch):
    """An exception that nobody foresaw exits 70 with the lines to report."""

    def broken(*_arguments, **_options):
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(show, "render_view", broken)
    ended = portaudit("show", sound)

    assert ended.status == 70
    assert "this is a defect in portaudit" in ended.err
    assert "ZeroDivisionError: planted" in ended.err
