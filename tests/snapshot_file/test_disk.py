"""Where bytes go: into files in one step, into devices and pipes as they are, through no link."""

import os
import stat
import threading

import pytest

from portaudit.errors import UsageError
from portaudit.snapshot_file import read_bytes, write_bytes


def test_a_file_is_replaced_and_is_the_owners_alone(tmp_path):
    """The old file is gone, the new one has mode 0600, and nothing else lies beside it."""
    path = tmp_path / "snapshot.json"
    path.write_text("old")
    path.chmod(0o644)

    write_bytes(str(path), b"new")

    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o600)
    assert list(tmp_path.iterdir()) == [path]


def test_a_packed_file_is_read_as_it_was_written(tmp_path):
    """What is called .gz is packed, and read by content."""
    path = str(tmp_path / "snapshot.json.gz")
    write_bytes(path, b"new")

    assert read_bytes(path) == b"new"


def test_a_device_is_written_to_and_stays_a_device(tmp_path):
    """Whoever names the null device as root still has one afterwards."""
    device = tmp_path / "null"
    device.symlink_to(os.devnull)

    write_bytes(str(device), b"new")

    assert device.is_symlink()
    assert device.is_char_device()


def test_a_pipe_gets_the_bytes(tmp_path):
    """A named pipe, as a shell's process substitution has, is written to."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()

    write_bytes(str(pipe), b"new")
    reader.join(10)

    assert (got, pipe.is_fifo()) == ([b"new"], True)


@pytest.mark.parametrize("there", [True, False])
def test_a_symbolic_link_is_refused(tmp_path, there):
    """A link that somebody planted leads root to no file of another."""
    precious, link = tmp_path / "precious", tmp_path / "link"
    if there:
        precious.write_text("old")
    link.symlink_to(precious)

    with pytest.raises(UsageError) as error:
        write_bytes(str(link), b"new")

    assert str(error.value) == (
        f"{link} cannot be written: it is a symbolic link; name the file itself, or - for standard output; "
        "nothing was changed"
    )
    assert (link.is_symlink(), precious.exists()) == (True, there)
    assert not there or precious.read_text() == "old"
