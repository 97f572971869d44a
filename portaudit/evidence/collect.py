"""Trying every claim there is, and packing what was seen, with which machine it was.

Nothing that is packed names the machine or its owner.
"""

import platform
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from portaudit.evidence import guards, kernel, readings, scenarios, system
from portaudit.evidence.archive import write_archive
from portaudit.evidence.cast import cast, real_python
from portaudit.evidence.claim import Claim, try_claim
from portaudit.evidence.personal import Redactor, redactor
from portaudit.evidence.scene import NotTriedError, Scene
from portaudit.model.evidence import Evidence, Tried
from portaudit.version import __version__

CLAIMS: tuple[Claim, ...] = (
    *kernel.CLAIMS,
    *readings.CLAIMS,
    *guards.CLAIMS,
    *scenarios.CLAIMS,
    *system.CLAIMS,
)
READINGS = ("lsmp-*.json", "lsmp-*.txt", "read-port.json", "record-*.json", "xpc-*/steps")
"""What is packed of the files that the attempts wrote."""
LARGEST = 8 << 20
"""Bytes of such a file."""


def collect(
    folder: Path, scene: Scene, progress: Callable[[str], None], claims: Iterable[Claim] = CLAIMS
) -> tuple[Path, Evidence]:
    """Try the claims in their order, and write the archive into a folder; gives its path and what was tried.

    Whatever the archive holds has gone through personal.py.
    """
    clean = redactor(scene.folder)
    said: dict[str, str] = {}
    machine = facts(scene)
    with cast(scene):
        said["raw/start.txt"] = _taken(scene)
        tried = []
        for claim in claims:
            progress(claim.sentence)
            tried.append(try_claim(claim, scene))
            said[f"raw/{claim.id.replace('/', '-')}.txt"] = _taken(scene)
    said |= dict(_written(scene.folder))
    day = datetime.now(UTC).date().isoformat()
    evidence = _cleaned(Evidence(__version__, day, machine, tuple(tried)), clean)
    path = folder / f"portaudit-evidence-{_named(evidence)}.tar.gz"
    write_archive(path, evidence, {name: clean(text) for name, text in said.items() if text})
    return path, evidence


def _taken(scene: Scene) -> str:
    text = "\n".join(scene.heard)
    scene.heard.clear()
    return text


def _written(folder: Path) -> Iterable[tuple[str, str]]:
    for pattern in READINGS:
        for file in sorted(folder.glob(pattern)):
            with suppress(OSError):
                if file.stat().st_size <= LARGEST:
                    yield f"readings/{file.relative_to(folder)}", file.read_text(errors="backslashreplace")


def _cleaned(evidence: Evidence, clean: Redactor) -> Evidence:
    machine = {name: clean(text) for name, text in evidence.machine.items()}
    tried = tuple(_without(one, clean) for one in evidence.tried)
    return replace(evidence, machine=machine, tried=tried)


def _without(one: Tried, clean: Redactor) -> Tried:
    return replace(one, seen=clean(one.seen))


def _named(evidence: Evidence) -> str:
    """Name the archive after the system: macOS-26.1-arm64."""
    machine = evidence.machine
    parts = ("macOS" if "macOS" in machine else machine.get("system", ""), machine.get("macOS", ""))
    named = "-".join(part for part in (*parts, machine.get("architecture", "")) if part)
    return "".join(letter if letter.isalnum() or letter in "-._" else "_" for letter in named)


SYSCTLS = {
    "build": "kern.osversion",
    "model": "hw.model",
    "translated": "sysctl.proc_translated",
    "guard default": "kern.task_exc_guard_default",
}
SIGNING = ("flags=", "get-task-allow", "cs.debugger", "Signature=")


def facts(scene: Scene) -> dict[str, str]:
    """Give what is known; what could not be asked is left out."""
    known = {
        "kernel": scene.kernel.partition(":")[0],
        "system": platform.system(),
        "architecture": platform.machine(),
        "Python": platform.python_version(),
        "asked by": "root" if scene.is_root else "a user",
        "root asked": "yes" if scene.is_root or scene.sudo else "no",
    }
    for name, words in _questions():
        with suppress(NotTriedError):
            tool, *rest = words
            done = scene.run([scene.tool(tool), *rest])
            if done.status == 0 and done.out.strip():
                known[name] = done.out.strip().splitlines()[0][:200]
    with suppress(NotTriedError):
        known["Python's signature"] = _signature(scene)
    return known


def _questions() -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "macOS", ("sw_vers", "-productVersion")
    yield "SIP", ("csrutil", "status")
    yield "developer mode", ("developer-mode", "-status")
    for name, key in SYSCTLS.items():
        yield name, ("sysctl", "-n", key)


def _signature(scene: Scene) -> str:
    done = scene.run([scene.tool("codesign"), "-dvvv", "--entitlements", "-", str(real_python())])
    said = [line.strip() for line in (done.err + done.out).splitlines()]
    kept = [line for line in said if any(word in line for word in SIGNING)]
    return "; ".join(kept)[:400] or f"codesign: {done.first_words}"
