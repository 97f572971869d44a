"""Guarded ports: a receive right that nobody ends by mistake (osfmk/ipc/mach_port.c:2325)."""

from __future__ import annotations

import struct
from enum import IntFlag
from typing import TYPE_CHECKING

from portaudit.mach.constants import MACH_PORT_QLIMIT_MAX, GuardFlavor, KernReturn, PortRight, PortType
from portaudit.simulator.guard import Guard, RefusalError
from portaudit.simulator.message_copyin import valid
from portaudit.simulator.port_routines import fill, receive_port

if TYPE_CHECKING:
    from portaudit.simulator.port import Port
    from portaudit.simulator.space import Space
    from portaudit.simulator.task import Task

OPTIONS = struct.Struct(
    "<II16x"
)  # mach_port_options_t: flags, queue limit, and a union that is not looked at


class Mpo(IntFlag):
    """MPO_*: what mach_port_construct makes (mach/port.h)."""

    CONTEXT_AS_GUARD = 0x01
    QLIMIT = 0x02
    TEMPOWNER = 0x04
    IMPORTANCE_RECEIVER = 0x08
    INSERT_SEND_RIGHT = 0x10
    STRICT = 0x20
    DENAP_RECEIVER = 0x40
    IMMOVABLE_RECEIVE = 0x80
    FILTER_MSG = 0x100
    TG_BLOCK_TRACKING = 0x200
    SERVICE_PORT = 0x400
    CONNECTION_PORT = 0x800
    REPLY_PORT = 0x1000
    ENFORCE_REPLY_PORT_SEMANTICS = 0x2000
    PROVISIONAL_REPLY_PORT = 0x4000
    EXCEPTION_PORT = 0x8000


NOT_SIMULATED = Mpo.FILTER_MSG | Mpo.TG_BLOCK_TRACKING | Mpo.SERVICE_PORT | Mpo.CONNECTION_PORT
KINDS = Mpo.REPLY_PORT | Mpo.ENFORCE_REPLY_PORT_SEMANTICS | Mpo.EXCEPTION_PORT | Mpo.PROVISIONAL_REPLY_PORT


def construct(space: Space, caller: Task, options: bytes, context: int) -> tuple[int]:
    """mach_port_construct: a receive right with everything that it needs, in one call.

    Reply ports are real ones only for platform tasks: immovable, and good for one send-once right in a
    header and nothing else. For third parties the flag changes nothing (osfmk/ipc/ipc_port.c:831).
    """
    if len(options) != OPTIONS.size:
        raise TypeError(f"mach_port_options_t has {OPTIONS.size} bytes, not {len(options)}")
    bits, qlimit = OPTIONS.unpack(options)
    flags = Mpo(bits)
    _check_options(flags, qlimit)
    entry = fill(space, space.claim(), PortRight.RECEIVE)
    port = entry.named_port
    if flags & Mpo.INSERT_SEND_RIGHT:
        port.make_send()
        entry.type, entry.urefs = PortType.SEND_RECEIVE, 1
    if flags & Mpo.QLIMIT:
        port.qlimit = qlimit
    port.reply_port = bool(flags & Mpo.REPLY_PORT) and caller.platform
    port.immovable_receive = port.reply_port or bool(flags & Mpo.EXCEPTION_PORT)
    port.context = context
    if flags & Mpo.CONTEXT_AS_GUARD:
        _guard(port, strict=bool(flags & Mpo.STRICT), immovable=bool(flags & Mpo.IMMOVABLE_RECEIVE))
    return (entry.name,)


def _check_options(flags: Mpo, qlimit: int) -> None:
    if flags & NOT_SIMULATED or flags & ~sum(Mpo, Mpo(0)):
        raise NotImplementedError(f"not simulated: mach_port_construct with the options 0x{flags:x}")
    if (flags & KINDS).bit_count() > 1:
        raise RefusalError(KernReturn.KERN_INVALID_ARGUMENT)
    if flags & Mpo.QLIMIT and qlimit > MACH_PORT_QLIMIT_MAX:
        raise RefusalError(KernReturn.KERN_INVALID_VALUE)


def _guard(port: Port, *, strict: bool, immovable: bool = False) -> None:
    port.guarded, port.strict_guard = True, strict
    port.immovable_receive |= immovable


def guard(space: Space, name: int, context: int, strict: int) -> tuple[()]:
    """mach_port_guard: from now on only who knows `context` can end the receive right."""
    port = _port(space, name)
    if port.context:
        already = Guard(GuardFlavor.INVALID_ARGUMENT, name, port.context)
        raise RefusalError(KernReturn.KERN_INVALID_ARGUMENT, already)
    port.context = context
    _guard(port, strict=bool(strict))
    return ()


def unguard(space: Space, name: int, context: int) -> tuple[()]:
    """mach_port_unguard: lift the guard."""
    port = _port(space, name)
    if not port.guarded:
        raise RefusalError(KernReturn.KERN_INVALID_ARGUMENT, Guard(GuardFlavor.UNGUARDED, name))
    if port.context != context:
        wrong = Guard(GuardFlavor.INCORRECT_GUARD, name, port.context)
        raise RefusalError(KernReturn.KERN_INVALID_ARGUMENT, wrong)
    port.context, port.guarded, port.strict_guard = 0, False, False
    return ()


def _port(space: Space, name: int) -> Port:
    if not valid(name):
        raise RefusalError(KernReturn.KERN_INVALID_NAME)
    return receive_port(space, name, guard=True)


def get_context(space: Space, name: int) -> tuple[int]:
    """mach_port_get_context: the port's context; 0 where that is a strict guard."""
    if not valid(name):
        raise RefusalError(KernReturn.KERN_INVALID_RIGHT)
    port = receive_port(space, name)
    return (0 if port.strict_guard else port.context,)
