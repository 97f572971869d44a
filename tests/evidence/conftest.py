"""A Mac on which claims can be tried: its programs are played, its kernel is simulated."""

import shlex
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from portaudit.evidence.scene import TOOLS, Scene
from portaudit.mach.constants import TaskFlavor
from portaudit.mach.serving import Server
from portaudit.simulator.kernel import ServedSimulator

ROOT = Path(__file__).parents[2]
PLAYED = f"cd {shlex.quote(str(ROOT))}; exec {shlex.quote(sys.executable)} -m tests.evidence.played"
SCRIPTS = {
    "cc": f"""for word; do
  case $word in *.c) source=$word;; esac
  [ "$last" = -o ] && out=$word
  last=$word
done
name=$(basename "$source" .c)
printf '#!/bin/sh\\n%s %s "$@"\\n' {shlex.quote(PLAYED)} "$name" > "$out"
chmod 700 "$out"
""",
    "cat": f"{PLAYED} cat",
    "codesign": "echo 'CodeDirectory v=20500 flags=0x2(adhoc)' >&2",
    "csrutil": "echo 'System Integrity Protection status: enabled.'",
    "developer-mode": "echo 'Developer mode is currently enabled.'",
    "lsmp": f'{PLAYED} lsmp "$@"',
    "ps": "printf '  1 /A/B.app/Contents/XPCServices/C.xpc/Contents/MacOS/C\\n 77 /bin/zsh\\n'",
    "sudo": '[ "$1" = -n ] && shift; [ "$1" = -- ] && shift; exec "$@"',
    "sw_vers": "echo 26.1",
    "sysctl": "case $2 in kern.osversion) echo 25B78;; hw.model) echo Mac16,1;; *) exit 1;; esac",
    "xcode-select": "echo /Library/Developer/CommandLineTools",
}


class Guarded(ServedSimulator):
    """A kernel that gives nobody the task ports of Apple's programs."""

    def create_task(self, pid, *, parent=None, platform=False):
        """Make a task, which refuses if it is Apple's."""
        made = super().create_task(pid, parent=parent, platform=platform)
        if platform:
            self.kernel.refuse(pid, TaskFlavor.READ, TaskFlavor.CONTROL)
        return made


@pytest.fixture(scope="package")
def tools(tmp_path_factory):
    """Where the played programs are."""
    assert set(SCRIPTS) == set(TOOLS)
    folder = tmp_path_factory.mktemp("tools")
    for name, body in SCRIPTS.items():
        (folder / name).write_text(f"#!/bin/sh\n{body}\n")
        (folder / name).chmod(0o700)
    return {name: str(folder / name) for name in SCRIPTS}


@contextmanager
def played(tools, root):
    """Lend a scene on the played Mac, as a user who may sudo."""
    work, reports, socket = (root / name for name in ("work", "reports", "kernel"))
    work.mkdir()
    reports.mkdir()
    with pytest.MonkeyPatch.context() as patch, Server(Guarded(), socket):
        patch.setenv("PLAYED_REPORTS", str(reports))
        yield Scene(work, f"simulated:{socket}", sudo=True, tools=tools, reports=reports, is_root=False)


@pytest.fixture
def scene(tools, tmp_path_factory):
    """A scene on the played Mac."""
    with played(tools, tmp_path_factory.mktemp("m")) as lent:
        yield lent
