"""Archives that somebody sent: read without unpacking, refused in one sentence if they are none."""

import gzip
import io
import tarfile
import tracemalloc
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portaudit.errors import SnapshotFileError
from portaudit.evidence.archive import FIRST, LARGEST, read_archive, write_archive
from portaudit.model.evidence import Answer, Evidence, Tried

EVIDENCE = Evidence(
    "0.1.0", "2026-11-27", {"macOS": "26.1"}, (Tried("a", "the probe", "it holds", Answer.YES, "seen"),)
)


@pytest.fixture
def archive(tmp_path):
    """An archive as it is written."""
    path = tmp_path / "evidence.tar.gz"
    write_archive(path, EVIDENCE, {"raw/a.txt": "$ true\nexit 0\n"})
    return path


def packed(path, name, data, **fields):
    """Write an archive with one member."""
    with tarfile.open(path, "w:gz") as tar:
        member = tarfile.TarInfo(name)
        member.size = len(data)
        for field, value in fields.items():
            setattr(member, field, value)
        tar.addfile(member, io.BytesIO(data))
    return path


def test_what_is_written_is_read(archive):
    """The same values come back."""
    assert read_archive(str(archive)) == EVIDENCE


def test_the_same_evidence_gives_the_same_bytes(archive, tmp_path):
    """Neither time nor name nor owner is in it."""
    again = tmp_path / "again.tar.gz"
    write_archive(again, EVIDENCE, {"raw/a.txt": "$ true\nexit 0\n"})

    assert again.read_bytes() == archive.read_bytes()
    with tarfile.open(archive) as tar:
        assert {(member.uid, member.gid, member.uname, member.gname, member.mtime) for member in tar} == {
            (0, 0, "", "", 0)
        }


@pytest.mark.parametrize(
    ("name", "data", "fields", "said"),
    [
        ("other.json", b"{}", {}, "holds no evidence.json of ours at its beginning"),
        (FIRST, b"", {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"}, "holds no evidence.json"),
        (FIRST, b" " * (LARGEST + 1), {}, "holds no evidence.json"),
        (FIRST, b"{", {}, "is damaged evidence"),
        (FIRST, b'{"portaudit_evidence": 2}', {}, "is evidence of format 2; this portaudit reads 1"),
        (FIRST, b'{"portaudit_evidence": 1, "evidence": {"version": 3}}', {}, "is damaged evidence"),
    ],
)
def test_what_is_no_evidence_is_refused(tmp_path, portaudit, name, data, fields, said):
    """Exit 4, and a sentence that names the file and what is wrong."""
    path = packed(tmp_path / "sent.tar.gz", name, data, **fields)
    ended = portaudit("doctor", "--read", path)

    assert (ended.status, ended.out) == (4, "")
    assert str(path) in ended.err
    assert said in ended.err


@pytest.mark.parametrize("data", [b"", b"no archive", gzip.compress(b"no tar", mtime=0)])
def test_other_files_are_refused(tmp_path, portaudit, data):
    """Neither text nor an empty file is taken for an archive, and none ends in a traceback."""
    path = tmp_path / "sent"
    path.write_bytes(data)

    assert portaudit("doctor", "--read", path).status == 4
    assert portaudit("doctor", "--read", tmp_path / "absent").status == 4


def test_headers_that_promise_too_much_are_not_believed(tmp_path, portaudit):
    """An extended header of a hundred megabytes of nothing is not unpacked."""
    path = tmp_path / "sent.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        member = tarfile.TarInfo("x")
        member.type, member.size = tarfile.XHDTYPE, 100 << 20
        tar.addfile(member, io.BytesIO(bytes(100 << 20)))
    tracemalloc.start()
    ended = portaudit("doctor", "--read", path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert ended.status == 4
    assert peak < 40 << 20


@given(cut=st.integers(0, 400), flip=st.integers(0, 400))
def test_damage_is_told_or_harmless(tmp_path_factory, cut, flip):
    """A cut or changed archive gives the evidence or a refusal, and nothing else."""
    path = tmp_path_factory.getbasetemp() / "damaged.tar.gz"
    write_archive(path, EVIDENCE, {"raw/a.txt": "x" * 200})
    data = bytearray(path.read_bytes())
    data[flip % len(data)] ^= 0x55
    path.write_bytes(bytes(data[: len(data) - cut % len(data)]))
    with suppress(SnapshotFileError):
        assert read_archive(str(path)).tried[0].id


def test_hostile_words_are_spelled(tmp_path, portaudit):
    """Control characters of an archive never reach a terminal."""
    hostile = Tried("a", "\x1b[2Jthe probe", "it \x07 holds", Answer.NO, "\x1b]0;x\x07")
    path = tmp_path / "e.tar.gz"
    write_archive(path, Evidence("\x1b", "\x1b", {"\x1b": "\x1b"}, (hostile,)), {})
    for form in ("table", "json"):
        ended = portaudit("doctor", "--read", path, "--format", form)
        assert ended.status == 0
        assert not set(ended.out) & set(map(chr, (*range(10), *range(11, 32), 127)))
