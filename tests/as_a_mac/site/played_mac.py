"""A Mac as a Python process sees one: what libSystem answers, what Apple's programs say, what is not allowed.

The kernel is a simulated one on a socket. Everything else that portaudit asks a Mac is played at the border
where it leaves Python: ctypes.CDLL, the paths of Apple's programs, psutil's clock, sys.platform. Nothing of
portaudit is replaced.
"""

import builtins
import ctypes
import errno
import io
import json
import os
import platform
import socket
import struct
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import psutil  # before this process says that it is a Mac: psutil looks at once

Stage = dict[str, Any]

SO_PEERCRED = 17
"""Linux's: the stage stands there, and has no such name when it says that it is a Mac."""
LIBSYSTEM = "/usr/lib/libSystem.B.dylib"
APPLE = (
    "/usr/bin/lsmp",
    "/usr/bin/sudo",
    "/usr/bin/sw_vers",
    "/System/Library/CoreServices/SystemVersion.plist",
)
FLAVOURS = ("task_for_pid", "task_read_for_pid", "task_inspect_for_pid")
GET_TASK_ALLOW, RUNTIME, PLATFORM = 0x4, 0x10000, 0x4000000
"""CS_* of bsd/sys/codesign.h."""
SIGNED = {
    "adhoc": 0,
    "get-task-allow": GET_TASK_ALLOW,
    "hardened": RUNTIME,
    "both": GET_TASK_ALLOW | RUNTIME,
    "apple": PLATFORM | RUNTIME,
}
OLD_SDK_SAYS_16 = 26
"""The macOS whose release a Python built with an older SDK is told wrongly (python/cpython#135675)."""
APPEARS_SECONDS = 5.0
"""How long a process that has just been started may take until it is a task of the played kernel."""


def put(owner: Any, **played: Any) -> None:
    """Let these stand in the places of what a module or class has."""
    for name, value in played.items():
        setattr(owner, name, value)


def take_the_stage() -> None:
    """Play the Mac that PLAYED_MAC describes in this process."""
    stage = json.loads(os.environ["PLAYED_MAC"])
    _play_paths(stage)
    _play_libsystem(stage)
    _play_clock(stage)
    believed = "16.0" if stage["macos"] >= OLD_SDK_SAYS_16 else f"{stage['macos']}.0"
    put(platform, mac_ver=lambda *_: (believed, ("", "", ""), "arm64"))
    user = 0 if _is_root(os.getpid()) else 501
    put(os, geteuid=lambda: user, getuid=lambda: user)
    _play_sockets()
    if "pytest" in sys.orig_argv:
        import_module("sysconfig").get_config_vars()  # they lie in a file that is named after the platform
    sys.platform = "darwin"


def _is_root(pid: int) -> bool:
    return _environment(pid).get("PLAYED_ROOT") == "1"


def _environment(pid: int) -> dict[str, str]:
    if pid == os.getpid():
        return dict(os.environ)
    try:
        pairs = Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return {}
    return dict(pair.split("=", 1) for pair in pairs if "=" in pair)


def _play_sockets() -> None:
    """Let LOCAL_PEERCRED and LOCAL_PEERPID, 1 and 2 of sys/un.h, tell who is at the other end."""
    real = socket.socket.getsockopt

    def getsockopt(self: Any, level: int, option: int, *size: int) -> Any:
        if level == 0 and option in (1, 2):
            pid, _, _ = struct.unpack("iII", real(self, socket.SOL_SOCKET, SO_PEERCRED, 12))
            return pid if option == 2 else struct.pack("IIh2x16I", 0, os.geteuid(), 1, *[0] * 16)
        return real(self, level, option, *size)

    put(socket.socket, getsockopt=getsockopt)


def _play_paths(stage: Stage) -> None:
    root = Path(stage["root"])
    places = {path: str(root / Path(path).name) for path in APPLE}

    def played(path: Any) -> Any:
        return places.get(os.fspath(path), path) if isinstance(path, str | os.PathLike) else path

    def over(real: Any) -> Any:
        return lambda path, *more, **options: real(played(path), *more, **options)

    put(os, stat=over(os.stat), access=over(os.access))
    opened = over(io.open)
    put(io, open=opened)
    put(builtins, open=opened)
    start = subprocess.Popen.__init__

    def begin(self: Any, command: Any, *more: Any, **options: Any) -> None:
        if isinstance(command, list | tuple):
            command = [played(command[0]), *command[1:]]
        start(self, command, *more, **options)

    put(subprocess.Popen, __init__=begin)


def _play_clock(stage: Stage) -> None:
    """Move starts as psutil 7.2 does on a Mac once the clock was stepped: forwards, by a second or more."""
    started, booted, file = psutil.Process.create_time, psutil.boot_time, Path(stage["root"]) / "step"

    def step() -> float:
        return float(file.read_text()) if file.exists() else 0.0

    at_import = step()

    def moved() -> float:
        return abs(step() - at_import) if abs(step() - at_import) >= 1 else 0.0

    put(psutil.Process, create_time=lambda self: started(self) + moved())
    put(psutil, boot_time=lambda: booted() + step())


