"""The stage of a play: a kernel, a host and an extension as real processes, and nothing left behind."""

import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from portaudit.auditing.run.keeper import reap
from portaudit.demo.kernel import FAILED, STEP
from portaudit.demo.player import READ, await_reading
from portaudit.errors import KernelUnavailable, NotReadable
from portaudit.kernels import SIMULATED_MACOS, socket_folder
from portaudit.model.snapshot import EXTENSION_ROLE, HOST_ROLE, Snapshot
from portaudit.model.way import XNU
from portaudit.progress import Progress, in_silence

PATIENCE_SECONDS = 30.0
"""How long a process may take to answer: a kernel in QEMU boots in this time, too."""
END_SECONDS = 2.0
"""How long a process may take to end by itself."""


@contextmanager
def standing_kernel(
    kind: str, macos: int = SIMULATED_MACOS, progress: Progress = in_silence
) -> Iterator[str]:
    """Give the name of a kernel that stands as long as the block: this Mac's own, or a stand-in.

    A simulated one answers as this macOS does. `progress` hears what a start does that takes long.
    """
    if kind == XNU:
        yield kind
        return
    with kernel_server(kind, macos, progress) as name:
        yield name


@contextmanager
def kernel_server(kind: str, macos: int = SIMULATED_MACOS, progress: Progress = in_silence) -> Iterator[str]:
    """Start a stand-in kernel in a process of its own, and give the name for --kernel.

    A simulated one answers as this macOS does.

    Its socket lies in a private folder, which goes with it.
    """
    folder = socket_folder()
    path = folder / "kernel"
    try:
        with _started("kernel", kind, str(path), str(macos)) as server:
            _expect(server, "ready", "the stand-in kernel", progress)
            yield f"{kind}:{path}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Pair:
    """A host and its extension, ready to transfer."""

    host: int
    extension: int
    _process: "subprocess.Popen[str]"
    _hold: int
    """The descriptor that holds the extension's life, and tells it what to read."""

    def transfer(self) -> None:
        """Let the host hand over its task port once; returns when the extension has dealt with it."""
        self._command("transfer")
        _expect(self._process, "done", "the host")

    def read_themselves(self, *, host: bool = True) -> list[Snapshot]:
        """Let the players read their own spaces; without `host` the extension alone."""
        with TemporaryDirectory(prefix="portaudit-demo-") as folder:
            files = Path(folder) / HOST_ROLE, Path(folder) / EXTENSION_ROLE
            os.write(self._hold, f"{READ}{files[1]}\n".encode())
            readings = []
            if host:
                self._command(f"{READ}{files[0]}")
                readings.append(await_reading(files[0], HOST_ROLE, lambda: self._process.poll() is None))
            return [*readings, await_reading(files[1], EXTENSION_ROLE, lambda: _lives(self.extension))]

    def end_host(self) -> None:
        """Let the host exit while the extension lives on."""
        self._command("exit")
        self._process.wait(PATIENCE_SECONDS)

    def check(self) -> None:
        """Raise NotReadable if the host or the extension has died."""
        if self._process.poll() is not None:
            raise NotReadable(f"the demo's host has died ({_how(self._process)})")
        if not _lives(self.extension):
            raise NotReadable("the demo's extension has died")

    def _command(self, line: str) -> None:
        if self._process.stdin is None:
            return
        try:
            self._process.stdin.write(f"{line}\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise NotReadable(f"the demo's host has died ({_how(self._process)})") from None


@contextmanager
def pair(scenario: str, kernel: str, *options: str) -> Iterator[Pair]:
    """Start host and extension of a scenario on a kernel; both end with the block, however it ends.

    `options` are arguments of both: CHURN, PLATFORM.
    """
    lifeline, hold = os.pipe()
    environment = os.environ | {"PORTAUDIT_KERNEL": kernel}
    extension, arguments = 0, (scenario, str(lifeline), *options)
    try:
        with _started("host", *arguments, pass_fds=(lifeline,), env=environment) as host:
            try:
                os.close(lifeline)
                extension = int(_expect(host, "ready", "the host"))
                yield Pair(host.pid, extension, host, hold)
            finally:
                os.close(hold)
    finally:
        _await_end(extension)


@contextmanager
def _started(role: str, *arguments: str, **options: object) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(  # noqa: S603  this very program
        [sys.executable, "-P", "-m", f"portaudit.demo.{role}", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C goes to us alone, and we end the others in order
        **options,  # type: ignore[call-overload]  # pass_fds and env, handed on
    )
    try:
        yield process
    finally:
        _stop(process)


def _stop(process: "subprocess.Popen[str]") -> None:
    with suppress(BrokenPipeError):
        process.stdin.close()  # type: ignore[union-attr]  # it was asked for
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        reap(process)
    process.stdout.close()  # type: ignore[union-attr]  # it was asked for


def _expect(process: "subprocess.Popen[str]", word: str, who: str, progress: Progress = in_silence) -> str:
    line = _line(process)
    head, _, rest = (line or "").strip().partition(" ")
    if head == word:
        return rest
    if head == STEP:
        share, _, what = rest.partition(" ")
        progress(what, float(share))
        return _expect(process, word, who, progress)
    if head == FAILED:
        raise KernelUnavailable(rest)
    if line is None:
        raise KernelUnavailable(f"{who} of the demo did not answer within {PATIENCE_SECONDS:g} seconds")
    raise KernelUnavailable(f"{who} of the demo ended before it was {word} ({_how(process)})")


def _line(process: "subprocess.Popen[str]") -> str | None:
    """Read a line that a process prints; None if it says nothing for as long as patience lasts."""
    output = process.stdout
    assert output is not None, "it was asked for"  # noqa: S101  for the type checker
    line = b""
    while not line.endswith(b"\n"):  # byte by byte: what a buffer holds, select does not see
        if not select.select([output], [], [], PATIENCE_SECONDS)[0]:
            return None
        piece = os.read(output.fileno(), 1)
        if not piece:
            break
        line += piece
    return line.decode()


def _how(process: "subprocess.Popen[str]") -> str:
    with suppress(subprocess.TimeoutExpired):
        process.wait(END_SECONDS)
    code = process.returncode
    if code is None:
        return "it still runs"
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _await_end(pid: int) -> None:
    # The extension is no child of ours: it ends with its lifeline, and is killed if it does not
    if not pid:
        return
    deadline = time.monotonic() + END_SECONDS
    while _lives(pid):
        if time.monotonic() > deadline:
            with suppress(psutil.Error):
                psutil.Process(pid).kill()
        time.sleep(0.01)
