"""At every door: what was not read is not judged. Each kind of damage has its status and its sentence."""

import gzip
import json
import os
import re
from dataclasses import replace

import pytest

from portaudit.api import PortsOutOfBalance, audit
from portaudit.auditing import block
from portaudit.auditing.snapshot import take_snapshot
from portaudit.model.finding import Outcome
from portaudit.render import Format
from tests.collect.lsmp.prints import bytes_of
from tests.staged import served
from tests.torn_lsmp import SETS, TORN, WHOLE, put_in_place

UNDECIDED, DAMAGED = 3, 4
PID = str(os.getpid())
MANY = bytes_of("xfer_leak_release", "txt")
LAST = MANY.rindex(b"\nProcess (") + 1
PACKED = gzip.compress(WHOLE["txt"])
DOUBTS = {
    "lines left out": "rows behind a place where lines were left out",
    "a line not understood": "lines of its table that were not understood: 1",
    "totals missing": "lsmp's totals are missing: rows may be missing too",
    "totals that do not add up": "lsmp counted total = 10, and 9 were read",
    "JSON cut off": "lsmp's totals are missing: rows may be missing too",
    "JSON without a row": "lsmp counted total = 10, and 9 were read",
}
"""Kind -> what is said of it."""

FILES = {
    **{
        name: (torn, WHOLE["json" if name.startswith("JSON") else "txt"], DOUBTS[name])
        for name, torn in TORN.items()
    },
    "a member of a set without its row": (SETS, SETS, "listed only as a member of a port set"),
    "a process without its table": (
        MANY[: MANY.index(b"\n", LAST) + 1],
        MANY,
        "announced, and their tables are not there",
    ),
    "processes left out": (MANY[:LAST] + b"[...]\n" + MANY[LAST:], MANY, "processes may be missing"),
}
DAMAGE = {
    "gzip ended early": (PACKED[:-30], "the packed data is cut off"),
    "gzip ended in its trailer": (PACKED[:-3], "the packed data is cut off"),
    "bytes behind the last member of gzip": (PACKED + PACKED + b"more", "stands something else"),
    "one name twice": (re.sub(rb"0x000003\d\d", b"0x00000107", WHOLE["txt"]), "has the name 0x107 twice"),
}


@pytest.fixture
def pair(tmp_path):
    """Give a function that writes a torn and a whole print, and gives their names."""

    def write(torn, whole):
        paths = [tmp_path / "torn", tmp_path / "whole"]
        for path, data in zip(paths, (torn, whole), strict=True):
            path.write_bytes(data)
        return paths

    return write


def words_of(ended):
    """Give what was told, in one line, without what formats put around words."""
    return re.sub(r"[\s|>]+", " ", ended.out + ended.err).replace("&#39;", "'").replace("&#x27;", "'")


@pytest.mark.parametrize("form", [str(form) for form in Format])
@pytest.mark.parametrize("kind", FILES)
def test_diff_is_undecided(portaudit, pair, kind, form):
    """In each format, whichever side is incomplete, and both: exit 3 with the reason, and no balance."""
    torn, whole, sentence = FILES[kind]
    torn, whole = pair(torn, whole)
    both_orders = ((torn, whole), (torn, torn)) if form == Format.TABLE else ()

    for sides in ((whole, torn), *both_orders):
        ended = portaudit("diff", "--no-config", "--format", form, *sides)
        assert (ended.status, sentence in words_of(ended)) == (UNDECIDED, True)
        assert "BALANCED" not in ended.out


@pytest.mark.parametrize("kind", FILES)
def test_other_doors_of_files_carry_it_on(portaudit, pair, tmp_path, kind):
    """A baseline is undecided, `show` tells it, and what `import` has written is as incomplete as before."""
    torn, whole, sentence = FILES[kind]
    torn, whole = pair(torn, whole)
    imported = tmp_path / "imported.json"

    baseline = portaudit("baseline", "--no-config", whole, torn, "-o", tmp_path / "baseline.json")
    shown = [portaudit("show", "--format", form, torn) for form in ("table", "json")]
    brought = portaudit("import", torn, "-o", imported)
    judged = portaudit("diff", "--no-config", whole, imported)
    assert (baseline.status, brought.status, judged.status) == (UNDECIDED, 0, UNDECIDED)
    assert all(sentence in words_of(ended) for ended in (*shown, judged))


