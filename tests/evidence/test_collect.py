"""All claims tried on a played Mac, packed, and read again."""

import json
import signal
import subprocess
import sys
import tarfile
import time

import psutil
import pytest

from portaudit.evidence import about
from portaudit.evidence.about import ROWS
from portaudit.evidence.archive import read_archive
from portaudit.evidence.claim import Claim, Seen
from portaudit.evidence.collect import CLAIMS, collect
from portaudit.evidence.scene import NotTriedError
from portaudit.evidence.system import SUITES
from portaudit.model.evidence import Answer
from tests.evidence.conftest import ROOT, played
from tests.evidence.fill_readme import rows
from tests.test_documentation import README

pytestmark = pytest.mark.whole

LONG = ("demo/", "xpc/", "suite/", "where/")
A_FEW = {"demo/clean/user", "demo/leak/root"}
CHOSEN = [claim for claim in CLAIMS if not claim.id.startswith(LONG) or claim.id in A_FEW]
SHUT = {f"door/{kind}/{who}" for kind in ("apple", "python") for who in ("user", "root", "signed")}


@pytest.fixture(scope="module")
def collected(tools, tmp_path_factory):
    """What came of most claims, and where it lies."""
    heard: list[str] = []
    with played(tools, tmp_path_factory.mktemp("m")) as scene:
        path, evidence = collect(tmp_path_factory.mktemp("out"), scene, heard.append, CHOSEN)
    assert heard == [claim.sentence for claim in CHOSEN]
    return path, evidence


def test_a_mac_answers_every_claim(collected, portaudit):
    """On the played Mac all is yes, but the doors that are shut there, and the archive says the same."""
    path, evidence = collected
    answers = {one.id: one.answer for one in evidence.tried}

    assert answers == {one.id: Answer.NO if one.id in SHUT else Answer.YES for one in CHOSEN}
    assert evidence.machine | {"architecture": "?", "Python": "?", "system": "?"} == {
        "kernel": "simulated",
        "system": "?",
        "architecture": "?",
        "Python": "?",
        "asked by": "a user",
        "root asked": "yes",
        "macOS": "26.1",
        "SIP": "System Integrity Protection status: enabled.",
        "developer mode": "Developer mode is currently enabled.",
        "build": "25B78",
        "model": "Mac16,1",
        "Python's signature": "CodeDirectory v=20500 flags=0x2(adhoc)",
    }
    assert read_archive(str(path)) == evidence
    shown = json.loads(portaudit("doctor", "--read", path, "--format", "json").out)
    assert shown["format"] == "portaudit-evidence/1"
    assert {one["id"]: one["answer"] for one in shown["tried"]} == answers


def test_the_archive_keeps_what_was_seen(collected):
    """Behind the table lie the commands with what they said, and the readings."""
    path, _ = collected
    with tarfile.open(path) as tar:
        names = tar.getnames()

    assert names[0] == "evidence.json"
    assert {"raw/start.txt", "raw/door-ad-hoc-root.txt", "raw/guard-report.txt"} <= set(names)
    readings = {"readings/lsmp-root.json", "readings/read-port.json", "readings/record-hardened.json"}
    assert readings <= set(names)
    assert "raw/launchd-parents.txt" not in names  # which programs somebody runs is nobody's business


def test_a_claim_that_breaks_stops_no_other(scene, tmp_path):
    """A defect and an obstacle are no answer: not tried, with the reason."""

    def broken(_scene):
        raise ZeroDivisionError("nothing to divide")

    def impossible(_scene):
        raise NotTriedError("no such thing here")

    claims = [
        Claim("a", "the probe", "one breaks", broken),
        Claim("b", "the probe", "one cannot be tried", impossible),
        Claim("c", "the probe", "one holds", lambda _scene: Seen(holds=True, words="seen")),
    ]
    _, evidence = collect(tmp_path, scene, lambda _sentence: None, claims)

    assert [(one.id, one.answer, one.seen) for one in evidence.tried] == [
        ("a", Answer.NOT_TRIED, "a defect of portaudit: ZeroDivisionError('nothing to divide')"),
        ("b", Answer.NOT_TRIED, "no such thing here"),
        ("c", Answer.YES, "seen"),
    ]


