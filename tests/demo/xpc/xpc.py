"""XPC's dictionaries and their way through a connection, on whatever Mach kernel the process has."""

import ctypes
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count

from portaudit.demo.player import new_mailbox, receive, send
from portaudit.mach.constants import MsgType, PortRight
from portaudit.mach.library import KernError, Mach
from portaudit.mach.messages import Message, PortDescriptor

PATIENCE_MILLISECONDS = 10_000
OBJECT, PORT, TEXT = ctypes.c_void_p, ctypes.c_uint, ctypes.c_char_p
CALLS = {
    "xpc_dictionary_create": ctypes.CFUNCTYPE(OBJECT, OBJECT, OBJECT, ctypes.c_size_t),
    "xpc_dictionary_set_mach_send": ctypes.CFUNCTYPE(None, OBJECT, TEXT, PORT),
    "xpc_dictionary_copy_mach_send": ctypes.CFUNCTYPE(PORT, OBJECT, TEXT),
    "xpc_connection_send_message_with_reply_sync": ctypes.CFUNCTYPE(OBJECT, OBJECT, OBJECT),
    "xpc_release": ctypes.CFUNCTYPE(None, OBJECT),
}


@dataclass
class Dictionary:
    """What a dictionary carries, and whether it has a reference of its own to it."""

    port: int = 0
    owns: bool = False


@dataclass
class Xpc:
    """A process's XPC. `set_holds`: whether a dictionary takes a reference when a port is put into it.

    `inbox` is the receive right where the extension is sent messages, `extension` the send right to it, and
    `postman` what must happen for the other side to run (in one process: serving it).
    """

    mach: Mach
    set_holds: bool
    inbox: int = 0
    extension: int = 0
    postman: Callable[[], None] = lambda: None
    objects: dict[int, Dictionary] = field(default_factory=dict)
    faults: list[BaseException] = field(default_factory=list)
    _kept: list[object] = field(default_factory=list)
    _handles: "count[int]" = field(default_factory=lambda: count(1))
    _reply: int = 0

    def bind(self, library: ctypes.CDLL) -> None:
        """Let a compiled program call this XPC."""
        for name, kind in CALLS.items():
            callback = kind(self._guarded(getattr(self, name)))
            self._kept.append(callback)
            ctypes.c_void_p.in_dll(library, name).value = ctypes.cast(callback, ctypes.c_void_p).value
        self._reply = new_mailbox(self.mach)

    def _guarded(self, call: Callable[..., int | None]) -> Callable[..., int | None]:
        """C would lose an exception: it is kept, and the program sees an error."""

        def guarded(*arguments: int) -> int | None:
            try:
                return call(*arguments)
            except Exception as fault:  # noqa: BLE001  raised again by who made the call
                self.faults.append(fault)
                return 0

        return guarded

    def new(self, port: int = 0, *, owns: bool = False) -> int:
        """Make a dictionary."""
        handle = next(self._handles)
        self.objects[handle] = Dictionary(port, owns)
        return handle

    def xpc_dictionary_create(self, _keys: int, _values: int, _count: int) -> int:
        """Make an empty dictionary."""
        return self.new()

    def xpc_dictionary_set_mach_send(self, handle: int, _key: bytes, port: int) -> None:
        """Put a port in, with or without a reference of its own."""
        self.objects[handle].port = port
        self.objects[handle].owns = self.set_holds
        if self.set_holds:
            self._add(port, 1)

    def xpc_dictionary_copy_mach_send(self, handle: int, _key: bytes) -> int:
        """Give the port, and one more reference to it."""
        port = self.objects[handle].port
        if port:
            self._add(port, 1)
        return port

    def xpc_release(self, handle: int) -> None:
        """End a dictionary, and with it what it has of its own."""
        gone = self.objects.pop(handle)
        if gone.owns:
            self._add(gone.port, -1)

    def _add(self, port: int, references: int) -> None:
        self.mach.mach_port_mod_refs(self.mach.task_self, port, PortRight.SEND, references)

    def xpc_connection_send_message_with_reply_sync(self, _connection: int, handle: int) -> int:
        """Send a copy of the port, and wait until the other side has answered."""
        port = self.objects[handle].port
        carried = (PortDescriptor(port, MsgType.COPY_SEND),) if port else ()
        make_once = MsgType.MAKE_SEND_ONCE
        send(
            self.mach,
            Message(self.extension, MsgType.COPY_SEND, self._reply, make_once, descriptors=carried),
        )
        self.postman()
        answer = receive(self.mach, self._reply, PATIENCE_MILLISECONDS)
        return 0 if answer is None else self.new()

    def serve_one(self, serve: Callable[[int], int], milliseconds: int = PATIENCE_MILLISECONDS) -> bool:
        """Receive a dictionary, let the program deal with it, drop it, and answer; False if none came."""
        message = receive(self.mach, self.inbox, milliseconds)
        if message is None:
            return False
        ports = [item.name for item in message.descriptors if isinstance(item, PortDescriptor)]
        handle = self.new(port=ports[0], owns=True) if ports else self.new()
        code = serve(handle)
        self.xpc_release(handle)
        if code:
            raise OSError(code, "the extension's half failed")
        with suppress(KernError):  # whoever asked may be gone
            send(self.mach, Message(message.remote, MsgType.MOVE_SEND_ONCE))
        return True
