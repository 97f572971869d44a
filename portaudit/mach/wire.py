"""Kernel calls over a Unix socket: how they are framed and spelled, and who is at the other end.

A frame is its length in four bytes, and one MessagePack value. Both ends check what comes in: whoever
connects to a socket may be anybody.
"""

import socket
import struct
import sys
import time
from typing import TypeVar

import msgspec

from portaudit.errors import KernelNonsense, KernelUnavailable
from portaudit.mach.calls import Value
from portaudit.trust import trusted_users

CREDENTIALS = struct.Struct("iII")
"""Linux's struct ucred: pid, uid, gid."""

SOL_LOCAL, LOCAL_PEERCRED, LOCAL_PEERPID = 0, 1, 2
"""macOS: sys/un.h."""

XUCRED = struct.Struct("IIh2x16I")
"""macOS's struct xucred: version, uid, number of groups, groups (sys/ucred.h)."""


def peer_pid(connection: socket.socket) -> int | None:
    """Ask the system which process is at the other end; None where it does not tell."""
    if sys.platform == "linux":
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
        return int(CREDENTIALS.unpack(credentials)[0])
    if sys.platform == "darwin":
        return int(connection.getsockopt(SOL_LOCAL, LOCAL_PEERPID))
    return None


def peer_user(connection: socket.socket) -> int | None:
    """Ask the system whose process is at the other end; None where it does not tell."""
    if sys.platform == "linux":
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
        return int(CREDENTIALS.unpack(credentials)[1])
    if sys.platform == "darwin":
        return int(XUCRED.unpack(connection.getsockopt(SOL_LOCAL, LOCAL_PEERCRED, XUCRED.size))[1])
    return None


def trust(connection: socket.socket, path: str) -> None:
    """Raise KernelUnavailable unless the socket's other end belongs to a user that is trusted.

    The folder of a kernel that has ended is anybody's to make again, with a socket of the same name.
    """
    user = peer_user(connection)
    if user not in trusted_users():
        raise KernelUnavailable(
            f"the socket {path} is served by user {user}, neither root nor you: nothing was said to it; "
            "start a stand-in of your own with `portaudit demo --hold`"
        )


LENGTH = struct.Struct("<I")
FRAME_MAX = 64 << 20
"""No call is larger, in bytes: a space of a million names has 28 million."""

SHORTEST = 0.001
"""Seconds; a timeout of 0 would mean not to wait at all."""

T = TypeVar("T")


class Hello(msgspec.Struct, array_like=True):
    """What a process says first: who it is, and whether it wants to be a platform binary."""

    pid: int
    parent: int
    platform: bool = False


class Welcome(msgspec.Struct, array_like=True):
    """What the kernel answers: its kind, its boot, and what mach_task_self_ holds."""

    kind: str
    boot: str
    task_self: int


class Call(msgspec.Struct, array_like=True):
    """One kernel call."""

    function: str
    inputs: list[Value]


class Answer(msgspec.Struct, array_like=True):
    """The return code and outputs; `refused` if this kernel has no such call; `killed` if it was fatal."""

    code: int
    outputs: list[Value]
    refused: str | None = None
    killed: str | None = None
    errno: int = 0


def send(connection: socket.socket, value: msgspec.Struct) -> None:
    """Send one frame. Raises KernelUnavailable if the other end has gone."""
    data = msgspec.msgpack.encode(value)
    try:
        connection.sendall(LENGTH.pack(len(data)) + data)
    except OSError as error:
        raise KernelUnavailable(f"the kernel at the other end of the socket has gone: {error}") from error


def receive(connection: socket.socket, kind: type[T], seconds: float | None = None) -> T:
    """Receive one frame, all of it within so many seconds; None: whenever it comes.

    Raises KernelUnavailable if it ends or does not come in time, KernelNonsense if it is none.
    """
    deadline = None if seconds is None else time.monotonic() + seconds
    (length,) = LENGTH.unpack(_exactly(connection, LENGTH.size, deadline))
    if length > FRAME_MAX:
        raise KernelNonsense(f"the kernel's socket announced {length} bytes, which no call has")
    try:
        return msgspec.msgpack.decode(_exactly(connection, length, deadline), type=kind)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise KernelNonsense(f"the kernel's socket said what no kernel says: {error}") from error


def _exactly(connection: socket.socket, size: int, deadline: float | None) -> bytes:
    data = bytearray()
    while len(data) < size:
        try:
            # Each byte may come in time, and the frame never
            connection.settimeout(None if deadline is None else max(deadline - time.monotonic(), SHORTEST))
            part = connection.recv(min(size - len(data), 1 << 20))
        except TimeoutError as error:
            raise KernelUnavailable("the kernel did not answer in time; it may hang") from error
        except OSError as error:
            raise KernelUnavailable(f"the kernel at the other end of the socket has gone: {error}") from error
        if not part:
            raise KernelUnavailable("the kernel at the other end of the socket has hung up")
        data += part
    return bytes(data)
