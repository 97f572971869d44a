"""The programs that are to be read: built and signed here, each in its own way, and started."""

import plistlib
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil

from portaudit.evidence.scene import NotTriedError, Scene, Target
from portaudit.probe import header_path

PROGRAMS = Path(__file__).with_name("programs")
STRICT = ("-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror")
SECURITY = "com.apple.security"
GET_TASK_ALLOW = (f"{SECURITY}.get-task-allow",)
DEBUGGER = (
    f"{SECURITY}.cs.debugger",
    f"{SECURITY}.cs.disable-library-validation",
    f"{SECURITY}.cs.allow-dyld-environment-variables",
)
KINDS = {
    "ad-hoc": "a program that is signed ad hoc",
    "get-task-allow": "a program with get-task-allow",
    "hardened": "a program with the hardened runtime",
    "hardened-get-task-allow": "a program with the hardened runtime and get-task-allow",
    "apple": "a program of Apple's",
    "python": "this Python",
}
"""The kinds of target, and how a sentence calls each."""
SIGNED = {
    "get-task-allow": ((), GET_TASK_ALLOW),
    "hardened": (("-o", "runtime"), ()),
    "hardened-get-task-allow": (("-o", "runtime"), GET_TASK_ALLOW),
}
"""Kind -> codesign's options and the entitlements."""
START_SECONDS = 15.0


@contextmanager
def cast(scene: Scene) -> Iterator[None]:
    """Build and start what can be; all of it ends with the block. Why something cannot is kept."""
    with ExitStack() as started:
        for kind in KINDS:
            try:
                command, record = _command(scene, kind)
                scene.targets[kind] = Target(started.enter_context(_running(scene, command, record)), record)
            except (NotTriedError, OSError) as obstacle:
                scene.missing[kind] = str(obstacle)
        try:
            scene.signed_python = sign_python(scene)
        except (NotTriedError, OSError) as obstacle:
            scene.missing["signed python"] = str(obstacle)
        yield


def _command(scene: Scene, kind: str) -> tuple[list[str], Path | None]:
    if kind == "python":
        return [sys.executable, "-P", "-c", "import sys; sys.stdin.read()"], None
    if kind == "apple":
        return [scene.tool("cat")], None
    record = scene.folder / f"record-{kind}.json"
    return [str(_signed(scene, build(scene, "target"), kind)), str(record)], record


@contextmanager
def _running(scene: Scene, command: Sequence[str], record: Path | None) -> Iterator[int]:
    """Run a target as long as the block, and give its pid once it has written its record.

    Its input is its lifeline: it ends with us, however we end.
    """
    process = subprocess.Popen(  # noqa: S603  no shell, built here
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=scene.environment(None),
    )
    try:
        if record is not None:
            _await_ready(process)
        yield process.pid
    finally:
        process.kill()
        process.communicate()


def build(scene: Scene, name: str) -> Path:
    """Build one of our programs. Raises NotTriedError where there is no compiler, or it fails."""
    compiler = scene.tool("cc")
    # Without the tools, cc itself would ask for them in a window
    if scene.run([scene.tool("xcode-select"), "-p"]).status:
        raise NotTriedError("no compiler is installed: xcode-select --install")
    program = scene.folder / name
    if program.exists():
        return program
    source = PROGRAMS / f"{name}.c"
    done = scene.run([compiler, *STRICT, f"-I{header_path().parent}", str(source), "-o", str(program)])
    if done.status:
        raise NotTriedError(f"cc could not build {source.name}: {done.first_words}")
    return program


def _signed(scene: Scene, program: Path, kind: str) -> Path:
    if kind == "ad-hoc":
        return program  # the linker signs so
    copy = program.with_name(f"target-{kind}")
    shutil.copy2(program, copy)
    options, entitlements = SIGNED[kind]
    sign(scene, copy, options, entitlements)
    return copy


def sign(scene: Scene, program: Path, options: Sequence[str], entitlements: Sequence[str]) -> None:
    """Sign a program ad hoc. Raises NotTriedError with what codesign said if it does not."""
    entitled = []
    if entitlements:
        plist = program.with_suffix(".plist")
        plist.write_bytes(plistlib.dumps(dict.fromkeys(entitlements, True)))
        entitled = ["--entitlements", str(plist)]
    done = scene.run([scene.tool("codesign"), "-f", "-s", "-", *options, *entitled, str(program)])
    if done.status:
        raise NotTriedError(f"codesign: {done.first_words}")


def real_python() -> Path:
    """Give the program that this process is: a framework's bin/python only starts the one in Python.app."""
    return Path(psutil.Process().exe())


def sign_python(scene: Scene) -> Path:
    """Make a copy of this Python that is signed as a debugger is."""
    copy = scene.folder / "python-debugger"
    shutil.copy2(real_python(), copy)
    sign(scene, copy, (), DEBUGGER)
    return copy


def _await_ready(process: "subprocess.Popen[str]") -> None:
    """Wait until a target of ours has written its record; it says ready and an errno."""
    output = process.stdout
    readable = output is not None and select.select([output], [], [], START_SECONDS)[0]
    line = output.readline() if output is not None and readable else ""
    if line != "ready 0\n":
        raise NotTriedError(f"the target said {line!r}")
