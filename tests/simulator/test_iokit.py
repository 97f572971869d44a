"""IOKit's objects as a task gets them through the framework: which calls give the same port, and its end."""

from ctypes import c_uint64

import pytest

from portaudit.collect.space_info import read_space
from portaudit.mach import c_types as c
from portaudit.mach.constants import KernReturn, MsgType, PortRight, PortType
from portaudit.mach.library import KernError
from portaudit.simulator.c_api import ProcessKilledError
from portaudit.simulator.iokit import IoReturn
from tests.contract.iokit import IOKit, matching
from tests.contract.post import post
from tests.kernels import SimulatedKernel, out, refused, space_of
from tests.simulator.conservation import Census

USB = "IOUSBHostDevice"


@pytest.fixture
def kernel():
    """A kernel whose tasks are called through the C interface; at the end all references add up."""
    kernel = SimulatedKernel()
    yield kernel
    Census(kernel.kernel).check()


@pytest.fixture
def mach(kernel):
    """A process."""
    return kernel.task(4243)


@pytest.fixture
def iokit(mach):
    """The framework in that process."""
    return IOKit(mach)


def refs(mach, name):
    return out(mach, "mach_port_get_refs", mach.task_self, name, PortRight.SEND)


def described(mach, *names):
    """What lsmp would say of each name: the kobject type and the description."""
    space = read_space(mach, mach.task_self)
    entries = {entry.name: entry for entry in space}
    return [(entries[name].kobject_label, entries[name].description) for name in names]


def object_of(mach, name):
    return next(entry.object for entry in read_space(mach, mach.task_self) if entry.name == name)


def names(mach):
    return set(space_of(mach))


def test_the_registrys_port_is_one(mach, iokit):
    """Each IOMainPort adds a reference to the same name, and leaves none of the host's behind."""
    first, second = iokit.main_port(), iokit.main_port()

    assert (first, refs(mach, first)) == (second, 2)
    assert described(mach, first) == [("MAIN-DEVICE", None)]
    assert len(names(mach)) == 3


def test_a_look_up_leaves_nothing_but_the_service(mach, iokit):
    """The framework gives the registry's port back; the service is described by its class and id."""
    before = names(mach)
    service = iokit.service(USB)

    assert names(mach) - before == {service}
    assert described(mach, service) == [("IOKIT-OBJECT", "IOUSBHostDevice(0x100000102)")]


def test_the_same_service_is_the_same_name(mach, iokit):
    """A second look-up, and an iterator that comes to it, raise the references of the name."""
    service = iokit.service(USB)
    iokit.service(USB)
    iterator = iokit.services(USB)

    assert iokit.next(iterator) == service
    assert refs(mach, service) == 3


def test_a_service_that_was_released_gets_another_port(mach, iokit):
    """With its last right the port dies; the service lives on, and is told by another object id then."""
    service = iokit.service(USB)
    old = object_of(mach, service)
    iokit.release(service)
    again = iokit.service(USB)

    assert object_of(mach, again) != old
    assert described(mach, again) == [("IOKIT-OBJECT", "IOUSBHostDevice(0x100000102)")]


def test_two_tasks_share_a_services_port(kernel, mach, iokit):
    """The object id is the same in both, and one task's release does not end it for the other."""
    other = kernel.task(4242)
    mine, theirs = iokit.service(USB), IOKit(other).service(USB)
    assert object_of(mach, mine) == object_of(other, theirs)
    iokit.release(mine)

    assert space_of(other)[theirs] == (PortType.SEND, 1)


def test_a_service_is_found_by_what_its_class_derives_from(iokit):
    """IOService finds all services, IOUSBNub the two that derive from it, in the registry's order."""
    found = dict.fromkeys(("IOService", "IOUSBNub", USB, "IOSurfaceRoot"), 0)
    for name in found:
        iterator = iokit.services(name)
        while iokit.next(iterator):
            found[name] += 1

    assert found == {"IOService": 4, "IOUSBNub": 2, USB: 2, "IOSurfaceRoot": 1}


