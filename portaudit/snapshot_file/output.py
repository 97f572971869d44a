"""Where bytes go: the one door to every file that portaudit writes.

It may run as root in a folder where others make names. So a name is never followed and never cut down: a
file is made beside it and takes its place; what is no file is opened once, and looked at before it is
written to.
"""

import errno
import fcntl
import os
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from portaudit.errors import UsageError
from portaudit.harmless import in_json
from portaudit.trust import give_to_caller, trusted_users

READER_SECONDS = 10.0
"""How long a named pipe waits for somebody who reads it."""
LOOK_SECONDS = 0.02

ONLY_OURS = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
AS_IT_IS = os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
A_LINK = "it is a symbolic link; name the file itself, or - for standard output"
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def write_bytes(path: str, data: bytes) -> None:
    """Write a file in one step, mode 0600, packed if it is called .gz; `-` is standard output.

    The data goes to a temporary file beside it, to the disk, and then takes the name: whoever reads
    sees the old file or the new one. A terminal, a null device or a pipe is written to, and never replaced,
    if it belongs to root or to the user; a symbolic link is refused, unless it leads there from a folder
    that nobody else writes to. Raises UsageError, and leaves the old file, if it cannot.
    """
    if path == "-":
        sys.stdout.buffer.write(in_json(data.decode()).encode())
        sys.stdout.buffer.flush()
        return
    packed = _pack(data) if path.endswith(".gz") else data
    with _said(path, "nothing was changed"), _folder(path) as (folder, name):
        _put(folder, name, packed)


def write_new(path: str, data: bytes) -> None:
    """Write a file that is not there yet, with the mode that the user's umask gives.

    Raises FileExistsError if there is anything of that name, UsageError, and leaves nothing behind, if it
    cannot be written.
    """
    with (
        _said(path, "nothing is left of it"),
        _folder(path) as (folder, name),
        _temporary(folder, data, 0o666) as temporary,
    ):
        # Taken when all of it is on the disk; a link would be one step, but FAT has none
        os.close(os.open(name, ONLY_OURS, 0o600, dir_fd=folder))
        os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)


def make_folder(path: Path) -> Path:
    """Make a folder for files, with those above it, and give it; one that is there is taken.

    Raises UsageError if it cannot be made, or if somebody else has made a link of its name.
    """
    new = not path.exists()
    try:
        path.mkdir(parents=True, exist_ok=True)
        found = path.lstat()
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be made: {_reason(error)}") from error
    if stat.S_ISLNK(found.st_mode) and found.st_uid not in trusted_users():
        raise UsageError(f"{path} is a link that user {found.st_uid} made; name the folder itself")
    if new:
        with suppress(OSError), _folder(str(path / "any")) as (descriptor, _):
            give_to_caller(descriptor, path.parent.stat())
    return path


@contextmanager
def held_folder(path: Path) -> Iterator[None]:
    """Make a folder for files and hold it, so that no other process's are mixed with them.

    It is free when the block ends, and when this process does, however it ends. A folder that was made for it
    and is empty then goes. Where a file system knows no locks nothing is held. Raises UsageError if another
    process holds it, and as make_folder does.
    """
    new = not path.exists()
    descriptor = _held(path)
    try:
        yield
    finally:
        if new:
            with suppress(OSError):
                path.rmdir()
        os.close(descriptor)


def _held(path: Path) -> int:
    while True:
        make_folder(path)
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise UsageError(f"{path} cannot be opened: {_reason(error)}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise UsageError(
                f"another run puts its files into {path}: wait for its end, or name another folder"
            ) from None
        except OSError:
            return descriptor
        if _leads_to(path, descriptor):
            return descriptor
        os.close(descriptor)  # its holder has just removed it


def _leads_to(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except OSError:
        return False


@contextmanager
def _said(path: str, state: str) -> Iterator[None]:
    try:
        yield
    except FileExistsError:
        raise
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be written: {_reason(error)}; {state}") from error


def _reason(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or str(error)


@contextmanager
def _folder(path: str) -> Iterator[tuple[int, str]]:
    """Open the folder once: what follows happens in it, whatever becomes of its name meanwhile."""
    parent, name = os.path.split(path)
    if name in {"", os.curdir, os.pardir}:
        raise IsADirectoryError(errno.EISDIR, "it is a directory")
    folder = os.open(parent or os.curdir, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield folder, name
    finally:
        os.close(folder)


def _put(folder: int, name: str, data: bytes) -> None:
    mode = _mode(folder, name)
    if mode is None or stat.S_ISREG(mode):
        _replace(folder, name, data)
    elif stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "it is a directory")
    elif stat.S_ISLNK(mode) and not _is_private(folder):
        raise OSError(errno.ELOOP, A_LINK)
    else:
        _fill(_opened(folder, name, follow=stat.S_ISLNK(mode)), data, sync=False)


def _mode(folder: int, name: str) -> int | None:
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return None


def _is_private(folder: int) -> bool:
    found = os.fstat(folder)
    return found.st_uid in trusted_users() and not found.st_mode & OTHERS_WRITE


def _opened(folder: int, name: str, *, follow: bool) -> int:
    """Open what is no file, as it is. What the name leads to now may be anything: it is looked at first."""
    descriptor = _open_for_reader(folder, name, AS_IT_IS | (0 if follow else os.O_NOFOLLOW))
    try:
        _check(os.fstat(descriptor))
        os.set_blocking(descriptor, True)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _open_for_reader(folder: int, name: str, flags: int) -> int:
    deadline = time.monotonic() + READER_SECONDS
    while True:
        try:
            return os.open(name, flags, dir_fd=folder)
        except FileNotFoundError as error:
            raise OSError(errno.ELOOP, A_LINK) from error
        except OSError as error:
            if error.errno != errno.ENXIO or time.monotonic() > deadline:
                raise
        time.sleep(LOOK_SECONDS)


def _check(found: os.stat_result) -> None:
    if stat.S_ISREG(found.st_mode):
        raise OSError(errno.ELOOP, A_LINK)
    if not (stat.S_ISFIFO(found.st_mode) or stat.S_ISCHR(found.st_mode)):
        raise OSError(errno.EINVAL, "it is no file, no pipe and no terminal")
    if found.st_uid not in trusted_users():
        raise PermissionError(errno.EPERM, f"it belongs to user {found.st_uid}, neither root nor you")


def _pack(data: bytes) -> bytes:
    import gzip

    return gzip.compress(data, compresslevel=6, mtime=0)


def _replace(folder: int, name: str, data: bytes) -> None:
    with _temporary(folder, data, 0o600) as temporary:
        os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)


@contextmanager
def _temporary(folder: int, data: bytes, mode: int) -> Iterator[str]:
    """Lend a whole file beside the one that is meant; nothing of this name is left."""
    temporary = f".portaudit-{os.urandom(8).hex()}"
    descriptor = os.open(temporary, ONLY_OURS, mode, dir_fd=folder)
    try:
        give_to_caller(descriptor, os.fstat(folder))
        _fill(descriptor, data)
        yield temporary
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=folder)


def _fill(descriptor: int, data: bytes, *, sync: bool = True) -> None:
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        if sync:
            os.fsync(file.fileno())
