"""Who is at the other end of a Unix socket, as the system tells it, and whether it is to be trusted."""

import socket
import struct
import sys

from portaudit.errors import KernelUnavailable
from portaudit.owners import trusted_users

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
