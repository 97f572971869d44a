"""Taking the rights that a message carries: all of them, or the message is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portaudit.mach.constants import (
    MACH_MSG_TYPE_PORT_RECEIVE,
    GuardFlavor,
    KernReturn,
    MsgType,
)
from portaudit.mach.messages import PortDescriptor
from portaudit.simulator.copyin import Allow, take
from portaudit.simulator.guard import Guard, RefusalError
from portaudit.simulator.header import valid
from portaudit.simulator.message import TRAVELS_AS, Descriptor, KernelMessage, Right, Rights
from portaudit.simulator.port import Carried, Port
from portaudit.simulator.release import destroy_message, put_in_transit, release_right

if TYPE_CHECKING:
    from portaudit.mach.messages import Descriptor as UserDescriptor
    from portaudit.simulator.space import Space


def take_body(space: Space, message: KernelMessage, descriptors: tuple[UserDescriptor, ...]) -> None:
    """Take the rights of a message's descriptors into the kernel message.

    On a wrong right everything that was taken before, the header's rights too, is not given back to the
    sender: it is destroyed, as if the message had arrived nowhere (osfmk/ipc/ipc_kmsg.c:2984).
    """
    for descriptor in descriptors:
        try:
            message.descriptors += (_take_descriptor(space, message, descriptor),)
        except RefusalError:
            destroy_message(message)
            raise


def _take_descriptor(space: Space, message: KernelMessage, descriptor: UserDescriptor) -> Descriptor:
    travels_as = _travels_as(descriptor.disposition)
    if isinstance(descriptor, PortDescriptor):
        return Right(_take_right(space, message, descriptor.name, descriptor.disposition), travels_as)
    taken: list[Carried] = []
    try:
        for name in descriptor.names:
            taken.append(_take_right(space, message, name, descriptor.disposition))  # noqa: PERF401  kept on error
    except RefusalError:
        _release_all(taken, travels_as)
        raise
    return Rights(tuple(taken), travels_as)


def _travels_as(disposition: int) -> int:
    return next((kind for given, kind in TRAVELS_AS.items() if given == disposition), MsgType.NONE)


def _release_all(rights: list[Carried], travels_as: int) -> None:
    for right in rights:
        if isinstance(right, Port):
            release_right(right, travels_as)


def _take_right(space: Space, message: KernelMessage, name: int, disposition: int) -> Carried:
    """Take one right; null and dead names travel as such."""
    if not valid(name):
        return name
    allow = Allow.IMMOVABLE_SEND if message.to_kernel else Allow.NOTHING
    try:
        right = take(space, name, disposition, allow)
    except RefusalError as refusal:
        wrong = refusal.code == KernReturn.KERN_INVALID_RIGHT
        guards = (Guard(GuardFlavor.SEND_INVALID_RIGHT, name),) if wrong else ()
        raise RefusalError(KernReturn.MACH_SEND_INVALID_RIGHT, *refusal.guards, *guards) from refusal
    if isinstance(right, Port) and disposition == MACH_MSG_TYPE_PORT_RECEIVE:
        message.circular |= put_in_transit(right, message.remote)
    return right
