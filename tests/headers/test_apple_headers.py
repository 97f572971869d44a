"""portaudit's ctypes tables agree with Apple's SDK headers, and the check sees it when they do not."""

import ctypes
from collections.abc import Callable
from ctypes import POINTER, c_char_p, c_int, c_uint16
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from portaudit.mach import c_types as c
from portaudit.mach.prototypes import PROTOTYPES, Argument, Prototype, filled, given, kern
from tests.headers.c_source import c_source
from tests.headers.sdk import TARGETS, Sdk
from tests.headers.tables import Tables, of_portaudit

pytestmark = pytest.mark.whole

Complaints = Callable[[Tables, str], list[str]]


@pytest.fixture
def complaints(sdk: Sdk, tmp_path: Path) -> Complaints:
    """What the compiler says of a set of tables on an architecture."""

    def compile_tables(tables: Tables, architecture: str) -> list[str]:
        source = tmp_path / "tables.c"
        source.write_text(c_source(tables))
        # -O1 lets the optimizer remove the bit-field checks that hold
        return sdk.complaints(source, architecture, "-std=c11", "-O1", "-w")

    return compile_tables


@pytest.mark.parametrize("architecture", TARGETS)
def test_our_tables_are_apples_headers(complaints, architecture):
    """Every size, offset, constant and function type is what the SDK's headers declare."""
    assert complaints(of_portaudit(), architecture) == []


class mach_msg_header_t(ctypes.Structure):  # noqa: N801  stands in for the C name
    """Two fields swapped: the remote and the local port."""

    _fields_: ClassVar = [
        ("msgh_bits", c.mach_msg_bits_t),
        ("msgh_size", c.mach_msg_size_t),
        ("msgh_local_port", c.mach_port_t),
        ("msgh_remote_port", c.mach_port_t),
        ("msgh_voucher_port", c.mach_port_name_t),
        ("msgh_id", c.mach_msg_id_t),
    ]


class mach_port_limits_t(ctypes.Structure):  # noqa: N801  stands in for the C name
    """A field too narrow."""

    _fields_: ClassVar = [("mpl_qlimit", c_uint16)]


class mach_msg_body_t(ctypes.Structure):  # noqa: N801  stands in for the C name
    """A count that is signed on one side only."""

    _fields_: ClassVar = [("msgh_descriptor_count", c.integer_t)]


class mach_msg_port_descriptor_t(ctypes.Structure):  # noqa: N801  stands in for the C name
    """Two bit-fields swapped."""

    _fields_: ClassVar = [
        ("name", c.mach_port_t),
        ("pad1", c.mach_msg_size_t),
        ("pad2", ctypes.c_uint32, 16),
        ("type", ctypes.c_uint32, 8),
        ("disposition", ctypes.c_uint32, 8),
    ]


MACH_ERROR = Prototype(None, (given("str", c_char_p), given("error_value", c.kern_return_t)))
"""mach/mach_error.h: a function with a const parameter, which none of ours has."""

NAMES_OF_PLAIN_POINTERS = kern(
    given("task", c.ipc_space_t),
    filled("names", c.mach_port_name_t),
    filled("namesCnt", c.mach_msg_type_number_t),
    filled("types", c.mach_port_type_t),
    filled("typesCnt", c.mach_msg_type_number_t),
)


def nothing_but(**tables: Any) -> Tables:
    """Tables that hold only what is named, so that only its fault can be complained of."""
    empty = Tables({}, (), {}, {}, {}, {})
    return replace(empty, **tables)


def without(argument: str, prototype: Prototype) -> Prototype:
    """The prototype without one of its arguments."""
    kept: tuple[Argument, ...] = tuple(a for a in prototype.arguments if a.name != argument)
    return replace(prototype, arguments=kept)


def function(name: str, prototype: Prototype) -> Tables:
    """Tables of one function."""
    return nothing_but(functions={name: prototype})


