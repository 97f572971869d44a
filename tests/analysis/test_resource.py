"""Resources that ran out, in words."""

import pytest

from portaudit.analysis.resource import describe_panic, describe_resource, largest_kinds
from portaudit.model.kobject import NUMBERS
from portaudit.model.resource import (
    NamesOfKind,
    ResourceDescription,
    ResourceEvent,
    ZonePanic,
    full_at,
    resource_of_code,
)
from tests.spaces import entries, task


def test_a_full_port_space_is_told_whole():
    """What it is, how many names, what the backtrace is, what counts, and the next step."""
    assert describe_resource(resource_of_code(0xC400000000041648)) == ResourceDescription(
        title="PORTS: the port space was full: 267,848 names in use",
        resource="Mach ports of one process (RESOURCE_TYPE_PORTS, 6; FLAVOR_PORT_SPACE_FULL, 1)",
        meaning="the kernel kills any process whose table of names is full (SIGKILL), launchd excepted: it "
        "asked for a new name, and none was free",
        number="267,848 names were in use at the kill; `Limit 267848` in a report is this count, not a limit "
        "that was set; names count, not user references: a right that was received a thousand times and "
        "never given back is one name",
        thread="the thread in the report is the one that made the last name: the straw, not the leak",
        full="267,611 to 267,848 names were seen on macOS 15 and 26, and 305,834 on macOS 13.4: 7 MiB, as "
        "XNU is configured",
        next="take two snapshots of a fresh run while it grows (portaudit snapshot, or lsmp) and portaudit "
        "diff them; look at dead names, receive rights, semaphores and IOKit objects",
    )


def test_other_resources_are_named_and_declined():
    """Processor time and memory are not portaudit's."""
    described = describe_resource(ResourceEvent(1, 2, process="a", pid=3, killed=True))

    assert described == ResourceDescription(
        title="CPU (EXC_RESOURCE)",
        resource="CPU (RESOURCE_TYPE_CPU, 1; FLAVOR_CPU_MONITOR_FATAL, 2)",
        declined="the resource is CPU: portaudit decodes those of Mach ports",
        happened="a (3) was killed",
    )


@pytest.mark.parametrize(
    ("known", "told"),
    [
        ({"process": "a"}, "a"),
        ({"pid": 3}, "the process (3)"),
        ({"killed": True}, "the process was killed"),
        ({}, None),
    ],
)
def test_what_happened_is_told_as_far_as_it_is_known(known, told):
    """A source that names only the process, only its pid or only the kill is not silent about it."""
    assert describe_resource(ResourceEvent(1, 2, **known)).happened == told


def test_a_resource_that_is_not_named_is_not_guessed():
    """Lldb leaves out all that it has no words for: that is said."""
    described = describe_resource(ResourceEvent(None))

    assert (described.title, described.declined) == ("EXC_RESOURCE", None)
    assert "so it may be that the port space was full" in (described.meaning or "")


@pytest.mark.parametrize(
    ("process", "pid", "by"),
    [("helper", 7, " by helper (7)"), ("helper", None, " by helper"), (None, 7, " by the process (7)")],
)
def test_who_asked_for_the_last_port_is_told_as_far_as_it_is_known(process, pid, by):
    """A panic that names the process alone, or its pid alone, is not silent about it."""
    told = describe_panic(ZonePanic("ipc ports", process=process, pid=pid))

    assert told.thread == f"the last one was asked for{by}: the straw, not the leak"
    assert describe_panic(ZonePanic("ipc ports")).thread is None


def test_a_panic_for_want_of_ports_is_told_apart():
    """All processes together had too many ports: no space was full. Another zone is declined."""
    ports = describe_panic(ZonePanic("ipc ports", 20_787_632, 95337, "helper"))
    other = describe_panic(ZonePanic("data.kalloc.16384"))

    assert ports.title == "a panic of the kernel: no memory left in zone ipc ports"
    assert (ports.meaning or "").startswith("this is not EXC_RESOURCE: no port space was full")
    assert ports.thread == "the last one was asked for by helper (95337): the straw, not the leak"
    assert other.declined == "the zone is not that of ports: portaudit decodes that"


def test_the_largest_kinds_of_names_are_counted():
    """Names are counted by their rights and the class of their object, the largest first."""
    dead = [(0x103 + 0x100 * row, "dead-name", 9, 0, None) for row in range(3)]
    semaphores = [(0x903 + row, "send", 40, 5 + row, NUMBERS["SEMAPHORE"]) for row in range(2)]

    largest = largest_kinds(task("host", entries(*dead, *semaphores)))
    assert largest.names == len(dead) + len(semaphores)
    assert largest.kinds == (NamesOfKind("dead-name", 3), NamesOfKind("send SEMAPHORE", 2))


def test_eight_kinds_of_names_are_told():
    """The rest is in the snapshot."""
    rows = [(0x103 + 0x100 * kobject, "send", 1, 5 + kobject, kobject) for kobject in range(1, 12)]

    assert len(largest_kinds(task("host", entries(*rows))).kinds) == 8


def test_a_limit_is_a_range_with_its_source():
    """What was seen on Macs is the range for Macs, what was seen on iOS that for small systems."""
    mac, phone = full_at("macOS 15.4"), full_at("iPhone OS 18.0")

    assert ((mac.fewest, mac.most), (phone.fewest, phone.most)) == ((267_611, 305_834), (114_835, 131_072))
    assert full_at(None) == mac


def test_a_panic_tells_the_zone_that_leaks_from_the_one_that_was_asked():
    """Ports may leak and another zone have no more; or another zone leak, and a port be the last straw."""
    ports = describe_panic(ZonePanic("ipc ports", asked="kalloc.64"))
    straw = describe_panic(ZonePanic("kalloc.64", asked="ipc ports"))

    assert (ports.meaning or "").endswith("the last element was asked for in zone kalloc.64")
    assert (straw.declined or "").startswith("a port was asked for when no memory was left")


def test_a_resource_without_a_number_is_declined_by_its_name():
    """What a report names HANG is no port, and nothing is guessed of it."""
    described = describe_resource(ResourceEvent(None, named="HANG"))

    assert (described.title, described.resource) == ("HANG (EXC_RESOURCE)", "HANG")
    assert described.declined == "the resource is HANG: portaudit decodes those of Mach ports"


def test_low_bits_alone_are_told_as_what_they_would_be_of_ports():
    """The reader is sent to the line that says which resource it was."""
    described = describe_resource(ResourceEvent(None, names=267_848))

    assert "of a full port space they are the names that were in use, 267,848 here" in (
        described.meaning or ""
    ).replace("Of", "of")
    assert described.title == "EXC_RESOURCE"


def test_a_flavour_that_no_kernel_has_is_told_by_its_number():
    """Neither type 0 nor flavour 0 is taken for the first one."""
    told = [describe_resource(ResourceEvent(*event)).resource for event in ((1, 0), (0, 1), (1, 1))]

    assert told == [
        "CPU (RESOURCE_TYPE_CPU, 1; flavour 0)",
        "resource type 0 (type 0; flavour 1)",
        "CPU (RESOURCE_TYPE_CPU, 1; FLAVOR_CPU_MONITOR, 1)",
    ]
