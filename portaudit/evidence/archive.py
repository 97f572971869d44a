"""The archive: what was tried, first, and behind it what the programs said and the readings themselves.

Reading never unpacks: the first member alone is looked at, and must be what it says.
"""

import gzip
import io
import tarfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from portaudit.errors import SnapshotFileError
from portaudit.model.evidence import Evidence
from portaudit.snapshot_file import write_bytes
from portaudit.trust import open_regular

FORMAT = 1
FIRST = "evidence.json"
LARGEST = 4 << 20
"""Bytes of the first member."""
HEADERS = 64 << 10
"""Bytes that may stand before it."""


class Document(msgspec.Struct, forbid_unknown_fields=False):
    """What the first member holds."""

    portaudit_evidence: int
    evidence: Evidence


def write_archive(path: Path, evidence: Evidence, files: Mapping[str, str]) -> None:
    """Write an archive: nothing in it tells who wrote it or when, but what the texts say."""
    document = msgspec.json.format(msgspec.json.encode(Document(FORMAT, evidence)), indent=1)
    archive = io.BytesIO()
    # A tar header would name the owner
    with tarfile.open(fileobj=archive, mode="w") as tar:
        _add(tar, FIRST, document)
        for name, text in files.items():
            _add(tar, name, text.encode(errors="backslashreplace"))
    write_bytes(str(path), archive.getvalue())


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(data), 0o644
    tar.addfile(member, io.BytesIO(data))


def read_archive(path: str) -> Evidence:
    """Read what was tried. Raises SnapshotFileError, naming the file, if it is no archive of evidence."""
    try:
        # No more is unpacked than the first member may have, whatever its headers promise
        with open_regular(path) as file, gzip.open(file) as packed:
            beginning = packed.read(LARGEST + HEADERS)
        with tarfile.open(fileobj=io.BytesIO(beginning), mode="r:") as tar:
            return _decoded(_first(tar, path), path)
    except (tarfile.TarError, EOFError, OSError, ValueError, OverflowError, zlib.error) as error:
        raise SnapshotFileError(f"{path} cannot be read as an archive of evidence: {error}") from error


def _first(tar: tarfile.TarFile, path: str) -> bytes:
    first = tar.next()
    if first is None or first.name != FIRST or not first.isreg() or first.size > LARGEST:
        raise SnapshotFileError(f"{path} holds no {FIRST} of ours at its beginning: it is no evidence")
    member = tar.extractfile(first)
    return member.read() if member else b""


def _decoded(data: bytes, path: str) -> Evidence:
    try:
        number = msgspec.json.decode(data, type=_Numbered).portaudit_evidence
        if number != FORMAT:
            raise SnapshotFileError(f"{path} is evidence of format {number}; this portaudit reads {FORMAT}")
        return msgspec.json.decode(data, type=Document).evidence
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise SnapshotFileError(f"{path} is damaged evidence: {error}") from error


class _Numbered(msgspec.Struct):
    portaudit_evidence: int
