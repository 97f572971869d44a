"""The bare number of an exception: of a guard, of a resource, or of either."""

import pytest

from portaudit.analysis.exception_codes import no_code, otherwise, readings_of_code
from portaudit.analysis.guard import name_fits
from portaudit.model.guard import GuardEvent
from portaudit.model.resource import ResourceEvent
from tests.spaces import entries

PORTS = ResourceEvent(6, 1, 267_848)


@pytest.mark.parametrize(
    ("code", "guard", "resource"),
    [
        ("0xc400000000041648", None, PORTS),
        ("14123288431434143304", None, PORTS),
        ("-4323455642275408312", None, PORTS),
        ("0xc4000000", None, ResourceEvent(6, 1)),
        ("0x2000020000002703", GuardEvent(1, 0x200, target=0x2703), None),
        ("0x20000200", GuardEvent(1, 0x200), None),
        ("0x4000000100000000", GuardEvent(2, 1, target=0), None),
        ("1", GuardEvent(0, 0, target=1), None),
        ("0xffffffffffffffff", GuardEvent(7, 0x1FFFFFFF, target=0xFFFFFFFF), None),
    ],
)
def test_a_number_is_what_a_kernel_can_have_made(code, guard, resource):
    """The bits tell a guard's code from a resource's; 32 bits are the upper half of one, as in minidumps."""
    read = readings_of_code(code)

    assert read[1] == resource
    assert guard is None or read[0] == guard


def test_the_other_reading_of_a_number_is_told():
    """Where the type could be either's, the other is named, with whether a kernel has it."""
    assert otherwise("0xc400000000041648", PORTS) == (
        "as a code of EXC_GUARD it would be GUARD_TYPE_REJECTED_SC, flavour 0x4000000: no kernel has that one"
    )
    assert otherwise("0x4000000100000000", GuardEvent(2, 1, target=0)) == (
        "as a code of EXC_RESOURCE it would be WAKEUPS, flavour 0: no kernel has that one"
    )


def test_a_mach_port_guard_of_no_known_flavour_may_be_a_resource():
    """Where no flavour of a Mach port's guard is known by that number, the resource is named, too."""
    assert otherwise("0x3000000000002703", GuardEvent(1, 0x10000000, target=0x2703)) == (
        "as a code of EXC_RESOURCE it would be CPU, flavour 4: no kernel has that one"
    )


def test_stays_silent_because_a_mach_port_guard_is_nothing_else():
    """No resource looks like a guard on a Mach port, and a file is no number."""
    assert otherwise("0x2000020000002703", GuardEvent(1, 0x200, target=0x2703)) is None
    assert otherwise("report.ips", GuardEvent(2, 1, target=0)) is None


@pytest.mark.parametrize(
    ("flavour", "fitting"),
    [
        (0x200, {"nothing"}),
        (0x100, {"recv", "dead-name"}),
        (0x400, {"send", "own task"}),
        (0x20, {"send", "own task"}),
        (0x2, {"own task"}),
        (0x20_0000, {"own task"}),
        (None, {"nothing", "recv", "dead-name", "send", "own task"}),
    ],
)
def test_a_name_fits_a_flavour_by_what_stands_under_it(flavour, fitting):
    """A report that names no process is joined to the space in which its port name can have raised it."""
    space = entries(
        (0x103, "recv", 0, 1, None),
        (0x203, "dead-name", 2, 0, None),
        (0x303, "send", 2, 2, 3),
        (0x403, "send", 1, 3, 2),
    )
    under = dict(zip(("recv", "dead-name", "send", "own task"), space, strict=True)) | {"nothing": None}

    event = GuardEvent(1, flavour, target=0x103)
    assert {what for what, entry in under.items() if name_fits(event, entry)} == fitting


@pytest.mark.parametrize(
    ("number", "told"),
    [
        ("0", None),
        ("1", "1 is the exception EXC_BAD_ACCESS itself"),
        ("14", "14 is too small for a code"),
        ("267848", "267848 is too small for a code"),
        ("0x3fffff", "0x3fffff looks like a port's name, not like a code"),
        ("0x20000000", None),
        ("report.ips", None),
    ],
)
def test_a_number_that_is_too_small_for_a_code_is_told_as_what_it_is(number, told):
    """An exception's number, a port's name, or the low bits that a report prints; of any other nothing."""
    said = no_code(number)

    assert said is None if told is None else (said or "").startswith(told)