def test_without_tools_nothing_is_claimed(scene, tmp_path):
    """A machine without Apple's programs answers what its kernel can, and says what is missing."""
    scene.tools = {}
    _, evidence = collect(tmp_path, scene, lambda _sentence: None, CHOSEN)
    not_tried = {one.id: one.seen for one in evidence.tried if one.answer is Answer.NOT_TRIED}

    assert not_tried["door/ad-hoc/user"] == "cc is not here"
    assert not_tried["demo/leak/root"] == "sudo is not here"
    assert not_tried["launchd/parents"] == "ps is not here"
    assert {one.id for one in evidence.tried if one.answer is Answer.YES} >= {"own-space", "footprint"}


def test_who_asks_is_told(scene):
    """Without --sudo root is not asked; as root the user is not, for root's answers are not a user's."""
    claims = {claim.id: claim for claim in CLAIMS}
    scene.sudo = False
    with pytest.raises(NotTriedError, match="root was not asked: give --sudo"):
        claims["demo/clean/root"].attempt(scene)
    scene.is_root = True
    with pytest.raises(NotTriedError, match="this is root: run it as a user"):
        claims["demo/clean/user"].attempt(scene)


def test_nothing_that_was_started_is_left(scene, tmp_path):
    """The targets end with the collection."""
    collect(tmp_path, scene, lambda _sentence: None, [])

    pids = [target.pid for target in scene.targets.values()]
    assert len(pids) == 6
    assert not any(map(psutil.pid_exists, pids))


def test_targets_end_with_who_started_them(scene):
    """Also where that was killed and could not see to it."""
    started = subprocess.run(
        [sys.executable, "-c", KILLED, str(scene.folder), scene.kernel, json.dumps(scene.tools)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    pids = json.loads(started.stdout)
    assert (started.returncode, len(pids)) == (-signal.SIGKILL, 6)

    deadline = time.monotonic() + 10
    while any(map(psutil.pid_exists, pids)):
        assert time.monotonic() < deadline
        time.sleep(0.02)


KILLED = """
import json, os, signal, sys
from pathlib import Path
from portaudit.evidence.cast import cast
from portaudit.evidence.scene import Scene
scene = Scene(Path(sys.argv[1]), sys.argv[2], tools=json.loads(sys.argv[3]), is_root=False)
with cast(scene):
    print(json.dumps([target.pid for target in scene.targets.values()]), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_each_claim_has_an_id_of_its_own_and_a_row_in_the_readme():
    """What a volunteer sends can be entered: every claim speaks for a row of the README's table."""
    table = rows(README)

    assert len({claim.id for claim in CLAIMS}) == len(CLAIMS)
    assert [row for row in table if row in ROWS] == list(ROWS)
    assert {claim.about for claim in CLAIMS} == set(ROWS)


def test_each_row_that_a_mac_could_answer_has_a_claim():
    """What the README says of no Mac yet is what an archive can say; the tests that a row names are there."""
    last = {row: cells[-1].strip("*") for row, (_, cells) in rows(README).items()}
    open_rows = [row for row, said in last.items() if said.startswith("not ") and said != "not needed"]

    assert set(open_rows) - set(ROWS) == set()
    assert [path for _, paths in SUITES.values() for path in paths if not (ROOT / path).exists()] == []
    commands = {row: cells[2] for row, (_, cells) in rows(README).items() if row in ROWS}
    named = {row: [path for path in paths if path in commands[row]] for row, paths in SUITES.values()}
    assert {row: list(paths) for row, paths in SUITES.values() if row != about.SIMULATOR} == {
        row: paths for row, paths in named.items() if row != about.SIMULATOR
    }
