"""Inputs without end and bombs: a sentence that names the limit, soon, and little memory."""

import gzip
import os
import resource
import subprocess
import sys
import time

import pytest

from portaudit.errors import SnapshotFileError, UsageError
from portaudit.snapshot_file import read_bytes

MIB = 1 << 20
ENDLESS = "import os\nwhile True: os.write(1, b'y' * 65536)"
SENTENCE = "{} {} more than {} MiB, which is the limit; set PORTAUDIT_INPUT_MAX to more if it shall be read"


@pytest.fixture
def bomb(tmp_path):
    """A megabyte that unpacks to a gigabyte."""
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(b"\0" * MIB, mtime=0) * 1024)
    return path


def test_a_bomb_goes_off_nowhere(bomb):
    """A packed file is unpacked to the limit, and no further."""
    with pytest.raises(SnapshotFileError) as caught:
        read_bytes(str(bomb))

    assert str(caught.value) == SENTENCE.format(bomb, "unpacks to", 128)


@pytest.mark.parametrize("command", ["show", "decode"])
def test_a_bomb_takes_neither_time_nor_memory(bomb, command):
    """The whole command takes seconds, and less than half a gigabyte.

    Linux hands ru_maxrss on from whoever started a program, so the program's own peak is read.
    """
    code = (
        "import pathlib, re, resource, sys; from portaudit.__main__ import run\n"
        "status = run(sys.argv[1:])\n"
        "own = pathlib.Path('/proc/self/status')\n"
        "most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10\n"
        "print(re.search(r'VmHWM:\\s+(\\d+)', own.read_text())[1] if own.exists() else most)\n"
        "sys.exit(status)"
    )
    begun = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-c", code, command, str(bomb)], capture_output=True, text=True, check=False
    )

    assert (ended.returncode, ended.stderr) == (4, f"portaudit: {SENTENCE.format(bomb, 'unpacks to', 128)}\n")
    assert int(ended.stdout) << 10 < 512 * MIB
    assert time.monotonic() - begun < 10


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/zero has an end nowhere, but RLIMIT_AS is Linux's")
def test_an_endless_file_ends_at_the_limit():
    """A device that never ends is read to the limit."""
    with pytest.raises(SnapshotFileError) as caught:
        read_bytes("/dev/zero")

    assert str(caught.value) == SENTENCE.format("/dev/zero", "is", 128)


def test_endless_standard_input_ends_at_the_limit():
    """So is a pipe that never ends."""
    with subprocess.Popen([sys.executable, "-c", ENDLESS], stdout=subprocess.PIPE) as endless:
        ended = subprocess.run(
            [sys.executable, "-m", "portaudit", "show", "-"],
            stdin=endless.stdout, capture_output=True, text=True, check=False,
        )  # fmt: skip
        endless.kill()

    assert (ended.returncode, ended.stderr) == (4, f"portaudit: {SENTENCE.format('-', 'is', 128)}\n")


def test_the_limit_can_be_raised_and_lowered(tmp_path, monkeypatch):
    """PORTAUDIT_INPUT_MAX counts MiB, of what is packed and of what it unpacks to."""
    path = tmp_path / "file"
    path.write_bytes(b"x" * (MIB + 1))
    monkeypatch.setenv("PORTAUDIT_INPUT_MAX", "1")
    with pytest.raises(SnapshotFileError, match="is more than 1 MiB"):
        read_bytes(str(path))

    monkeypatch.setenv("PORTAUDIT_INPUT_MAX", "2")
    assert len(read_bytes(str(path))) == MIB + 1


@pytest.mark.parametrize("told", ["-1", "much", "9" * 5000, "1.5", "²"])
def test_a_limit_that_is_no_number_is_said(tmp_path, monkeypatch, told):
    """A limit that says nothing is wrong usage, and no limit is left away."""
    monkeypatch.setenv("PORTAUDIT_INPUT_MAX", told)

    with pytest.raises(UsageError, match="PORTAUDIT_INPUT_MAX is a number of MiB such as 128"):
        read_bytes(str(tmp_path / "file"))


def test_too_little_memory_is_a_sentence(tmp_path):
    """A file that does not fit into memory is unreadable, and no defect."""
    path = tmp_path / "large.json"
    path.write_bytes(b" " * (100 * MIB))

    def little():
        resource.setrlimit(resource.RLIMIT_AS, (150 * MIB, 150 * MIB))

    ended = subprocess.run(
        [sys.executable, "-m", "portaudit", "show", str(path)],
        capture_output=True, text=True, check=False, preexec_fn=little,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip

    assert ended.returncode in (3, 4), ended.stderr
    assert "memory" in ended.stderr
    assert "Traceback" not in ended.stderr
