"""Serving a stand-in kernel on a Unix socket: each connected process is a task under its real pid.

A closed connection is a task's exit. Calls are answered one after another, as if under one lock; a
receive that finds nothing waits without holding it.
"""

import select
import socket
import struct
import sys
import threading
import time
from pathlib import Path
from typing import Protocol, Self

from portaudit.errors import AuditError, KernelUnavailable
from portaudit.mach.calls import KernelCalls, Reply, Value
from portaudit.mach.constants import KernReturn, MsgOption
from portaudit.mach.wire import Answer, Call, Hello, Welcome, receive, send

PAUSE = 0.02
"""Seconds between two looks of a waiting receive: a kernel in another machine does not notify us."""

MSG, OPTION, SEND_SIZE, RCV_SIZE, RCV_NAME, TIMEOUT, NOTIFY = range(7)  # mach_msg's inputs


class TaskKilled(Exception):  # noqa: N818  a fate, not an error
    """The kernel kills the calling task: a guard exception that is fatal for it."""


class ServedTask(KernelCalls, Protocol):
    """A task of a served kernel."""

    @property
    def task_self_name(self) -> int:
        """What mach_task_self_ holds in this task."""


class ServedKernel(Protocol):
    """What a kernel must offer to be served."""

    kind: str
    boot: str

    def create_task(self, pid: int, *, parent: int | None = None, platform: bool = False) -> ServedTask:
        """Make a task for a process that has connected."""

    def end_task(self, pid: int) -> None:
        """End a process's task: its space is torn down, and its task ports die."""


class Server:
    """Serves one kernel at a path until it is closed; use it as a context manager."""

    def __init__(self, kernel: ServedKernel, path: Path) -> None:
        self._kernel = kernel
        self._changed = threading.Condition()
        self._connections: dict[int, int] = {}
        self._tasks: dict[int, ServedTask] = {}
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(str(path))
        path.chmod(0o600)
        self._socket.listen(64)
        self._path = path

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve, name="mach kernel", daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop accepting; processes that are still connected find the kernel gone."""
        # shutdown wakes the thread that accepts, close alone does not
        self._socket.shutdown(socket.SHUT_RDWR) if sys.platform == "linux" else None
        self._socket.close()
        self._path.unlink(missing_ok=True)

    def serve(self) -> None:
        """Accept processes until the server is closed."""
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._attend, args=(connection,), daemon=True).start()

    def _attend(self, connection: socket.socket) -> None:
        pid = None
        with connection:
            try:
                hello = receive(connection, Hello)
                pid = peer_pid(connection) or hello.pid
                task = self._join(pid, hello)
                send(connection, Welcome(self._kernel.kind, self._kernel.boot, task.task_self_name))
                while True:
                    call = receive(connection, Call)
                    send(connection, self._answer(task, call, connection))
            except AuditError:
                pass  # the process has gone, or talks nonsense: both end its task
            finally:
                if pid is not None:
                    self._leave(pid)

    def _join(self, pid: int, hello: Hello) -> ServedTask:
        with self._changed:
            if pid not in self._tasks:
                parent = hello.parent if hello.parent in self._tasks else None
                self._tasks[pid] = self._kernel.create_task(pid, parent=parent, platform=hello.platform)
            self._connections[pid] = self._connections.get(pid, 0) + 1
            return self._tasks[pid]

    def _leave(self, pid: int) -> None:
        with self._changed:
            left = self._connections.get(pid, 0) - 1
            if left > 0:
                self._connections[pid] = left
                return
            self._connections.pop(pid, None)
            if self._tasks.pop(pid, None) is not None:
                self._kernel.end_task(pid)
            self._changed.notify_all()

    def _answer(self, task: ServedTask, call: Call, caller: socket.socket) -> Answer:
        try:
            reply = self._play(task, call.function, tuple(call.inputs), caller)
        except NotImplementedError as error:
            return Answer(KernReturn.KERN_NOT_SUPPORTED, [], refused=str(error))
        except TaskKilled as error:
            return Answer(KernReturn.KERN_TERMINATED, [], killed=str(error))
        return Answer(reply.code, list(reply.outputs))

    def _play(
        self, task: ServedTask, function: str, inputs: tuple[Value, ...], caller: socket.socket
    ) -> Reply:
        if function == "mach_msg":
            return self._message(task, list(inputs), caller)
        with self._changed:
            reply = task.call(function, inputs)
            self._changed.notify_all()
        return reply

    def _message(self, task: ServedTask, inputs: list[Value], caller: socket.socket) -> Reply:
        option, timeout = (int(inputs[index] or 0) for index in (OPTION, TIMEOUT))  # type: ignore[arg-type]  # checked by the wire
        deadline = time.monotonic() + timeout / 1000 if option & MsgOption.RCV_TIMEOUT else None
        inputs[OPTION] = option | MsgOption.RCV_TIMEOUT
        inputs[TIMEOUT] = 0
        with self._changed:
            reply = task.call("mach_msg", tuple(inputs))
            self._changed.notify_all()
            while reply.code == KernReturn.MACH_RCV_TIMED_OUT:
                if deadline is not None and time.monotonic() >= deadline:
                    break
                self._changed.wait(PAUSE)
                if has_hung_up(caller):
                    raise KernelUnavailable("the process went away while it waited for a message")
                receive_only = (option & ~MsgOption.SEND_MSG) | MsgOption.RCV_TIMEOUT
                inputs[MSG], inputs[OPTION], inputs[SEND_SIZE] = None, receive_only, 0
                reply = task.call("mach_msg", tuple(inputs))
        return reply


def has_hung_up(connection: socket.socket) -> bool:
    """Whether a caller that waits for its answer has gone: there is something to read, the end."""
    return bool(select.select([connection], [], [], 0)[0])


def peer_pid(connection: socket.socket) -> int | None:
    """Ask the system who is at the other end; None where it does not tell."""
    if sys.platform == "linux":
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        return int(struct.unpack("iII", credentials)[0])
    if sys.platform == "darwin":
        return int(connection.getsockopt(0, 2))  # SOL_LOCAL, LOCAL_PEERPID: sys/un.h
    return None
