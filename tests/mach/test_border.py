"""The border of memory: nothing is copied that has not the length and the range of its place."""

import contextlib
import ctypes
import json
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portaudit.collect.names import read_names
from portaudit.collect.space_info import read_space
from portaudit.errors import AuditError, KernelNonsense, KernelUnavailable
from portaudit.mach import c_types as c
from portaudit.mach.callbacks import Callbacks
from portaudit.mach.calls import Reply
from portaudit.mach.connection import Connection
from portaudit.mach.constants import MsgOption
from portaudit.mach.library import Mach, out_of_line
from portaudit.mach.messages import HEADER, PORTS, unpack
from portaudit.mach.serving import Server
from portaudit.trust import trusted_users
from tests.leaving import examples

BYTES = 65536


class Answering:
    """Answers every call with the same reply, or with what a function gives."""

    def __init__(self, answer):
        self.answer = answer

    def call(self, _function, _inputs):
        return self.answer() if callable(self.answer) else self.answer


def mach_over(answer):
    return Mach(Callbacks(Answering(answer), 0x103), "simulated")


@pytest.mark.parametrize("length", [0, 1, 3, 5, BYTES])
def test_bytes_are_no_number(length):
    """Bytes of any length where a number belongs are nonsense, and are written nowhere."""
    mach = mach_over(Reply(0, (b"A" * length,)))
    places = (c.mach_port_urefs_t * 2)()

    with pytest.raises(KernelNonsense, match="where a c_uint belongs"):
        mach.mach_port_get_refs(0x103, 0x1103, 0, places)

    assert list(places) == [0, 0]


@pytest.mark.parametrize("value", [-1, 2**32, 2**63])
def test_a_number_that_does_not_fit_is_nonsense(value):
    """A number is not cut to the place that it goes to: what is left would be another one."""
    with pytest.raises(KernelNonsense):
        mach_over(Reply(0, (value,))).mach_port_type(0x103, 0x1103, ctypes.byref(c.mach_port_type_t()))


@pytest.mark.parametrize("code", [2**31, -(2**31) - 1, 2**63])
def test_a_code_that_does_not_fit_is_nonsense(code):
    """A return code has 32 bits."""
    with pytest.raises(KernelNonsense):
        mach_over(Reply(code)).mach_port_destroy(0x103, 0x1103)


@pytest.mark.parametrize("length", [0, 23, 25, BYTES])
def test_a_structure_has_its_size(length):
    """What mach_port_space_info says of the space has 24 bytes, and no other number of them is copied."""
    mach = mach_over(Reply(0, (b"A" * length, b"", b"")))
    space = (c.ipc_info_space_t * 2)()
    with (
        out_of_line(mach, c.ipc_info_name_t, c.ipc_info_tree_name_t) as (table, tree),
        pytest.raises(KernelNonsense, match="where ipc_info_space_t has 24"),
    ):
        mach.mach_port_space_info(0x103, space, table.pointer, table.count, tree.pointer, tree.count)

    assert bytes(space) == bytes(48)


@pytest.mark.parametrize("text", [b"", b"A", b"A" * 512, b"A" * 512 + b"\0", b"A" * BYTES])
def test_a_text_ends_within_its_buffer(text):
    """A description has 512 bytes with the zero at its end; a longer one, or one without end, is nonsense."""
    mach = mach_over(Reply(0, (2, 0, text)))
    beside = (c.kobject_description_t * 2)()
    kind, address = c.natural_t(), c.mach_vm_address_t()

    with pytest.raises(KernelNonsense, match="for a buffer of 512"):
        mach.mach_port_kobject_description(
            0x103, 0x1103, ctypes.byref(kind), ctypes.byref(address), beside[0]
        )

    assert bytes(beside) == bytes(1024)


def test_a_text_that_fits_is_written():
    """The longest description there is, 511 bytes and the zero, arrives."""
    mach = mach_over(Reply(0, (2, 0, b"A" * 511 + b"\0")))
    text = c.kobject_description_t()
    kind, address = c.natural_t(), c.mach_vm_address_t()

    mach.mach_port_kobject_description(0x103, 0x1103, ctypes.byref(kind), ctypes.byref(address), text)

    assert text.value == b"A" * 511


@pytest.mark.parametrize("table", [b"A" * 27, b"A" * 29, [1, 2], 7, [2**40]])
def test_a_table_has_whole_rows(table):
    """Rows have 28 bytes each; half a row, and numbers where rows belong, are nonsense."""
    mach = mach_over(Reply(0, (b"A" * 24, table, b"")))

    with pytest.raises(KernelNonsense):
        read_space(mach, 0x103)


def test_a_message_longer_than_its_buffer_is_nonsense():
    """A message is not cut to the room that the caller has."""
    mach = mach_over(Reply(0, (b"A" * 201,)))
    buffer = ctypes.create_string_buffer(400)
    place = ctypes.cast(buffer, ctypes.POINTER(c.mach_msg_header_t))

    with pytest.raises(KernelNonsense, match="as a message of at most 200 bytes"):
        mach.mach_msg(place, MsgOption.RCV_MSG, 0, 200, 0x203, 0, 0)

    assert buffer.raw == bytes(400)


@pytest.mark.parametrize("outputs", [(), (1, 2), (1, 2, 3)])
def test_a_success_without_its_values_is_nonsense(outputs):
    """Whoever succeeds fills every place, and no others."""
    with pytest.raises(KernelNonsense, match=f"came back with {len(outputs)} values for 1 places"):
        mach_over(Reply(0, outputs)).mach_port_type(0x103, 0x1103, ctypes.byref(c.mach_port_type_t()))


