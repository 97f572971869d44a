"""Serving a stand-in kernel on a Unix socket: each connected process is a task under its real pid.

A closed connection is a task's exit. Calls are answered one after another, as if under one lock; a
receive that finds nothing waits without holding it.
"""

import select
import socket
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple, Protocol, Self

from portaudit.errors import AuditError, KernelUnavailable
from portaudit.mach.calls import Reply, Value
from portaudit.mach.constants import KernReturn
from portaudit.mach.wire import Answer, Call, Hello, Welcome, peer_pid, peer_user, receive, send
from portaudit.trust import trusted_users

PAUSE = 0.02
"""Seconds between two looks of a waiting call, which also tell whether its caller still lives."""

GUARD_WORDS = "portaudit_guard_words"
"""A call that no Mach has: a stand-in tells what a Mac would write into crash reports."""


class TaskKilled(Exception):  # noqa: N818  a fate, not an error
    """The kernel kills the calling task: a guard exception that is fatal for it."""


class Wait(NamedTuple):
    """A call that waits for a message or for room: what to call again, until when, and what to say then."""

    function: str
    inputs: tuple[Value, ...]
    timeout: int | None
    """Milliseconds; None: for ever."""
    timed_out: int


class ServedTask(Protocol):
    """A task of a served kernel: it answers, or says that the caller has to wait."""

    @property
    def task_self_name(self) -> int:
        """What mach_task_self_ holds in this task."""

    def call(self, function: str, inputs: tuple[Value, ...]) -> Reply | Wait:
        """Answer one call; see KernelCalls. Raises TaskKilled if the kernel kills the caller for it."""


class ServedKernel(Protocol):
    """What a kernel must offer to be served."""

    @property
    def kind(self) -> str:
        """Give simulated or gnumach."""

    @property
    def boot(self) -> str:
        """Give the id that object ids are valid within."""

    def create_task(self, pid: int, *, parent: int | None = None, platform: bool = False) -> ServedTask:
        """Make a task for a process that has connected."""

    def end_task(self, pid: int) -> None:
        """End a process's task: its space is torn down, and its task ports die."""

    def guard_words(self) -> list[int]:
        """List the guard exceptions so far, three numbers each: pid, flavour, port name."""


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
            if peer_user(connection) not in trusted_users():
                connection.close()
                continue
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
        except (NotImplementedError, TypeError) as error:  # no such call, or not with these inputs
            return Answer(KernReturn.KERN_NOT_SUPPORTED, [], refused=str(error))
        except TaskKilled as error:
            return Answer(KernReturn.KERN_TERMINATED, [], killed=str(error))
        return Answer(reply.code, list(reply.outputs), errno=reply.errno)

    def _play(
        self, task: ServedTask, function: str, inputs: tuple[Value, ...], caller: socket.socket
    ) -> Reply:
        with self._changed:
            if function == GUARD_WORDS:
                return Reply(KernReturn.KERN_SUCCESS, (self._kernel.guard_words(),))
            outcome = task.call(function, inputs)
            if function == "mach_msg":
                self._changed.notify_all()
            return outcome if isinstance(outcome, Reply) else self._sleep(task, outcome, caller)

    def _sleep(self, task: ServedTask, first: Wait, caller: socket.socket) -> Reply:
        outcome: Reply | Wait = first
        deadline = None if first.timeout is None else time.monotonic() + first.timeout / 1000
        while isinstance(outcome, Wait):
            if deadline is not None and time.monotonic() >= deadline:
                return Reply(outcome.timed_out)
            self._changed.wait(PAUSE)
            if has_hung_up(caller):
                raise KernelUnavailable("the process went away while it waited for a message")
            outcome = task.call(outcome.function, outcome.inputs)
        self._changed.notify_all()
        return outcome


def has_hung_up(connection: socket.socket) -> bool:
    """Whether a caller that waits for its answer has gone: there is something to read, the end."""
    # Not by select(): it takes no descriptor above 1023
    look = select.poll()
    look.register(connection, select.POLLIN)
    return bool(look.poll(0))
