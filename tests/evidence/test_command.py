"""`doctor --evidence` and `--read`: what a volunteer types, and what is printed anywhere."""

import pytest

from portaudit.evidence import about
from portaudit.evidence.about import ROWS
from portaudit.evidence.archive import write_archive
from portaudit.evidence.claim import Claim, Seen
from portaudit.model.evidence import Answer, Evidence, Tried
from tests.evidence.fill_readme import filled, rows
from tests.test_documentation import README

TABLE = """\
Evidence of portaudit 0.1.0, taken 2026-11-27
macOS  26.1
SIP    enabled

the probe: 1 yes, 2 not tried
  yes        it tells the same
               124 rows
  not tried  2 claims: sudo is not here

which processes may be read: 1 no
  no         root reads it
               refused

4 claims: 1 yes, 1 no, 2 not tried
"""
TRIED = (
    Tried("a", "the probe", "it tells the same", Answer.YES, "124 rows"),
    Tried("b", "which processes may be read", "root reads it", Answer.NO, "refused"),
    Tried("c", "the probe", "root does", Answer.NOT_TRIED, "sudo is not here"),
    Tried("d", "the probe", "root does too", Answer.NOT_TRIED, "sudo is not here"),
)


def test_the_table_is_told_by_the_readmes_rows(tmp_path, portaudit):
    """Which machine, then row by row what held, what did not, and why the rest was not tried."""
    path = tmp_path / "e.tar.gz"
    write_archive(path, Evidence("0.1.0", "2026-11-27", {"macOS": "26.1", "SIP": "enabled"}, TRIED), {})

    ended = portaudit("doctor", "--read", path)

    assert (ended.status, ended.out, ended.err) == (0, TABLE, "")


def test_the_readmes_column_is_filled_from_archives(tmp_path, portaudit):
    """Each Mac with its answers, what did not hold by its id; a stand-in says nothing of a Mac."""
    tried = (
        Tried("a", about.PROBE, "it tells the same", Answer.YES, "124 rows"),
        Tried("b", about.DOORS, "root | reads it", Answer.NO, "refused"),
        Tried("c", about.LSMP, "it is read", Answer.NOT_TRIED, "sudo is not here"),
    )
    macs = [
        Evidence("0.1.0", "2026-11-27", {"kernel": kernel, "macOS": macos, "architecture": "arm64"}, tried)
        for kernel, macos in (("xnu", "15.4"), ("xnu", "26.1"), ("simulated", "26.1"))
    ]
    paths = [tmp_path / f"{number}.tar.gz" for number in range(len(macs))]
    for path, mac in zip(paths, macs, strict=True):
        write_archive(path, mac, {})
    before, after = rows(README), rows(filled(README, macs))

    ended = portaudit(
        "doctor", "--format", "markdown", *(word for path in paths for word in ("--read", path))
    )
    assert ended.status == 0
    assert [line.split(" | ")[0].removeprefix("| ") for line in ended.out.splitlines()[2:]] == list(ROWS)
    assert "| the probe | macOS 15.4 arm64: 1 yes; macOS 26.1 arm64: 1 yes |\n" in ended.out
    assert f"| {about.LSMP} | not yet |\n" in ended.out
    assert {row: cells[-1] for row, (_, cells) in after.items() if cells != before[row][1]} == {
        about.PROBE: "macOS 15.4 arm64: 1 yes; macOS 26.1 arm64: 1 yes",
        about.DOORS: "macOS 15.4 arm64: 1 no (b); macOS 26.1 arm64: 1 no (b)",
    }
    assert filled(README, macs[2:]) == README


def test_a_volunteer_gets_an_archive_and_the_table(tmp_path, portaudit, monkeypatch):
    """On a machine without Mach the stand-in plays, and that is said; the archive can be read again."""
    claims = (Claim("a", "the probe", "it holds", lambda scene: Seen(holds=True, words=scene.kernel[:9])),)
    monkeypatch.setattr("portaudit.evidence.collect.collect.__defaults__", (claims,))
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("PORTAUDIT_KERNEL", raising=False)

    ended = portaudit("doctor", "--evidence", tmp_path / "out")

    (path,) = (tmp_path / "out").iterdir()
    assert ended.status == 0
    assert "SIMULATED" in ended.err
    assert f"wrote {path}; it names neither you nor this machine" in ended.err
    assert "the probe: 1 yes\n  yes        it holds\n               simulated\n" in ended.out
    assert portaudit("doctor", "--read", path).out == ended.out


def test_a_folder_that_cannot_be_made_is_told(tmp_path, portaudit):
    """Wrong usage, before anything is tried."""
    (tmp_path / "file").write_text("")
    ended = portaudit("doctor", "--evidence", tmp_path / "file" / "out")

    assert (ended.status, ended.out) == (2, "")
    assert "cannot be made: Not a directory" in ended.err


@pytest.mark.parametrize(
    "words",
    [
        ("1", "--read", "x"),
        ("--read", "x", "--evidence", "y"),
        ("1", "--evidence", "y"),
        ("--sudo",),
        ("--format", "markdown"),
        ("--read", "x", "--read", "y", "--format", "json"),
    ],
)
def test_two_questions_at_once_are_wrong_usage(tmp_path, portaudit, monkeypatch, words):
    """Nothing is tried and nothing is written."""
    monkeypatch.chdir(tmp_path)

    assert portaudit("doctor", *words).status == 2
    assert list(tmp_path.iterdir()) == []
