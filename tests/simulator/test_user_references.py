"""User references: how they add up, stick, and run out."""

import pytest

from portaudit.mach.constants import GuardFlavor, KernReturn, MsgType, PortRight, PortType

MAX = 65535


@pytest.fixture
def send(host, extension):
    """The extension's name for a send right to a port of the host."""
    host.give(extension, host.receive_right(), 0x5503)
    return 0x5503


def test_deallocating_twice_is_refused_and_silent_in_a_third_party_process(extension, send):
    """The second release of a name that is gone gives KERN_INVALID_NAME; the guard is not delivered."""
    extension.ask("mach_port_deallocate", send)

    assert extension.code("mach_port_deallocate", send) == KernReturn.KERN_INVALID_NAME
    assert extension.guards() == [(GuardFlavor.INVALID_NAME, send)]
    assert not extension.kernel.guard_events[0].delivered


def test_a_release_too_many_on_a_shared_name_takes_somebody_elses_reference(extension, send):
    """As long as the name has references, releasing it succeeds, whoever's they are."""
    extension.ask("mach_port_mod_refs", send, PortRight.SEND, 1)

    assert [extension.code("mach_port_deallocate", send) for _ in range(2)] == [0, 0]
    assert extension.guards() == []


def test_references_below_zero_are_refused_and_change_nothing(extension, send):
    """mod_refs that would end below zero gives KERN_INVALID_VALUE with a guard."""
    assert extension.code("mach_port_mod_refs", send, PortRight.SEND, -2) == KernReturn.KERN_INVALID_VALUE
    assert extension.refs(send) == 1
    assert extension.guards() == [(GuardFlavor.INVALID_VALUE, send)]


def test_references_stick_at_their_maximum(extension, send):
    """At 65535 nothing counts any more, up or down; only all at once goes."""
    extension.ask("mach_port_mod_refs", send, PortRight.SEND, MAX - 2)
    extension.ask("mach_port_mod_refs", send, PortRight.SEND, 5)
    extension.ask("mach_port_mod_refs", send, PortRight.SEND, -1)
    extension.ask("mach_port_deallocate", send)

    assert extension.refs(send) == MAX
    extension.ask("mach_port_mod_refs", send, PortRight.SEND, -MAX)
    assert extension.code("mach_port_type", send) == KernReturn.KERN_INVALID_NAME


def test_a_delta_beyond_the_maximum_is_no_delta(extension, send):
    """A delta of more than 65535 either way is refused."""
    for delta in (MAX + 1, -MAX - 1):
        code = extension.code("mach_port_mod_refs", send, PortRight.SEND, delta)
        assert code == KernReturn.KERN_INVALID_VALUE


def test_a_receive_right_cannot_be_deallocated(host):
    """Deallocate on a bare receive right gives KERN_INVALID_RIGHT with a guard."""
    name = host.receive_right()

    assert host.code("mach_port_deallocate", name) == KernReturn.KERN_INVALID_RIGHT
    assert host.guards() == [(GuardFlavor.INVALID_RIGHT, name)]


def test_one_more_send_reference_to_a_receive_right_is_refused_without_a_guard(host):
    """mod_refs SEND +1 on a bare receive right is the one wrong right that raises no guard."""
    name = host.receive_right()

    assert host.code("mach_port_mod_refs", name, PortRight.SEND, 1) == KernReturn.KERN_INVALID_RIGHT
    assert host.guards() == []


def test_get_refs_says_zero_for_a_right_that_the_name_does_not_have(host):
    """get_refs succeeds with 0 for other rights, with 1 for receive rights, port sets and no names at all."""
    name = host.receive_right(send=True)
    port_set = host.ask("mach_port_allocate", PortRight.PORT_SET)

    assert [host.refs(name, right) for right in list(PortRight)[:5]] == [1, 1, 0, 0, 0]
    assert host.refs(port_set, PortRight.PORT_SET) == 1
    assert host.refs(0, PortRight.SEND) == host.refs(0xFFFFFFFF, PortRight.SEND_ONCE) == 1
    assert host.code("mach_port_get_refs", 0, PortRight.RECEIVE) == KernReturn.KERN_INVALID_NAME
    assert host.code("mach_port_get_refs", name, 6) == KernReturn.KERN_INVALID_VALUE


def test_a_port_counts_spaces_not_references(host, extension, send):
    """Forty references under one name are one send right to the port."""
    extension.ask("mach_port_mod_refs", send, PortRight.SEND, 39)

    assert host.ask("mach_port_get_srights", 0x303) == 1


def test_destroying_a_name_hides_how_many_references_it_had(extension, send):
    """mach_port_destroy takes all references at once."""
    extension.ask("mach_port_mod_refs", send, PortRight.SEND, 39)
    extension.ask("mach_port_destroy", send)

    assert extension.code("mach_port_type", send) == KernReturn.KERN_INVALID_NAME


def test_destruct_ends_the_receive_right_and_leaves_the_rest_as_a_dead_name(host):
    """mach_port_destruct with a send delta leaves what is left of the references as a dead name."""
    name = host.receive_right(send=True)
    host.ask("mach_port_mod_refs", name, PortRight.SEND, 2)
    host.ask("mach_port_destruct", name, -1, 0)

    assert host.type(name) == PortType.DEAD_NAME
    assert host.refs(name, PortRight.DEAD_NAME) == 2


def test_inserting_the_same_right_again_adds_a_reference(host, extension, send):
    """A space that has the port under the chosen name gets one more reference, under another none."""
    host.give(extension, 0x303, send)

    assert extension.refs(send) == 2
    control = host.task_port(extension.pid)
    code = host.code("mach_port_insert_right", 0x6603, 0x303, MsgType.MAKE_SEND, on=control)
    assert code == KernReturn.KERN_RIGHT_EXISTS