def test_what_is_not_there_has_no_port(mach, iokit):
    """IOServiceGetMatchingServices succeeds without an iterator; for a single service nothing is found."""
    assert iokit.services("IONothing") == 0
    with pytest.raises(KernError) as error:
        iokit.service("IONothing")
    assert error.value.code == IoReturn.NOT_FOUND
    assert len(names(mach)) == 2


def test_each_iterator_is_a_new_one(mach, iokit):
    """Two searches give two objects of one class; each dies when it is released."""
    first, second = iokit.services(USB), iokit.services(USB)
    assert object_of(mach, first) != object_of(mach, second)
    assert described(mach, first, second) == [("IOKIT-OBJECT", "IOUserIterator")] * 2
    iokit.release(first)

    assert first not in names(mach)


def test_an_iterator_ends(iokit):
    """It gives each service once, and then none."""
    iterator = iokit.services(USB)

    found = [iokit.next(iterator) for _ in range(4)]
    assert (len(set(found[:2])), found[2:]) == (2, [0, 0])


def test_each_connection_is_a_new_one(mach, iokit):
    """IOServiceOpen gives a connection of the service's own kind, an entry of the registry like any other."""
    service = iokit.service(USB)
    (first, one), (second, other) = iokit.open(service), iokit.open(service)

    assert (first, second) == (0, 0)
    assert described(mach, one, other) == [
        ("IOKIT-CONNECT", "AppleUSBHostDeviceUserClient(0x100000104)"),
        ("IOKIT-CONNECT", "AppleUSBHostDeviceUserClient(0x100000105)"),
    ]
    assert refs(mach, service) == 1


def test_a_closed_connection_leaves_no_name(mach, iokit):
    """IOServiceClose ends the connection, and releases the right; a second one finds nobody."""
    connection = iokit.open(iokit.service(USB))[1]
    before = names(mach)
    iokit.close(connection)

    assert before - names(mach) == {connection}
    assert refused(iokit.stubs, "io_service_close", connection) == KernReturn.MACH_SEND_INVALID_DEST


def test_io_service_close_alone_leaves_a_dead_name(mach, iokit):
    """The call ends the connection; what is left of the right is the framework's to release."""
    connection = iokit.open(iokit.service(USB))[1]
    iokit.stubs.io_service_close(connection)
    kind = out(mach, "mach_port_type", mach.task_self, connection, result=c.mach_port_type_t)

    assert kind == PortType.DEAD_NAME


def test_a_connection_cannot_be_sent(kernel, mach, iokit):
    """Its send right is immovable: who puts it into a message is killed."""
    connection = iokit.open(iokit.service(USB))[1]
    with pytest.raises(ProcessKilledError, match="IMMOVABLE"):
        post(mach, kernel.task(4242), connection, MsgType.COPY_SEND)


def test_a_service_without_connections_says_so(mach, iokit):
    """The result is kIOReturnUnsupported, beside a call that succeeded, and no right comes."""
    service = iokit.service("IOPlatformExpertDevice")
    before = names(mach)

    assert iokit.open(service) == (IoReturn.UNSUPPORTED, 0)
    assert names(mach) == before


def test_calls_at_the_wrong_object_are_refused(mach, iokit):
    """A service is no iterator, a task is no registry, and none of it costs a reference."""
    service = iokit.service(USB)
    codes = []
    for call in (iokit.next, iokit.close):
        with pytest.raises(KernError) as error:
            call(service)
        codes.append(error.value.code)
    iokit.main_port = lambda: out(mach, "task_get_special_port", mach.task_self, 1)
    with pytest.raises(KernError) as error:
        iokit.service(USB)

    assert [*codes, error.value.code] == [*[IoReturn.BAD_ARGUMENT] * 2, IoReturn.NOT_PRIVILEGED]


