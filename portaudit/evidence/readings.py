"""Claims about reading a process: who may read which kind of program, and what several ways say of one.

By a task port, lsmp's text and JSON, the read port, and its own record.
"""

import json
import time
from functools import partial
from pathlib import Path

from portaudit.errors import ExitStatus
from portaudit.evidence import about
from portaudit.evidence.cast import KINDS
from portaudit.evidence.claim import Claim, Seen
from portaudit.evidence.scene import Caller, NotTriedError, Scene, Target

BY_TASK_PORT = ("space-info", "names")
"""How doctor's ways by a task port begin."""
WHO = {Caller.USER: "a user", Caller.ROOT: "root", Caller.SIGNED: "a Python signed as a debugger"}


def target_of(scene: Scene, kind: str) -> Target:
    """Give the running target of a kind. Raises NotTriedError if there is none."""
    if kind not in scene.targets:
        raise NotTriedError(scene.missing.get(kind, f"{KINDS[kind]} was not started"))
    return scene.targets[kind]


def _opens(scene: Scene, *, kind: str, caller: Caller) -> Seen:
    target = target_of(scene, kind)
    done = scene.portaudit("doctor", str(target.pid), "--format", "json", caller=caller)
    try:
        ways = json.loads(done.out)["ways"]
    except (ValueError, KeyError, TypeError):
        raise NotTriedError(f"doctor did not answer: {done.first_words}") from None
    tried = [way for way in ways if str(way["way"]).startswith(BY_TASK_PORT)]
    told = "; ".join(f"{way['way']}: {way['state']}, {way['reason']}" for way in tried)
    return Seen(any(way["state"] == "ok" for way in tried), told)


DOORS = tuple(
    Claim(
        f"door/{kind}/{caller.name.lower()}",
        about.DOORS,
        f"{WHO[caller]} reads {called} by a task port",
        partial(_opens, kind=kind, caller=caller),
    )
    for kind, called in KINDS.items()
    for caller in Caller
)


READ = "read port"
KIND = "get-task-allow"
"""Which target is read: the one that opens first, if any does."""


def _by_lsmp(scene: Scene, form: str, caller: Caller) -> Path:
    """Let lsmp read the target, once for each caller."""
    pid = target_of(scene, KIND).pid
    printed = scene.folder / f"lsmp-{caller.name.lower()}.json"
    text = printed.with_suffix(".txt")
    if not text.exists():
        started = time.monotonic()
        done = scene.run([scene.tool("lsmp"), "-p", str(pid), "-j", str(printed)], caller=caller)
        scene.known[f"lsmp/{caller}"] = f"in {time.monotonic() - started:.2f} s"
        if done.status:
            raise NotTriedError(f"lsmp did not read it: {done.first_words}")
        text.write_text(done.out)
    return printed if form == "JSON" else text


def _understood(scene: Scene, *, form: str, caller: Caller) -> Seen:
    file = _by_lsmp(scene, form, caller)
    done = scene.portaudit("show", str(file), "--format", "json")
    if done.status:
        return Seen(holds=False, words=done.first_words)
    shown = json.loads(done.out)
    took = scene.known[f"lsmp/{caller}"]
    rows, left = sum(len(task["entries"] or ()) for task in shown["tasks"]), len(shown["not_understood"])
    return Seen(rows > 0 and not left, f"{rows} rows, {left} lines not understood, {took}")


def _by_port(scene: Scene) -> Path:
    """Read the target by its read port, once, as the first who may; how long it took is kept."""
    file = scene.folder / "read-port.json"
    if file.exists():
        return file
    words = ["snapshot", "--pid", str(target_of(scene, KIND).pid), "--way", "space-info", "-o", "-"]
    for caller in (Caller.USER, Caller.ROOT, Caller.SIGNED):
        started = time.monotonic()
        try:
            done = scene.portaudit(*words, caller=caller)
        except NotTriedError:
            continue
        if done.status == ExitStatus.DONE:
            scene.known[READ] = f"by {WHO[caller]}, in {time.monotonic() - started:.1f} s with Python's start"
            file.write_text(done.out)
            return file
    raise NotTriedError("nobody may read the target by a task port here")


def _balanced(scene: Scene, one: Path, other: Path) -> Seen:
    done = scene.portaudit("diff", str(one), str(other), "--mixed", "--no-config")
    return Seen(done.status == ExitStatus.DONE, done.first_words)


def _lsmp_beside_port(scene: Scene) -> Seen:
    read = _by_port(scene)
    try:
        printed = _by_lsmp(scene, "JSON", Caller.ROOT)
    except NotTriedError:
        printed = _by_lsmp(scene, "JSON", Caller.USER)
    return _balanced(scene, read, printed)


def _probe_beside_port(scene: Scene) -> Seen:
    record = target_of(scene, KIND).record
    if record is None:
        raise NotTriedError("the target wrote no record")
    return _balanced(scene, record, _by_port(scene))


def _timed(scene: Scene) -> Seen:
    _by_port(scene)
    return Seen(holds=True, words=scene.known[READ])


CLAIMS = (
    *DOORS,
    *(
        Claim(
            f"lsmp/{form.lower()}/{caller.name.lower()}",
            about.LSMP,
            f"lsmp's {form}, run by {WHO[caller]}, is read to the last line",
            partial(_understood, form=form, caller=caller),
        )
        for caller in (Caller.USER, Caller.ROOT)
        for form in ("text", "JSON")
    ),
    Claim(
        "lsmp/beside-port",
        about.LSMP,
        "lsmp and the read port tell the same of one process",
        _lsmp_beside_port,
    ),
    Claim(
        "probe/beside-port", about.PROBE, "a probe record and the read port tell the same", _probe_beside_port
    ),
    Claim("read-port/time", about.DOORS, "a snapshot by the read port is taken", _timed),
)
