"""The recorded messages: `send` and `recv`."""

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from portaudit.mach.constants import KernReturn, MsgOption, MsgType, Notification
from portaudit.mach.messages import Descriptor, Message, PortDescriptor, PortsDescriptor
from portaudit.simulator import message_queue
from tests.contract.answers import Name, disposition
from tests.contract.recording import Step

if TYPE_CHECKING:
    from tests.contract.player import Player

DEFAULT_ID = 100
DEFAULT_SIZE = 4096
NAMING = frozenset({Notification.PORT_DELETED, Notification.SEND_POSSIBLE, Notification.DEAD_NAME})
NOTHING = Message(0, 0)


def send(player: "Player", step: Step) -> Callable[[], dict[str, Any]]:
    """Send a message without waiting; after a failure the sender's buffer is part of the answer."""
    message = _read(player, step)
    space = player.tasks[step.task].space
    notify = bool(_options(step) & MsgOption.SEND_NOTIFY)

    def go() -> dict[str, Any]:
        after = message
        result: dict[str, Any] = {"kr": "KERN_SUCCESS"}

        def attempt() -> dict[str, Any]:
            nonlocal after
            try:
                message_queue.send(space, message, notify=notify)
            except message_queue.UndeliveredError as undelivered:
                after = undelivered.message
                raise
            return result

        result = player.attempt(step, attempt)
        return result if result["kr"] == "KERN_SUCCESS" else {**result, **_after(step.task, after)}

    return go


def _read(player: "Player", step: Step) -> Message:
    local, local_disposition = _right(player, step, step.option("local") or "null:none")
    descriptors: list[Descriptor] = []
    for argument in step.args:
        key, _, value = argument.partition("=")
        names, _, how = value.rpartition(":")
        if key == "d":
            descriptors.append(PortDescriptor(*_right(player, step, value)))
        elif key == "ool":
            numbers = tuple(player.name(name, step.task) for name in names.split(",") if name)
            descriptors.append(PortsDescriptor(numbers, player.number(how)))
    return Message(
        player.name(step.plain[0], step.task),
        player.number(step.plain[1]),
        local,
        local_disposition,
        int(step.option("id") or DEFAULT_ID),
        tuple(descriptors),
    )


def _options(step: Step) -> int:
    return int(step.option("opt") or "0", 0)


def _right(player: "Player", step: Step, text: str) -> tuple[int, int]:
    name, _, how = text.rpartition(":")
    return player.name(name, step.task), player.number(how)


def _after(task: str, message: Message) -> dict[str, Any]:
    header = {
        "remote": Name(task, message.remote),
        "remote_disp": disposition(message.remote_disposition),
        "local": Name(task, message.local),
        "local_disp": disposition(message.local_disposition),
    }
    descriptors: list[dict[str, Any]] = [
        {"name": Name(task, descriptor.name), "disp": disposition(descriptor.disposition)}
        if isinstance(descriptor, PortDescriptor)
        else {"ool": 1}
        for descriptor in message.descriptors
    ]
    return {"hdr_after": header, "descs_after": descriptors}


def receive(player: "Player", step: Step) -> Callable[[], dict[str, Any]]:
    """Receive a message without waiting."""
    space = player.tasks[step.task].space
    name = player.name(step.plain[0], step.task)
    limit = int(step.option("size") or DEFAULT_SIZE)
    large = bool(_options(step) & MsgOption.RCV_LARGE)

    def attempt() -> dict[str, Any]:
        received = message_queue.receive(space, name, limit, large=large)
        _assign(player, step, received.message)
        return _received(step.task, received)

    def go() -> dict[str, Any]:
        try:
            return player.attempt(step, attempt)
        except message_queue.NothingToReceiveError:
            return {"kr": KernReturn.MACH_RCV_TIMED_OUT.name}

    return go


def _assign(player: "Player", step: Step, message: Message | None) -> None:
    """Give the labels of the step: the reply port's to the reply port, v1, v2 ... to the descriptors."""
    if message is None:
        return
    player.assign(step, message.remote)
    ports = [item.name for item in message.descriptors if isinstance(item, PortDescriptor)]
    for number, port in enumerate(ports, 1):
        label = step.option(f"v{number}")
        if label is not None:
            player.variables[label] = port


def _received(task: str, received: message_queue.Received) -> dict[str, Any]:
    message = received.message or NOTHING
    return {
        "kr": received.code.name,
        "msgh_id": message.id,
        "msgh_size": received.size,
        "complex": received.complex,
        "remote": Name(task, message.remote),
        "remote_disp": disposition(message.remote_disposition),
        "local": Name(task, message.local),
        "local_disp": disposition(message.local_disposition),
        "seqno": received.seqno,
        "descs": [_descriptor(task, descriptor) for descriptor in message.descriptors],
        **_notification(task, message),
    }


def _descriptor(task: str, descriptor: Descriptor) -> dict[str, Any]:
    how = disposition(descriptor.disposition)
    if isinstance(descriptor, PortDescriptor):
        return {"name": Name(task, descriptor.name), "hex": Name(task, descriptor.name), "disp": how}
    return {"ool_disp": how, "names": [Name(task, number) for number in descriptor.names]}


def _notification(task: str, message: Message) -> dict[str, Any]:
    if message.id not in list(Notification) or message.remote_disposition != MsgType.NONE:
        return {}
    said: dict[str, Any] = {"notification": Notification(message.id).name}
    words = struct.unpack("<I", message.body[8:12]) if len(message.body) >= 12 else ()
    if words and message.id in NAMING:
        said |= {"not_port": Name(task, words[0]), "not_port_hex": Name(task, words[0])}
    elif words:
        said["not_count"] = words[0]
    return said
