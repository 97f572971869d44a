"""Vouchers: the same attributes are the same port, and how it ends."""

import struct
from itertools import chain

import pytest

from portaudit.mach.constants import KernReturn, KobjectType
from tests.simulator.conservation import Census

ALL, USER_DATA, BANK, NO_KEY = 0xFFFFFFFF, 7, 3, 9
COPY, REMOVE, SET_VALUE_HANDLE, REDEEM, STORE = 1, 2, 3, 10, 211


def recipe(content=b"", *, key=USER_DATA, command=STORE, previous=0):
    return list(struct.pack("<IIII", key, command, previous, len(content)) + content)


@pytest.fixture(autouse=True)
def references_add_up(kernel):
    """At the end of each test, rights and counts agree."""
    yield
    Census(kernel).check()


@pytest.fixture
def voucher(host, host_port):
    """A function that makes a voucher by recipes, and gives its name."""

    def make(*recipes):
        return host.ask("host_create_mach_voucher", [*chain(*recipes)], on=host_port)

    return make


def gone(process, port, name):
    return not port.active and process.code("mach_port_type", name) == KernReturn.KERN_INVALID_NAME


def test_equal_vouchers_are_one(host, voucher):
    """The same data are the same voucher, under the same name; other data are another one."""
    first, again, other = voucher(recipe(b"a")), voucher(recipe(b"a")), voucher(recipe(b"b"))

    assert (first, host.refs(first), host.refs(other)) == (again, 2, 1)
    assert host.ask("mach_port_kobject", first)[0] == KobjectType.VOUCHER


def test_a_voucher_dies_with_its_last_right(host, voucher):
    """Made again, it is another port, although it has the same data."""
    first = voucher(recipe(b"a"))
    port = host.port(first)
    host.ask("mach_port_deallocate", first)
    assert gone(host, port, first)

    assert host.port(voucher(recipe(b"a"))) is not port


def test_without_a_recipe_there_is_no_voucher(voucher):
    """An empty recipe succeeds with MACH_PORT_NULL; an empty value makes a voucher of defaults."""
    assert voucher() == 0
    assert voucher(recipe()) == voucher(recipe(b"a"), recipe(key=ALL, command=REMOVE)) != 0


def test_a_voucher_is_copied_and_redeemed(host, voucher):
    """What comes from another voucher makes the same voucher again; what is missing there is the default."""
    first = voucher(recipe(b"a"))
    made = [
        voucher(recipe(key=ALL, command=COPY, previous=first)),
        voucher(recipe(command=COPY, previous=first)),
        voucher(recipe(command=REDEEM, previous=first)),
        voucher(recipe(b"a"), recipe(command=COPY, key=8, previous=first)),
        voucher(recipe(b"a"), recipe(command=REMOVE, previous=voucher(recipe(b"b")))),
    ]

    assert set(made) == {first}
    assert voucher(recipe(b"a"), recipe(command=REMOVE, previous=first)) != first
    assert host.refs(first) == 6


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (recipe(b"a")[:-1], KernReturn.KERN_INVALID_ARGUMENT),
        (recipe(b"a")[:7], KernReturn.KERN_INVALID_ARGUMENT),
        (recipe(b"a", command=COPY), KernReturn.KERN_INVALID_ARGUMENT),
        (recipe(command=REMOVE, key=NO_KEY), KernReturn.KERN_INVALID_ARGUMENT),
        (recipe(command=0), KernReturn.KERN_INVALID_ARGUMENT),
        (recipe(command=SET_VALUE_HANDLE), KernReturn.KERN_INVALID_CAPABILITY),
        (recipe(command=COPY, previous=0x103), KernReturn.KERN_INVALID_CAPABILITY),
        (recipe(command=COPY, previous=0x7FFF03), KernReturn.KERN_INVALID_CAPABILITY),
        ([0] * 5121, KernReturn.MIG_ARRAY_TOO_LARGE),
    ],
)
def test_a_wrong_recipe_makes_no_voucher(host, host_port, wrong, code):
    """Cut off, unknown, without privilege, or of what is no voucher: refused, and nothing is made."""
    before = len(list(host.task.space.names()))

    assert host.code("host_create_mach_voucher", wrong, on=host_port) == code
    assert len(list(host.task.space.names())) == before


def test_a_voucher_of_what_is_not_simulated_is_refused_by_name(host, host_port):
    """Bank accounts, importance and priorities are attributes that only a whole kernel has."""
    with pytest.raises(NotImplementedError, match="not simulated: the voucher attribute of key 3"):
        host.code("host_create_mach_voucher", recipe(key=BANK, command=610), on=host_port)
