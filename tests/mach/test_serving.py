"""Kernels behind a socket: the wire, the server, and what a connection does when the other end misbehaves."""

import contextlib
import ctypes
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portaudit.errors import AuditError, KernelNonsense, KernelUnavailable
from portaudit.kernels import open_kernel
from portaudit.mach import c_types as c
from portaudit.mach.connection import Connection
from portaudit.mach.library import KernError
from portaudit.mach.serving import Server
from portaudit.mach.wire import Call, Hello, receive, send
from portaudit.simulator.kernel import ServedSimulator


@pytest.fixture
def served(socket_path):
    """A simulated kernel that is served, and the path of its socket."""
    kernel = ServedSimulator()
    with Server(kernel, socket_path):
        yield kernel, str(socket_path)


def test_a_process_that_connects_is_a_task_and_one_that_leaves_is_none(served):
    """The task of a process lives as long as its connection."""
    kernel, path = served

    with Connection(path):
        inside = list(kernel.kernel.tasks)
    deadline = time.monotonic() + 5
    while kernel.kernel.tasks and time.monotonic() < deadline:
        time.sleep(0.01)

    assert (inside, dict(kernel.kernel.tasks)) == ([os.getpid()], {})


def test_two_connections_of_one_process_are_one_task(served):
    """A process is one task, however often it connects, until its last connection ends."""
    kernel, path = served

    with Connection(path):
        with Connection(path):
            pass
        time.sleep(0.05)
        inside = list(kernel.kernel.tasks)

    assert inside == [os.getpid()]


def test_the_socket_is_private(served):
    """Nobody but its owner may talk to a kernel."""
    _, path = served

    assert Path(path).stat().st_mode & 0o777 == 0o600


def test_a_process_speaks_for_itself_only(served):
    """Whatever pid a process claims, it is the task of the pid that the system tells."""
    kernel, path = served
    with socket.socket(socket.AF_UNIX) as liar:
        liar.connect(path)
        send(liar, Hello(1, 1))
        liar.settimeout(5)
        liar.recv(1)
        inside = list(kernel.kernel.tasks)

    assert inside == [os.getpid()]


@pytest.mark.parametrize("noise", [b"\xff" * 64, struct.pack("<I", 5) + b"hello", b"", b"\x01"])
def test_a_server_survives_noise(served, noise):
    """Bytes that are no frame end that connection, and no other."""
    _, path = served

    with socket.socket(socket.AF_UNIX) as noisy:
        noisy.connect(path)
        noisy.sendall(noise)
    with open_kernel(f"simulated:{path}") as kernel:
        port = kernel.mach.task_self

    assert port == 0x103


def test_a_call_with_impossible_inputs_ends_its_caller_only(served):
    """Inputs that no prototype has are refused, and the kernel lives on."""
    _, path = served

    impossible: list[Any] = [("x",), (1, 2, 3, 4, 5, 6), (-1, 2**63)]
    for inputs in impossible:
        with Connection(path) as connection, contextlib.suppress(AuditError, NotImplementedError):
            connection.call("mach_port_get_refs", inputs)
    with open_kernel(f"simulated:{path}") as kernel:
        assert kernel.mach.task_self == 0x103


def test_the_reason_of_a_refusal_comes_over_the_socket(served):
    """A process that asks for another's port reads why not as it would on a Mac."""
    _, path = served

    with open_kernel(f"simulated:{path}") as kernel, pytest.raises(KernError) as refused:
        kernel.mach.task_read_for_pid(kernel.mach.task_self, 1, ctypes.byref(c.mach_port_name_t()))

    assert str(refused.value) == "task_read_for_pid: No such process (ESRCH)"


def test_an_interrupted_call_ends_the_connection(served, monkeypatch):
    """The answer that nobody waited for is never taken for that of the next call."""
    _, path = served

    def interrupted(*_arguments):
        raise KeyboardInterrupt

    with open_kernel(f"simulated:{path}") as kernel:
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr("portaudit.mach.connection.receive", interrupted)
            kernel.mach.mach_host_self()
        with pytest.raises(KernelUnavailable):
            kernel.mach.mach_host_self()


def test_a_waiting_process_that_dies_is_noticed(served):
    """A process killed while it waits for a message is no task any more."""
    kernel, path = served
    waiter = (
        "import sys; from portaudit.kernels import open_kernel; from portaudit.demo.player import *\n"
        "with open_kernel('simulated:' + sys.argv[1]) as k:\n"
        "    box = new_mailbox(k.mach); print('waits', flush=True); receive(k.mach, box, 60000)"
    )
    with subprocess.Popen([sys.executable, "-c", waiter, path], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.1)
        process.kill()
    deadline = time.monotonic() + 5
    while kernel.kernel.tasks and time.monotonic() < deadline:
        time.sleep(0.01)

    assert dict(kernel.kernel.tasks) == {}


@contextlib.contextmanager
def impostor(path, *frames):
    """Something at a socket that answers with these bytes and hangs up."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def speak():
            with contextlib.suppress(OSError):
                connection, _ = listener.accept()
                with connection:
                    for frame in frames:
                        connection.recv(4096)
                        connection.sendall(frame)

        speaker = threading.Thread(target=speak)
        speaker.start()
        yield
        speaker.join(5)


def frame(data):
    return struct.pack("<I", len(data)) + data


WELCOME = frame(b"\x93\xa9simulated\xa1b\xcd\x01\x03")


@pytest.mark.parametrize(
    ("frames", "error", "sentence"),
    [
        ((b"",), KernelUnavailable, "hung up"),
        ((b"\xff\xff\xff\xff",), KernelNonsense, "announced 4294967295 bytes"),
        ((frame(b"nonsense"),), KernelNonsense, "said what no kernel says"),
        ((struct.pack("<I", 100) + b"half",), KernelUnavailable, "hung up"),
        ((WELCOME, frame(b"\xc1")), KernelNonsense, "said what no kernel says"),
        ((WELCOME, b""), KernelUnavailable, "hung up"),
        ((WELCOME, frame(b"\x94\x00\x91\xa1x\xc0\xc0")), KernelNonsense, "said what no kernel says"),
    ],
)
def test_a_kernel_that_hangs_up_or_talks_nonsense_is_told(socket_path, frames, error, sentence):
    """Whatever stands at the socket, the caller gets a sentence."""
    with (
        impostor(socket_path, *frames),
        pytest.raises(error, match=sentence),
        Connection(str(socket_path)) as one,
    ):
        one.call("mach_port_type", (0x103, 0x103))


@given(st.binary(max_size=60))
def test_any_answer_is_an_answer_or_nonsense(data):
    """Whatever bytes come back as a frame, the reader says a known error or a value."""
    left, right = socket.socketpair()
    with left, right:
        left.sendall(frame(data))
        left.close()
        with contextlib.suppress(KernelNonsense):
            receive(right, Call)
