"""Claims about the system around: whose children XPC services are, and what Mach promises on this kernel."""

import re
import sys
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import portaudit
from portaudit.evidence import about
from portaudit.evidence.claim import Claim, Seen
from portaudit.evidence.scene import NotTriedError, Scene
from portaudit.model.way import XNU

SERVICE = re.compile(r"\.(?:xpc|appex)/")
LAUNCHD = "1"
SUITE_SECONDS = 600.0
PASSED, FAILED = 0, 1
"""Exit statuses of pytest."""
RAN = re.compile(r"\b\d+ (?:passed|failed|error)")
"""pytest's last line, unless all was skipped."""
ROOT = Path(portaudit.__file__).parents[1]
SUITES = {
    "simulator": (about.SIMULATOR, ("tests/contract/test_recordings.py",)),
    "other-objects": (about.OTHER_OBJECTS, ("tests/simulator",)),
    "transfers": (about.TRANSFERS, ("tests/analysis/test_audits.py",)),
    "series": (about.RATES, ("tests/cli/test_diff_series.py", "tests/analysis/test_series.py")),
    "causes": (about.CAUSES, ("tests/analysis/causes",)),
    "lsmp": (about.LSMP, ("tests/collect/lsmp",)),
    "probe": (about.PROBE, ("tests/probe",)),
    "ledger": (about.LEDGER, ("tests/ledger",)),
    "recorders": (about.RECORDERS, ("tests/ledger/test_lldb.py",)),
}
"""A row of the README, and the tests that it names."""


def _launchds_children(scene: Scene) -> Seen:
    """Count only: which programs somebody runs is nobody's business."""
    done = scene.run([scene.tool("ps"), "-axo", "ppid=,comm="])
    scene.heard.clear()
    parents = [line.split(None, 1)[0] for line in done.out.splitlines() if SERVICE.search(line)]
    if not parents:
        raise NotTriedError("no XPC service and no app extension runs")
    others = sum(parent != LAUNCHD for parent in parents)
    return Seen(not others, f"{len(parents)} run, {others} have another parent")


def _on_a_mac(scene: Scene, *, tests: tuple[str, ...]) -> Seen:
    if scene.kernel != XNU:
        raise NotTriedError("this is no Mac: `make test` runs these tests")
    return _suite(scene, tests=tests, marker="not gnumach")


def _suite(scene: Scene, *, tests: tuple[str, ...], marker: str) -> Seen:
    """Run some of this project's tests on this machine."""
    missing = [path for path in tests if not (ROOT / path).exists()]
    if missing or find_spec("pytest") is None:
        raise NotTriedError("this is no checkout with its tests: pip install --editable '.[dev]'")
    words = ["-P", "-m", "pytest", "-q", "-m", marker, "-p", "no:cacheprovider", f"--rootdir={ROOT}"]
    done = scene.run([sys.executable, *words, *(str(ROOT / path) for path in tests)], seconds=SUITE_SECONDS)
    told = (done.out.strip().splitlines() or [done.first_words])[-1].strip("= ")
    if done.status not in {PASSED, FAILED} or not RAN.search(told):
        raise NotTriedError(told)
    return Seen(done.status == PASSED, told)


CLAIMS = (
    Claim(
        "launchd/parents",
        about.PARENTS,
        "XPC services and app extensions have launchd as parent",
        _launchds_children,
    ),
    Claim(
        "promises",
        about.PROMISES,
        "the tests of what Mach promises pass on this kernel",
        partial(
            _suite,
            tests=("tests/contract/test_rights.py",),
            marker="xnu" if sys.platform == "darwin" else "not gnumach",
        ),
    ),
    *(
        Claim(
            f"suite/{name}",
            row,
            f"{' '.join(tests)}: what runs on this machine passes",
            partial(_on_a_mac, tests=tests),
        )
        for name, (row, tests) in SUITES.items()
    ),
)