@pytest.mark.parametrize("function", ["mach_host_self", "mach_reply_port"])
@pytest.mark.parametrize("outputs", [(), (b"AAAA",), (-1,), (2**32,)])
def test_a_port_that_is_none_is_nonsense(function, outputs):
    """Functions that return a port return a name of 32 bits."""
    with pytest.raises(KernelNonsense):
        getattr(mach_over(Reply(0, outputs)), function)()


def test_more_names_than_types_is_nonsense():
    """mach_port_names gives one type for each name."""
    with pytest.raises(KernelNonsense, match="gave 2 names and 1 types"):
        read_names(mach_over(Reply(0, ([0x103, 0x203], [65536]))), 0x103)


def test_a_message_that_points_outside_itself_is_nonsense():
    """An array of rights at an address of 64 bits is none of this message's."""
    descriptor = PORTS.pack(2**64 - 4, 0, 0, 17, 2, 2**32 - 1)
    data = HEADER.pack(0x80000011, 64, 0x103, 0, 0, 7) + b"\1\0\0\0" + descriptor

    with pytest.raises(KernelNonsense):
        unpack(data)


VALUES = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**64 - 1),
    st.integers(0, 300),
    st.binary(max_size=600),
    st.lists(st.integers(-(2**63), 2**64 - 1), max_size=6),
    st.lists(st.integers(0, 2**32 - 1), max_size=6),
)
REPLIES = st.builds(Reply, st.sampled_from([0, 0, 0, 5, -1, 2**40]), st.lists(VALUES, max_size=5).map(tuple))


@pytest.mark.parametrize("read", [read_space, read_names])
@given(st.data())
@examples(200)
def test_whatever_a_kernel_answers_a_reader_reads_it_or_says_that_it_is_nonsense(read, data):
    """No answer of any shape ends a reader otherwise than with entries or with a known error."""
    mach = mach_over(lambda: data.draw(REPLIES))

    with contextlib.suppress(AuditError):
        read(mach, 0x103)


class Evil:
    """A kernel that answers every call with more bytes than were asked for, or as told."""

    kind, boot, task_self_name = "simulated", "boot", 0x103

    def __init__(self, words=()):
        self.words = words

    def create_task(self, pid, *, parent=None, platform=False):  # noqa: ARG002  as a kernel does
        return self

    def end_task(self, pid):
        """Let the process go."""

    def guard_words(self):
        return list(self.words)

    def call(self, _function, _inputs):
        return Reply(0, (b"A" * BYTES, b"A" * BYTES, b"A" * BYTES)[: len(_function) % 3 + 1])


def portaudit(*arguments):
    command = [sys.executable, "-m", "portaudit", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_an_evil_kernel_is_no_crash(socket_path):
    """A snapshot over a socket whose kernel overfills every place says so, and exits 3."""
    with Server(Evil(), socket_path):
        ended = portaudit("snapshot", "--kernel", f"simulated:{socket_path}", "--pid", os.getpid(), "-o", "-")

    assert ended.returncode == 3
    assert "a kernel answered" in json.loads(ended.stdout)["tasks"][0]["not_read"]["reason"]


def test_a_kernel_of_another_kind_is_refused(socket_path):
    """What a socket serves is what its name says: a snapshot would be called XNU's otherwise."""
    evil = Evil()
    evil.kind = "xnu"
    with Server(evil, socket_path):
        ended = portaudit("snapshot", "--kernel", f"simulated:{socket_path}", "--pid", os.getpid(), "-o", "-")

    assert (ended.returncode, ended.stdout) == (3, "")
    assert ended.stderr == (
        f"portaudit: the kernel at {socket_path} says that it is xnu, and not simulated\n"
    )


def test_a_last_word_is_quoted():
    """What a kernel says when it kills is printed harmlessly, whatever is in it."""
    answer = (
        "import sys; from portaudit.mach.connection import Connection, _die\n"
        "_die('\\x1b[2J\\n::stop-commands::x')"
    )
    ended = subprocess.run([sys.executable, "-c", answer], capture_output=True, text=True, check=False)

    assert ended.stderr == "killed by the kernel: EXC_GUARD \\x1b[2J\\n::stop-commands::x\n"


SERVE = """
import os, socket, sys
listener = socket.socket(socket.AF_UNIX)
os.setuid(65534)
listener.bind(sys.argv[1]); os.chmod(sys.argv[1], 0o777); listener.listen()
print("ready", flush=True)
connection, _ = listener.accept()
print(len(connection.recv(4096)), flush=True)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_another_users_socket_is_told_nothing(socket_path):
    """A socket that another user made where a kernel once was is refused before a word is said to it."""
    for folder in (socket_path.parent, *socket_path.parent.parents[:3]):
        folder.chmod(0o777)
    command = [sys.executable, "-c", SERVE, str(socket_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as stranger:
        assert stranger.stdout is not None
        assert stranger.stdout.readline() == "ready\n"
        with pytest.raises(KernelUnavailable, match="served by user 65534, neither root nor you"):
            Connection(str(socket_path))
        heard = stranger.stdout.readline()

    assert heard == "0\n"


@pytest.mark.parametrize(
    ("euid", "environment", "trusted"),
    [
        (501, {}, {0, 501}),
        (501, {"SUDO_UID": "502"}, {0, 501}),
        (0, {}, {0}),
        (0, {"SUDO_UID": "501"}, {0, 501}),
        (0, {"SUDO_UID": "-1"}, {0}),
        (0, {"SUDO_UID": "5" * 5000}, {0}),
    ],
)
def test_who_is_trusted(monkeypatch, euid, environment, trusted):
    """Oneself and root; and, for root alone, whoever called sudo."""
    monkeypatch.delenv("SUDO_UID", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(os, "geteuid", lambda: euid)

    assert trusted_users() == trusted
