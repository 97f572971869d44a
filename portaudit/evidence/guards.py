"""Claims about over-releases: what a double free answers, and what of it a crash report tells."""

import time

from portaudit.errors import ExitStatus
from portaudit.evidence import about
from portaudit.evidence.cast import build
from portaudit.evidence.claim import Claim, Seen
from portaudit.evidence.scene import NotTriedError, Scene

KERN_INVALID_NAME = 15
FATAL = "0x90"
"""Deliver and fatal: TASK_EXC_GUARD_MP_DELIVER | TASK_EXC_GUARD_MP_FATAL (mach/task_info.h)."""
REPORT_SECONDS = 20.0
LOOK_SECONDS = 0.5


def _silent(scene: Scene) -> Seen:
    done = scene.run([str(build(scene, "guard"))])
    holds = done.status == 0 and f"double free {KERN_INVALID_NAME}" in done.out
    return Seen(holds, f"exit {done.status}: {done.out.strip()}")


def _fatal(scene: Scene) -> Seen:
    done = scene.run([str(build(scene, "guard")), FATAL])
    return Seen(done.status < 0, f"exit {done.status}: {done.out.strip()}")


def _reported(scene: Scene) -> Seen:
    before = _reports(scene)
    if scene.run([str(build(scene, "guard")), FATAL]).status >= 0:
        raise NotTriedError("the double free was not fatal, so nothing is reported")
    deadline = time.monotonic() + REPORT_SECONDS
    while not (fresh := _reports(scene) - before):
        if time.monotonic() > deadline:
            raise NotTriedError(f"no crash report came within {REPORT_SECONDS:g} s")
        time.sleep(LOOK_SECONDS)
    report = scene.reports / min(fresh)
    scene.heard.append(report.read_text(errors="replace"))
    done = scene.portaudit("decode", str(report))
    return Seen(done.status == ExitStatus.DONE and "INVALID_NAME" in done.out, done.first_words)


def _reports(scene: Scene) -> set[str]:
    return {file.name for file in scene.reports.glob("guard*.ips")}


CLAIMS = (
    Claim("guard/silent", about.GUARDS, "a third-party process that frees a right twice lives on", _silent),
    Claim("guard/fatal", about.GUARDS, "with guard behaviour 0x90 it is killed", _fatal),
    Claim("guard/report", about.GUARDS, "its crash report is decoded as INVALID_NAME", _reported),
)
