"""A process's connection to a stand-in kernel that another process serves on a Unix socket."""

import os
import signal
import socket
import sys
from types import TracebackType
from typing import Self

from portaudit.errors import KernelNonsense, KernelUnavailable
from portaudit.harmless import safe
from portaudit.mach.c_types import mach_port_name_t
from portaudit.mach.callbacks import number
from portaudit.mach.calls import Reply, Value
from portaudit.mach.constants import MsgOption
from portaudit.mach.wire import Answer, Call, Hello, Welcome, receive, send, trust

ANSWER_SECONDS = 30.0
"""A call that does not wait for a message is answered within this time, in seconds."""

BOOT_MAX = 64
"""Characters: a boot session's id is a UUID."""

OPTION = 1  # which of mach_msg's inputs


class Connection:
    """One task of the served kernel: this process, from now until it is closed or exits."""

    def __init__(self, path: str, *, platform: bool = False) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(ANSWER_SECONDS)
        try:
            self.welcome = self._introduce(path, platform=platform)
        except BaseException:
            self._socket.close()
            raise

    def _introduce(self, path: str, *, platform: bool) -> Welcome:
        try:
            self._socket.connect(path)
        except OSError as error:
            raise KernelUnavailable(
                f"no kernel answers at {path}: {error.strerror or error}; is `portaudit demo --hold` running?"
            ) from error
        trust(self._socket, path)
        send(self._socket, Hello(os.getpid(), os.getppid(), platform))
        welcome = receive(self._socket, Welcome, ANSWER_SECONDS)
        number(mach_port_name_t, welcome.task_self)
        if len(welcome.boot) > BOOT_MAX:
            raise KernelNonsense(f"the kernel at {path} called its boot by {len(welcome.boot)} characters")
        return welcome

    def call(self, function: str, inputs: tuple[Value, ...]) -> Reply:
        """Let the served kernel answer; see KernelCalls."""
        waits = function == "mach_msg" and _may_wait(inputs)
        self._socket.settimeout(ANSWER_SECONDS)
        try:
            send(self._socket, Call(function, list(inputs)))
            answer = receive(self._socket, Answer, None if waits else ANSWER_SECONDS)
        except KeyboardInterrupt:
            # The answer that was not waited for would be taken for the next call's
            self._socket.shutdown(socket.SHUT_RDWR)
            raise
        if answer.killed is not None:
            _die(answer.killed)
        if answer.refused is not None:
            raise NotImplementedError(answer.refused)
        return Reply(answer.code, tuple(answer.outputs), answer.errno)

    def close(self) -> None:
        """End this process's task."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _where: TracebackType | None
    ) -> None:
        self.close()


def _may_wait(inputs: tuple[Value, ...]) -> bool:
    option = inputs[OPTION]
    return isinstance(option, int) and bool(option & (MsgOption.RCV_MSG | MsgOption.SEND_MSG))


def _die(guard: str) -> None:
    # The kernel would have killed this process here: EXC_GUARD is SIGKILL, and nothing may run after it
    print(f"killed by the kernel: EXC_GUARD {safe(guard)}", file=sys.stderr, flush=True)  # noqa: T201  a last word
    os.kill(os.getpid(), signal.SIGKILL)