@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_is_refused_at_every_door_of_files(portaudit, pair, tmp_path, kind):
    """What cannot be a reading at all ends with status 4 and one sentence that says what is wrong."""
    torn, sentence = DAMAGE[kind]
    torn, whole = pair(torn, WHOLE["txt"])
    doors = (
        ("diff", "--no-config", whole, torn),
        ("diff", "--no-config", torn, whole),
        ("show", torn),
        ("import", torn, "-o", tmp_path / "imported.json"),
        ("baseline", "--no-config", whole, torn, "-o", tmp_path / "baseline.json"),
        ("decode", "0x2000020000002703", "--in", torn),
    )

    for door in doors:
        ended = portaudit(*door)
        assert (ended.status, ended.out, sentence in ended.err) == (DAMAGED, "", True), door


@pytest.fixture(scope="module")
def kernel():
    """A simulated kernel in a process of its own: another program reads, but an audit opens one."""
    with served() as name:
        yield name


@pytest.fixture
def torn_when(tmp_path, monkeypatch):
    """Give a function that puts an lsmp in place whose print is torn once the file that it gives is there."""
    monkeypatch.chdir(tmp_path)

    def place(kind):
        put_in_place(monkeypatch, TORN[kind], tmp_path / "torn")
        return tmp_path / "torn"

    return place


LIVE = ("--way", "lsmp", "--settle", "0", "--extension", PID)
TOUCH = ("touch", "torn")


@pytest.mark.parametrize("kind", TORN)
def test_a_run_is_undecided(portaudit, torn_when, kind):
    """The reading after the trigger is incomplete: exit 3, with the reason."""
    torn_when(kind)
    ended = portaudit("run", *LIVE, "--", *TOUCH)

    assert (ended.status, DOUBTS[kind] in words_of(ended)) == (UNDECIDED, True), words_of(ended)


@pytest.mark.parametrize("kind", TORN)
def test_a_check_is_undecided(portaudit, torn_when, tmp_path, kind):
    """No check passes on a reading that is incomplete."""
    torn_when(kind)
    (tmp_path / "portaudit.toml").write_text(
        '[check.torn]\nkernel = "simulated"\nspawn = "sleep 60"\n'
        'way = "lsmp"\nsettle = 0\nrepeat = "1"\ntrigger = "touch torn"\n'
    )
    ended = portaudit("check")

    assert (ended.status, DOUBTS[kind] in words_of(ended)) == (UNDECIDED, True), words_of(ended)


@pytest.mark.parametrize("kind", TORN)
def test_a_watch_counts_no_incomplete_reading(portaudit, torn_when, kind):
    """Its rows are neither lost nor gained at the next one, and the watch ends undecided, with the reason."""
    torn_when(kind).touch()
    ended = portaudit("watch", PID, "--way", "lsmp", "--looks", "2", "--interval", "0.01", "--format", "json")

    last = json.loads(ended.out.splitlines()[-1])
    assert (ended.status, last["readings"], last["classes"]) == (UNDECIDED, 0, [])
    assert DOUBTS[kind] in last["left_out"]


@pytest.mark.parametrize("kind", TORN)
def test_an_audited_block_does_not_pass(torn_when, kernel, kind):
    """The library: undecided, `passes` is false, and `check` raises the report."""
    place = torn_when(kind)
    with audit(extension=PID, way="lsmp", settle=0, kernel=kernel) as audited:
        place.touch()

    assert (audited.report.outcome, audited.passes()) == (Outcome.UNDECIDED, False)
    with pytest.raises(PortsOutOfBalance, match="(?s)UNDECIDED.*" + re.escape(DOUBTS[kind][:20])):
        audited.check()


def test_a_marked_test_fails_on_an_incomplete_reading(pytester, monkeypatch):
    """The plugin: no test passes whose port rights could not be read as a whole."""

    def torn(*arguments):
        read = take_snapshot(*arguments)
        tasks = tuple(replace(task, gaps=("rows may be missing",)) for task in read.tasks)
        return replace(read, tasks=tasks)

    monkeypatch.setattr(block, "take_snapshot", torn)
    pytester.makepyfile("import pytest\n@pytest.mark.port_balance\ndef test_it():\n    pass\n")
    result = pytester.runpytest("--portaudit-kernel", "simulated")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*UNDECIDED*", "*rows may be missing*"])
