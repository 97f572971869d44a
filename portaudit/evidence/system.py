"""Claims about the system around: whose children XPC services are, and what Mach promises on this kernel."""

import re
import sys
from importlib.util import find_spec
from pathlib import Path

import portaudit
from portaudit.evidence import about
from portaudit.evidence.claim import Claim, Seen
from portaudit.evidence.scene import NotTriedError, Scene

SERVICE = re.compile(r"\.(?:xpc|appex)/")
LAUNCHD = "1"
SUITE_SECONDS = 600.0
PASSED, FAILED = 0, 1
"""Exit statuses of pytest."""
ROOT = Path(portaudit.__file__).parents[1]


def _launchds_children(scene: Scene) -> Seen:
    """Count only: which programs somebody runs is nobody's business."""
    done = scene.run([scene.tool("ps"), "-axo", "ppid=,comm="])
    scene.heard.clear()
    parents = [line.split(None, 1)[0] for line in done.out.splitlines() if SERVICE.search(line)]
    if not parents:
        raise NotTriedError("no XPC service and no app extension runs")
    others = sum(parent != LAUNCHD for parent in parents)
    return Seen(not others, f"{len(parents)} run, {others} have another parent")


def _promises(scene: Scene) -> Seen:
    suite = ROOT / "tests/contract/test_rights.py"
    if not suite.exists() or find_spec("pytest") is None:
        raise NotTriedError("this is no checkout with its tests: pip install --editable '.[dev]'")
    marker = "xnu" if sys.platform == "darwin" else "not gnumach"
    words = ["-m", "pytest", "-q", "-m", marker, "-p", "no:cacheprovider", f"--rootdir={ROOT}", str(suite)]
    done = scene.run([sys.executable, *words], seconds=SUITE_SECONDS)
    if done.status not in {PASSED, FAILED}:
        raise NotTriedError(done.first_words)
    return Seen(done.status == PASSED, (done.out.strip().splitlines() or [done.first_words])[-1].strip("= "))


CLAIMS = (
    Claim(
        "launchd/parents",
        about.PARENTS,
        "XPC services and app extensions have launchd as parent",
        _launchds_children,
    ),
    Claim("promises", about.PROMISES, "the tests of what Mach promises pass on this kernel", _promises),
)