def test_a_notification_is_an_iterator_and_a_right_to_wake_its_maker(mach, iokit):
    """It finds what is there, and holds a send right to the port until it is released."""
    port = iokit.create_notification_port()
    notification = iokit.notify(port, USB)
    senders = out(mach, "mach_port_get_srights", mach.task_self, port)

    assert described(mach, notification) == [("IOKIT-OBJECT", "IOServiceUserNotification")]
    assert [bool(iokit.next(notification)) for _ in range(3)] == [True, True, False]
    iokit.release(notification)
    assert (senders, out(mach, "mach_port_get_srights", mach.task_self, port)) == (1, 0)


def test_a_notification_of_what_ends_finds_nothing_yet(mach, iokit):
    """Terminate begins empty; a kind that IOKit does not know is refused, and costs the port no sender."""
    port = iokit.create_notification_port()
    assert iokit.next(iokit.notify(port, USB, b"IOServiceTerminate")) == 0
    with pytest.raises(KernError) as error:
        iokit.notify(port, USB, b"IOServiceWhatever")

    assert error.value.code == IoReturn.UNSUPPORTED
    assert out(mach, "mach_port_get_srights", mach.task_self, port) == 1


def test_a_notification_port_keeps_a_reference_to_the_registry(mach, iokit):
    """IONotificationPortCreate takes two things, and IONotificationPortDestroy gives both back."""
    before = space_of(mach)
    port = iokit.create_notification_port()
    assert described(mach, *(names(mach) - before.keys() - {port})) == [("MAIN-DEVICE", None)]
    iokit.destroy_notification_port(port)

    assert space_of(mach) == before


def test_a_notification_outlives_its_port(mach, iokit):
    """After IONotificationPortDestroy the iterator is still there: each is released by itself."""
    port = iokit.create_notification_port()
    notification = iokit.notify(port, USB)
    iokit.destroy_notification_port(port)

    assert space_of(mach)[notification] == (PortType.SEND, 1)
    iokit.release(notification)


def test_a_process_that_ends_gives_everything_back(kernel, iokit):
    """Its connections and iterators are gone; a service that another process holds is not."""
    other = kernel.task(4242)
    kept = IOKit(other).service(USB)
    iokit.open(iokit.service(USB))
    iokit.services(USB)
    iokit.notify(iokit.create_notification_port(), USB)
    kernel.end(4243)

    (service,) = described(other, kept)
    assert service == ("IOKIT-OBJECT", "IOUSBHostDevice(0x100000102)")
    assert kernel.kernel.host.main_device.srights == 1


def test_a_wider_search_is_refused_by_name(iokit):
    """Only a provider class is understood: a dictionary of anything else is not simulated."""
    main_port = iokit.main_port()
    with pytest.raises(Exception, match="not simulated: a matching dictionary"):
        out(iokit.stubs, "io_service_get_matching_service_bin", main_port, b"<dict/>", 7)


def test_what_does_not_fit_into_the_message_is_refused(iokit):
    """MIG takes 4096 bytes of a dictionary, and eight numbers to tell a notification by."""
    main_port, too_long = iokit.main_port(), bytes(4097)
    port = iokit.create_notification_port()
    wanted = (b"IOServiceFirstMatch", *matching(USB), port, (c_uint64 * 9)(), 9)
    found = c.mach_port_t()
    codes = {
        refused(iokit.stubs, "io_service_get_matching_service_bin", main_port, too_long, 4097, found),
        refused(iokit.stubs, "io_service_add_notification_bin", main_port, *wanted, found),
    }

    assert codes == {KernReturn.MIG_ARRAY_TOO_LARGE}


def test_an_iokit_object_travels_like_any_other_right(kernel, mach, iokit):
    """A service's send right may be sent on; its port is the same for whoever gets it."""
    other = kernel.task(4242)
    service = iokit.service(USB)
    arrived = post(mach, other, service, MsgType.MOVE_SEND)

    assert service not in names(mach)
    assert described(other, arrived) == [("IOKIT-OBJECT", "IOUSBHostDevice(0x100000102)")]
