"""Platform processes: control ports that do not leave them, and broken rules that kill."""

import pytest

from portaudit.mach.constants import GuardFlavor, KernReturn, MsgType, PortRight, TaskSpecialPort
from portaudit.simulator.c_api import ProcessKilledError
from portaudit.simulator.guard import GuardBehavior

SELF = 0x103


@pytest.fixture
def inbox(platform, host):
    """The platform process's send right to a port of the host."""
    host.give(platform, host.receive_right(), 0x5503)
    return 0x5503


def killed(process, action):
    with pytest.raises(ProcessKilledError) as death:
        action()
    assert not process.task.active
    return death.value.event.flavor


def test_an_over_release_kills(platform):
    """A platform process that deallocates a name that is gone dies of INVALID_NAME."""
    assert killed(platform, lambda: platform.code("mach_port_deallocate", 0x903)) == GuardFlavor.INVALID_NAME


def test_sending_its_own_control_port_kills(platform, inbox):
    """mach_task_self_ of a platform process is immovable: sending it is fatal."""
    flavor = killed(platform, lambda: platform.send(inbox, (SELF, MsgType.COPY_SEND)))

    assert flavor == GuardFlavor.IMMOVABLE


def test_the_last_reference_to_its_own_control_port_cannot_be_dropped(platform):
    """The port is pinned: one reference too many is fatal, those before are not."""
    platform.calls.call("mach_task_self", ())
    assert platform.code("mach_port_deallocate", SELF) == 0

    assert killed(platform, lambda: platform.code("mach_port_deallocate", SELF)) == GuardFlavor.MOD_REFS


def test_a_control_port_to_send_is_another_port_under_another_name(platform, host, inbox):
    """task_get_special_port gives a platform process a control port of itself that it may send."""
    movable = platform.ask("task_get_special_port", TaskSpecialPort.KERNEL)
    assert movable != SELF
    assert platform.send(inbox, (movable, MsgType.COPY_SEND)) == 0

    (descriptor,) = host.receive(0x303).descriptors
    assert host.ask("mach_port_names", on=descriptor.name)
    assert host.port(descriptor.name) is platform.port(movable)


def test_its_own_control_port_coming_back_becomes_task_self(platform, host):
    """A control port received by the very task that it names turns into its own immovable one."""
    box = platform.receive_right()
    platform.give(host, box, 0x5503)
    host.send(0x5503, (host.task_port(platform.pid), MsgType.MOVE_SEND))

    assert platform.receive(box).descriptors[0].name == SELF
    assert platform.refs(SELF) == 2


def test_others_cannot_take_a_pinned_port_away(platform, host):
    """Through its control port another process can neither extract nor drop the port; nobody is killed."""
    control = host.task_port(platform.pid)
    codes = [
        host.code("mach_port_extract_right", SELF, MsgType.COPY_SEND, on=control),
        host.code("mach_port_deallocate", SELF, on=control),
        host.code("mach_port_mod_refs", SELF, PortRight.SEND, -1, on=control),
        host.code("mach_port_destroy", SELF, on=control),
    ]

    assert codes == [KernReturn.KERN_INVALID_CAPABILITY] * 4
    assert (host.guards(), platform.refs(SELF)) == ([], 1)


def test_an_immovable_port_cannot_be_registered(platform):
    """What cannot be sent cannot be left for others to look up."""
    assert platform.code("mach_ports_register", [SELF]) == KernReturn.KERN_INVALID_RIGHT


def test_a_third_party_can_ask_to_be_killed(host):
    """task_set_exc_guard_behavior makes a third party's own over-releases fatal; there is no way back."""
    assert host.ask("task_get_exc_guard_behavior") == 0
    behavior = GuardBehavior.MP_DELIVER | GuardBehavior.MP_FATAL
    assert host.code("task_set_exc_guard_behavior", behavior) == 0
    assert host.code("task_set_exc_guard_behavior", 0) == KernReturn.KERN_DENIED
    assert host.code("task_set_exc_guard_behavior", 0x100) == KernReturn.KERN_INVALID_VALUE

    assert killed(host, lambda: host.code("mach_port_deallocate", 0x903)) == GuardFlavor.INVALID_NAME


def test_a_third_party_can_ask_to_be_told(host):
    """With MP_DELIVER alone an over-release is delivered and does not kill."""
    host.ask("task_set_exc_guard_behavior", GuardBehavior.MP_DELIVER)
    host.code("mach_port_deallocate", 0x903)

    (event,) = host.kernel.guard_events
    assert (event.delivered, event.fatal, host.task.active) == (True, False, True)


@pytest.mark.parametrize("platform_task", [False, True])
def test_breaking_a_ports_guard_always_kills(request, platform_task):
    """Destroying a guarded receive right is fatal for everyone; the port dies with its process."""
    process = request.getfixturevalue("platform" if platform_task else "host")
    name = process.receive_right()
    process.ask("mach_port_guard", name, 0x1234, 0)
    port = process.port(name)

    with pytest.raises(ProcessKilledError) as death:
        process.code("mach_port_destroy", name)
    assert (death.value.event.flavor, death.value.event.payload) == (GuardFlavor.DESTROY, 0x1234)
    assert not port.active
