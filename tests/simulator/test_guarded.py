"""Ports made to order: guards, contexts, reply ports."""

import pytest

from portaudit.mach.constants import (
    GuardFlavor,
    KernReturn,
    MsgType,
    Notification,
    PortFlavor,
    PortStatusFlag,
    PortType,
)
from portaudit.simulator.c_api import ProcessKilledError
from portaudit.simulator.port_guard import OPTIONS, Mpo

GUARD = 0x1234_5678_9ABC


def construct(process, flags, context=0, qlimit=0):
    return process.ask("mach_port_construct", OPTIONS.pack(flags, qlimit), context)


def killed(process, *call):
    with pytest.raises(ProcessKilledError) as death:
        process.code(*call)
    return death.value.event.flavor


def test_a_port_can_be_made_with_its_send_right_and_queue_limit(host):
    """mach_port_construct makes receive and send right, limit and context in one call."""
    name = construct(host, Mpo.INSERT_SEND_RIGHT | Mpo.QLIMIT, GUARD, 9)

    assert host.type(name) == PortType.SEND_RECEIVE
    assert host.ask("mach_port_get_attributes", name, PortFlavor.LIMITS_INFO, 1) == [9]
    assert host.ask("mach_port_get_context", name) == GUARD


def test_a_strict_guard_is_not_shown(host):
    """The context of a strictly guarded port reads 0, and its status says what it is."""
    flags = Mpo.CONTEXT_AS_GUARD | Mpo.STRICT | Mpo.IMMOVABLE_RECEIVE
    name = construct(host, flags, GUARD)

    assert host.ask("mach_port_get_context", name) == 0
    status = host.ask("mach_port_get_attributes", name, PortFlavor.RECEIVE_STATUS, 10)
    expected = PortStatusFlag.GUARDED | PortStatusFlag.STRICT_GUARD | PortStatusFlag.GUARD_IMMOVABLE_RECEIVE
    assert status[9] == expected


def test_only_who_knows_the_guard_ends_the_port(host):
    """mach_port_destruct with the guard works; without it the process dies."""
    name = construct(host, Mpo.CONTEXT_AS_GUARD, GUARD)
    host.ask("mach_port_destruct", name, 0, GUARD)
    name = construct(host, Mpo.CONTEXT_AS_GUARD, GUARD)

    assert killed(host, "mach_port_destruct", name, 0, GUARD - 1) == GuardFlavor.DESTROY


def test_a_guard_can_be_lifted_and_set_again(host):
    """Guard and unguard take turns; guarding twice is refused with a guard that does not kill."""
    name = host.receive_right()
    host.ask("mach_port_guard", name, GUARD, 0)
    assert host.code("mach_port_guard", name, GUARD, 0) == KernReturn.KERN_INVALID_ARGUMENT
    host.ask("mach_port_unguard", name, GUARD)
    host.ask("mach_port_guard", name, GUARD, 1)

    assert host.guards() == [(GuardFlavor.INVALID_ARGUMENT, name)]


@pytest.mark.parametrize(
    ("guarded", "flavor"), [(False, GuardFlavor.UNGUARDED), (True, GuardFlavor.INCORRECT_GUARD)]
)
def test_lifting_the_wrong_guard_kills(host, guarded, flavor):
    """Unguard of a port that is not guarded, or with another guard, is always fatal."""
    name = host.receive_right()
    if guarded:
        host.ask("mach_port_guard", name, GUARD, 0)

    assert killed(host, "mach_port_unguard", name, 7) == flavor


def test_impossible_options_are_refused(host):
    """Two kinds of port at once, or a limit over 1024, make no port."""
    both = OPTIONS.pack(Mpo.REPLY_PORT | Mpo.EXCEPTION_PORT, 0)
    long = OPTIONS.pack(Mpo.QLIMIT, 1025)

    assert host.code("mach_port_construct", both, 0) == KernReturn.KERN_INVALID_ARGUMENT
    assert host.code("mach_port_construct", long, 0) == KernReturn.KERN_INVALID_VALUE
    assert host.ask("mach_port_names")[0] == [0x103, 0x203]


