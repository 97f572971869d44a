"""Join the processes of one lsmp output by object id: who receives at the ports that others send to.

lsmp looks only at the newest name that a process has for a port, so it calls a receiver unknown that
also holds a send-once right to its own port (port_details.c:470-488). The object id tells.
"""

from portaudit.collect.lsmp.space import Space
from portaudit.model.kobject import MESSAGE_QUEUE
from portaudit.model.rights import TYPE_BIT, Right
from portaudit.model.snapshot import Entries, Peer, Process

_RECEIVES = TYPE_BIT[Right.RECEIVE]
_SENDS = TYPE_BIT[Right.SEND] | TYPE_BIT[Right.SEND_ONCE]


def tell_queues(spaces: list[Space]) -> None:
    """Take rights that lsmp calls UNKNOWN as rights to message queues, unless it knows a queue elsewhere.

    An lsmp that shows the receiver of a send right runs on a kernel that tells plain ports from others (up to
    macOS 15): there UNKNOWN is a kernel object that is younger than lsmp. On macOS 26 no send right has one.
    """
    if not any(_knows_a_queue(space.entries) for space in spaces):
        for space in spaces:
            space.call_queues()


def _knows_a_queue(entries: Entries) -> bool:
    return any(
        kobject == MESSAGE_QUEUE and bits & _SENDS
        for kobject, bits in zip(entries.kobject, entries.type, strict=True)
    )


def fill_in_peers(spaces: list[Space]) -> None:
    """Name the receiver of each right to a message queue whose receive right is in one of the spaces."""
    receivers = _receivers(spaces)
    for space in spaces:
        entries = space.entries
        ports = entries.object
        for row, bits in enumerate(entries.type):
            if bits & _SENDS and ports[row] in receivers and _tells_no_receiver(entries, row):
                receiver, name = receivers[ports[row]]
                entries.peer[row] = Peer(receiver.pid, receiver.name, name)


def _receivers(spaces: list[Space]) -> dict[int | None, tuple[Process, int]]:
    """Map each port that one of the spaces receives at to its process, and to the port's name there."""
    return {
        port: (space.process, name)
        for space in spaces
        for name, bits, port in zip(space.entries.name, space.entries.type, space.entries.object, strict=True)
        if bits & _RECEIVES and port
    }


def _tells_no_receiver(entries: Entries, row: int) -> bool:
    """Whether a right to send is no more than that, to a message queue of which lsmp says nothing else."""
    return not (entries.type[row] & _RECEIVES or entries.kobject[row] or row in entries.peer)