FAULTS = {
    "a width": (
        nothing_but(structures=(mach_port_limits_t,)),
        ["mach_port_limits_t has 2 bytes", "mach_port_limits_t.mpl_qlimit has 2 bytes"],
    ),
    "a typedef's width": (
        nothing_but(scalars={"vm_size_t": ctypes.c_uint32}),
        ["vm_size_t has 4 bytes"],
    ),
    "a typedef's sign": (
        nothing_but(scalars={"mach_port_delta_t": ctypes.c_uint32}),
        ["mach_port_delta_t is unsigned"],
    ),
    "swapped fields": (
        nothing_but(structures=(mach_msg_header_t,)),
        ["mach_msg_header_t.msgh_local_port stands at 8", "mach_msg_header_t.msgh_remote_port stands at 12"],
    ),
    "swapped bit-fields": (
        nothing_but(structures=(mach_msg_port_descriptor_t,)),
        [
            "mach_msg_port_descriptor_t.type has other bits",
            "mach_msg_port_descriptor_t.disposition has other bits",
        ],
    ),
    "a constant": (nothing_but(constants={"KERN_INVALID_NAME": 16}), ["KERN_INVALID_NAME is 16"]),
    "a missing const": (
        function(
            "mach_error",
            replace(MACH_ERROR, arguments=(filled("str", ctypes.c_char), MACH_ERROR.arguments[1])),
        ),
        ["mach_error is void (char *, int)"],
    ),
    "a const too many": (
        function("vm_deallocate", kern(given("target_task", c.mach_port_t), given("address", c_char_p))),
        ["vm_deallocate is int (unsigned int, const char *)"],
    ),
    "a pointer depth": (
        function("mach_port_names", NAMES_OF_PLAIN_POINTERS),
        ["mach_port_names is int (unsigned int" + 4 * ", unsigned int *" + ")"],
    ),
    "a pointer for a value": (
        function("pid_for_task", kern(given("t", c.mach_port_name_t), given("x", c_int))),
        ["pid_for_task is int (unsigned int, int)"],
    ),
    "a sign": (
        function(
            "mach_port_get_refs",
            kern(
                given("task", c.ipc_space_t),
                given("name", c.mach_port_name_t),
                given("right", c.integer_t),
                filled("refs", c.mach_port_urefs_t),
            ),
        ),
        ["mach_port_get_refs is int (unsigned int, unsigned int, int, unsigned int *)"],
    ),
    "a missing argument": (
        function("mach_port_destroy", without("name", PROTOTYPES["mach_port_destroy"])),
        ["mach_port_destroy is int (unsigned int)"],
    ),
    "a result": (
        function("mach_host_self", kern()),
        ["mach_host_self is int (void)"],
    ),
    "a variable": (
        nothing_but(variables={"mach_task_self_": POINTER(c.mach_port_t)}),
        ["mach_task_self_ is unsigned int *"],
    ),
    "a function that no header declares": (
        function("mach_port_pardon", kern()),
        ["use of undeclared identifier 'mach_port_pardon'"],
    ),
    "a constant that no header declares": (
        nothing_but(constants={"MACH_PORT_RIGHT_PARDON": 7}),
        ["use of undeclared identifier 'MACH_PORT_RIGHT_PARDON'"],
    ),
    "a function that a header does declare": (
        nothing_but(undeclared={"task_for_pid": "nowhere"}),
        ["redefinition of 'task_for_pid' as different kind of symbol"],
    ),
    "a constant that a header does declare": (
        nothing_but(undeclared={"kGUARD_EXC_DESTROY": "nowhere"}),
        ["redefinition of 'kGUARD_EXC_DESTROY' as different kind of symbol"],
    ),
}


@pytest.mark.parametrize("architecture", TARGETS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_named(complaints, fault, architecture):
    """A table that is wrong in one place does not compile, and the compiler names the place."""
    tables, culprits = FAULTS[fault]
    assert complaints(tables, architecture) == culprits


def test_a_macro_listed_as_undeclared_is_named(complaints):
    """A listed constant that the SDK defines as a macro is a stale listing."""
    said = complaints(nothing_but(undeclared={"KERN_SUCCESS": "nowhere"}), "arm64")
    assert said[0] == "KERN_SUCCESS is declared by the SDK"


def test_a_sign_of_a_field_is_checked_on_one_architecture_at_least(complaints):
    """boolean_t's sign differs between the two, so a 32-bit field's sign is judged where it is the other."""
    tables = nothing_but(structures=(mach_msg_body_t,))
    said = {architecture: complaints(tables, architecture) for architecture in TARGETS}
    assert said == {"arm64": ["mach_msg_body_t.msgh_descriptor_count is signed"], "x86_64": []}


def test_a_const_parameter_is_one_that_takes_bytes(complaints):
    """A parameter declared c_char_p is `const char *` in C: the sound counterpart of the planted fault."""
    assert complaints(function("mach_error", MACH_ERROR), "arm64") == []