@pytest.mark.parametrize("call", ["mach_port_guard", "mach_port_unguard"])
def test_no_name_is_no_guarded_port(host, call):
    """The null name is KERN_INVALID_NAME to the guard calls, and KERN_INVALID_RIGHT to the rest."""
    arguments = (0, GUARD, 0) if call == "mach_port_guard" else (0, GUARD)

    assert host.code(call, *arguments) == KernReturn.KERN_INVALID_NAME
    assert host.code("mach_port_get_context", 0) == KernReturn.KERN_INVALID_RIGHT


def test_no_name_has_no_limits(host):
    """get_attributes of the null name: no limits and no requests, but no status either."""
    assert host.ask("mach_port_get_attributes", 0, PortFlavor.LIMITS_INFO, 1) == []
    assert host.ask("mach_port_get_attributes", 0, PortFlavor.DNREQUESTS_SIZE, 1) == [0]
    status = host.code("mach_port_get_attributes", 0, PortFlavor.RECEIVE_STATUS, 10)
    assert status == KernReturn.KERN_INVALID_RIGHT


def test_a_port_says_how_many_requests_it_has_room_for(host):
    """The request table has no slots at first, then 2, 3, 4, 6 ...; slot 0 is never used."""
    port = host.receive_right(send=True)
    sizes = []
    for number in range(5):
        host.ask("mach_port_insert_right", 0x1603 + number * 256, port, MsgType.MAKE_SEND_ONCE)
        host.ask(
            "mach_port_request_notification",
            0x1603 + number * 256,
            Notification.DEAD_NAME,
            0,
            port,
            MsgType.MAKE_SEND_ONCE,
        )
        sizes.append(host.ask("mach_port_dnrequest_info", port))

    assert sizes == [(2, 1), (3, 2), (4, 3), (6, 4), (6, 5)]
    assert host.ask("mach_port_get_attributes", port, PortFlavor.DNREQUESTS_SIZE, 1) == [6]


def test_a_reply_port_is_one_only_for_platform_tasks(host, platform):
    """MPO_REPLY_PORT: a third party may take rights from it, a platform task dies of that."""
    ordinary, real = construct(host, Mpo.REPLY_PORT), construct(platform, Mpo.REPLY_PORT)
    assert host.ask("mach_port_extract_right", ordinary, MsgType.MAKE_SEND_ONCE)[1] == MsgType.MOVE_SEND_ONCE

    call = ("mach_port_extract_right", real, MsgType.MAKE_SEND_ONCE)
    assert killed(platform, *call) == GuardFlavor.INVALID_RIGHT


def test_a_reply_right_that_cannot_be_sent_is_unmade(platform, host):
    """A full queue gives a real reply port's send-once right no name: it is just not made."""
    platform.give(host, platform.receive_right(), 0x5503)
    host.give(platform, host.receive_right(), 0x5503)
    reply = construct(platform, Mpo.REPLY_PORT)
    codes = [platform.send(0x5503, local=(reply, MsgType.MAKE_SEND_ONCE)) for _ in range(6)]

    assert codes == [0, 0, 0, 0, 0, KernReturn.MACH_SEND_TIMED_OUT]
    assert platform.port(reply).sorights == 5


def test_a_right_is_added_to_the_name_that_it_is_made_from(host):
    """insert_right of a name onto itself: made, copied, and refused without guards where it cannot be."""
    port = host.receive_right()
    codes = [
        host.code("mach_port_insert_right", port, port, MsgType.COPY_SEND),
        host.code("mach_port_insert_right", port, port, MsgType.MAKE_SEND),
        host.code("mach_port_insert_right", port, port, MsgType.MAKE_SEND),
        host.code("mach_port_insert_right", port, port, MsgType.COPY_SEND),
    ]
    dead, port_set = host.ask("mach_port_allocate", 4), host.ask("mach_port_allocate", 3)
    codes += [host.code("mach_port_insert_right", name, name, MsgType.COPY_SEND) for name in (dead, port_set)]

    assert codes == [
        KernReturn.KERN_INVALID_RIGHT,
        0,
        0,
        0,
        KernReturn.KERN_INVALID_CAPABILITY,
        KernReturn.KERN_INVALID_RIGHT,
    ]
    assert (host.refs(port), host.port(port).srights, host.port(port).mscount) == (3, 1, 2)
    assert host.guards() == []
