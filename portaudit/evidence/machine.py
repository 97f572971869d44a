"""Which machine it was: facts that claims are to be read with. Nothing that names it or its owner."""

import platform
from collections.abc import Iterator
from contextlib import suppress

from portaudit.evidence.cast import real_python
from portaudit.evidence.scene import NotTriedError, Scene

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