def _play_libsystem(stage: Stage) -> None:
    real: Any = ctypes.CDLL

    def of(cls: Any, name: Any, *_arguments: Any, **_options: Any) -> Any:
        return LibSystem.of_this_process(stage) if name == LIBSYSTEM else real.__new__(cls)

    put(ctypes, CDLL=type("CDLL", (real,), {"__new__": of}))


class LibSystem:
    """libSystem of one process: Mach over the played kernel, and the few other calls that portaudit makes."""

    _only: "LibSystem | None" = None

    @classmethod
    def of_this_process(cls, stage: Stage) -> "LibSystem":
        """Give the one libSystem that a process has."""
        if cls._only is None:
            cls._only = cls(stage)
        return cls._only

    def __init__(self, stage: Stage) -> None:
        # Not before: what portaudit imports must find its Mac, and a process that needs none starts at once
        from portaudit.mach.callbacks import Callbacks  # noqa: PLC0415
        from portaudit.mach.connection import Connection  # noqa: PLC0415

        self._stage = stage
        self._connection = Connection(stage["kernel"])
        self._callbacks = Callbacks(Doors(self._connection, stage), self._connection.welcome.task_self)
        self.mach_task_self_ = self._callbacks.mach_task_self_

        def sysctlbyname(name: bytes, text: Any, size: Any, _fresh: Any, _fresh_size: int) -> int:
            value = {b"kern.bootsessionuuid": self._connection.welcome.boot.encode()}.get(name)
            if value is None:
                return -1
            text.value, size._obj.value = value, len(value) + 1
            return 0

        def responsible(pid: int) -> int:
            return int(_environment(pid).get("PLAYED_RESPONSIBLE", -1))

        def csops(pid: int, operation: int, answer: Any, size: int) -> int:
            if not psutil.pid_exists(pid):
                return -1
            told = (entitlements(pid), SIGNED[signature(pid, stage)].to_bytes(4, sys.byteorder))[
                operation == 0
            ]
            ctypes.memmove(ctypes.addressof(answer._obj), told, min(len(told), size))
            return 0

        def csr_check(_mask: int) -> int:
            return 0 if stage["sip"] == "off" else 1

        self.sysctlbyname = sysctlbyname
        self.responsibility_get_pid_responsible_for_pid = responsible
        self.csops, self.csr_check = csops, csr_check

    def __getattr__(self, name: str) -> Any:
        return getattr(self._callbacks, name)


def signature(pid: int, stage: Stage) -> str:
    """Say how the program of a process is signed; Python's own is the stage's."""
    try:
        program = psutil.Process(pid).exe()
    except psutil.Error:
        return "apple"
    own = _environment(pid).get("PLAYED_SIGNED")
    return own or (str(stage["python"]) if "python" in Path(program).name else "apple")


def entitlements(pid: int) -> bytes:
    """Give the blob of a process's entitlements: eight bytes of header, and a property list."""
    key = _environment(pid).get("PLAYED_ENTITLEMENT")
    return b"\xfa\xde\x71\x71\0\0\0\0" + (f"<dict><key>{key}</key><true/></dict>".encode() if key else b"")


class Doors:
    """Calls of one process, and who may open whose task port: AMFI and taskgated, as far as is known."""

    def __init__(self, connection: Any, stage: Stage) -> None:
        self._connection, self._stage = connection, stage

    def call(self, function: str, inputs: tuple[Any, ...]) -> Any:
        """Answer one call, as KernelCalls promises."""
        if function in FLAVOURS and inputs[1] != os.getpid():
            if (refused := self._refusal(inputs[1])) is not None:
                return self._refuse(function, refused)
            self._await_task(function, inputs)
        return self._connection.call(function, inputs)

    def _refusal(self, pid: int) -> int | None:
        if not psutil.pid_exists(pid):
            return errno.ESRCH
        if self._stage["sip"] == "off" and _is_root(os.getpid()):
            return None
        target = SIGNED[signature(pid, self._stage)]
        debugger = os.environ.get("PLAYED_ENTITLEMENT") == "com.apple.security.cs.debugger"
        if target & GET_TASK_ALLOW and (debugger or _is_root(os.getpid())):
            return None
        if not target & (RUNTIME | PLATFORM) and _is_root(os.getpid()):
            return None
        return errno.EPERM

    @staticmethod
    def _refuse(function: str, reason: int) -> Any:
        from portaudit.mach.calls import Reply, failed_system_call  # noqa: PLC0415

        return Reply(5, (0,)) if function == "task_for_pid" else failed_system_call(reason, (0,))

    def _await_task(self, function: str, inputs: tuple[Any, ...]) -> None:
        deadline = time.monotonic() + APPEARS_SECONDS
        while time.monotonic() < deadline:
            reply = self._connection.call(function, inputs)
            if reply.code == 0:
                self._connection.call("mach_port_deallocate", (inputs[0], reply.outputs[0]))
                return
            time.sleep(0.02)
