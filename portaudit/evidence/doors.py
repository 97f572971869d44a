"""The matrix of doors: who may read which kind of program by a task port."""

import json
from functools import partial

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


CLAIMS = tuple(
    Claim(
        f"door/{kind}/{caller.name.lower()}",
        about.DOORS,
        f"{WHO[caller]} reads {called} by a task port",
        partial(_opens, kind=kind, caller=caller),
    )
    for kind, called in KINDS.items()
    for caller in Caller
)
