"""What a user types first on a Mac, on macOS 13, 15 and 26's answers: as a plain user and as root."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.as_a_mac.stage import RELEASES, REPOSITORY, TASK, a_mac
from tests.python_program import write_program

pytestmark = pytest.mark.whole


def words(text):
    return " ".join(text.split())


def names_on(macos):
    """How many names a process has that does nothing: from 26 on its thread's port, pinned, is one."""
    return 3 if macos >= 26 else 2


@pytest.mark.parametrize("macos", RELEASES)
def test_a_plain_user_is_shown_the_way(macos):
    """A Python that nobody may open: the refusal says why and what is nearest, and that way works."""
    with a_mac(macos) as mac, mac.runs(TASK) as pid:
        refused = mac.portaudit("snapshot", "--pid", pid)
        by_lsmp = mac.portaudit("snapshot", "--pid", pid, "--way", "lsmp", "--sudo", "-o", "read.json")
        watched = mac.portaudit("watch", "--looks", "2", "--way", "lsmp", "--sudo", pid)
        doctor = mac.portaudit("doctor", pid)
        (task,) = (stored := json.loads((mac.home / "read.json").read_text()))["tasks"]

    assert (refused.status, by_lsmp.status, watched.status, doctor.status) == (3, 0, 0, 0), (refused, by_lsmp)
    reason = words(refused.out)
    assert "task_read_for_pid: Operation not permitted (EPERM)" in reason
    assert "is refused to root, too, as reported of python.org's Python (cpython#137033)" in reason
    assert f"let Apple's lsmp read it: --way lsmp --sudo; `portaudit doctor {pid}` names every way" in reason
    assert (task["way"], len(task["entries"]["name"])) == ("lsmp", names_on(macos))
    assert stored["machine"]["os"].startswith(f"macOS {RELEASES[macos]}")
    assert f"{names_on(macos)} names" in watched.out
    assert "SIP off" not in doctor.out
    assert "codesign -f -s - --entitlements" in words(doctor.out)
    assert words(doctor.out).count("refused to root, too") == 1, "what is the same is told once"


@pytest.mark.parametrize("macos", RELEASES)
def test_root_reads_what_is_not_hardened(macos):
    """By the read port; and nobody tells root to become root."""
    with a_mac(macos, root=True, python="adhoc") as mac, mac.runs(TASK) as pid:
        read = mac.portaudit("snapshot", "--pid", pid, "-o", "-")
        watched = mac.portaudit("watch", "--looks", "2", pid)
        doctor = mac.portaudit("doctor", pid)
        apples = mac.portaudit("doctor", 1)

    (task,) = json.loads(read.out)["tasks"]
    assert (read.status, watched.status, doctor.status) == (0, 0, 0)
    assert (task["way"], task["flavour"]) == ("space-info", "read")
    assert f"{names_on(macos)} names" in watched.out
    assert "space-info (read port)  ok" in doctor.out
    assert "only Apple's own tools may open: let Apple's lsmp read it: --way lsmp" in words(apples.out)
    assert "sudo" not in doctor.out + apples.out.replace("the probe need none of it", "")


def test_whose_python_may_what_is_told():
    """One that is signed as a debugger reads, as a user, what has get-task-allow; another hears how it is."""
    with a_mac(15, python="hardened") as mac, mac.runs(TASK, PLAYED_SIGNED="get-task-allow") as pid:
        as_it_is = mac.portaudit("doctor", pid)
        debugger = "com.apple.security.cs.debugger"
        signed = mac.portaudit("doctor", pid, PLAYED_ENTITLEMENT=debugger)

    assert "this Python not here hardened, without com.apple.security.cs.debugger" in words(as_it_is.out)
    assert "it has get-task-allow: read it with a Python of your own that is signed" in words(as_it_is.out)
    assert "reported to open it as a user, with System Integrity Protection on (mach2#30)" in words(
        as_it_is.out
    )
    assert "space-info (read port)  ok" in signed.out
    assert "this Python             ok        hardened, signed as a debugger" in signed.out


TESTS = """
import pytest
from portaudit.kernels import open_kernel
from portaudit.mach.constants import PortRight

@pytest.fixture(scope="session")
def keep():
    with open_kernel() as kernel:
        mach = kernel.mach
        yield lambda n: mach.mach_port_mod_refs(mach.task_self, mach.task_self, PortRight.SEND, n)

@pytest.mark.port_balance
def test_balanced(keep):
    keep(1), keep(-1)

@pytest.mark.port_balance
def test_leaking(keep):
    keep(3)
"""


@pytest.mark.parametrize("macos", RELEASES)
def test_the_pytest_plugin_audits_its_own_process(macos):
    """It needs no permission; a test that keeps references fails, one that gives them back does not."""
    with a_mac(macos) as mac:
        (mac.home / "test_ports.py").write_text(TESTS)
        plugins = ("-p", "no:cacheprovider", "-p", "portaudit.pytest_plugin")
        ended = mac.run(sys.executable, "-m", "pytest", *plugins, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")

    assert ended.status == 1, ended
    assert "1 failed, 1 passed" in ended.out
    assert "U7  FINDINGS  the process keeps 3 references to its own task port" in ended.out


STEPS = """
import sys
from pathlib import Path
import portaudit
with portaudit.audit() as audited:
    Path(sys.argv[1]).write_text("-3600")
print(audited.report.outcome)
"""


def test_a_clock_that_is_stepped_makes_nobody_another_process():
    """Every start moves with it by psutil: a process stays the one that was read before."""
    with a_mac(26) as mac:
        ended = mac.run(sys.executable, "-c", STEPS, mac.root / "step")

    assert (ended.status, ended.out) == (0, "balanced\n"), ended


def test_make_says_which_python_is_needed(tmp_path):
    """Xcode's is 3.9: one sentence, and no half of an environment is left."""
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(REPOSITORY / name, tmp_path)
    xcodes = write_program(
        tmp_path / "python3",
        "import sys\nsys.version_info = (3, 9, 6, 'final', 0)\nexec(sys.argv[sys.argv.index('-c') + 1])\n",
    )
    ended = subprocess.run(
        [shutil.which("make") or "make", "demo", f"PYTHON={xcodes}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 2
    assert ended.stderr.startswith("portaudit needs Python 3.11 or newer, and this is 3.9 (")
    assert "make PYTHON=" in ended.stderr
    assert not Path(tmp_path / ".venv").exists()
