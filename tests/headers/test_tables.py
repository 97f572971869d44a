"""What the check of Apple's headers covers is everything that there is."""

import ctypes

from portaudit.mach import c_types, messages
from portaudit.mach.c_types import STRUCTURES
from portaudit.mach.prototypes import PROTOTYPES, VARIABLES
from tests.headers.tables import CHANGED, SPELLED, UNDECLARED, enumerations, of_portaudit


def test_every_structure_is_in_the_table():
    """No structure of c_types is left out of STRUCTURES, which is what is compared."""
    declared = [
        value
        for value in vars(c_types).values()
        if isinstance(value, type) and issubclass(value, ctypes.Structure) and value is not ctypes.Structure
    ]
    assert declared == list(STRUCTURES)


def test_every_enumeration_has_a_spelling():
    """No enumeration of constants.py lacks its C prefix, and no prefix is left over."""
    assert enumerations() == list(SPELLED)


def test_every_listed_exception_is_one_of_ours():
    """A name listed as undeclared, or as changed in the SDK, is one that portaudit uses."""
    tables = of_portaudit()
    ours = {*tables.constants, *PROTOTYPES, *VARIABLES}
    assert {*UNDECLARED, *CHANGED} - ours == set()


def test_packed_messages_have_the_layout_of_the_structures():
    """The bytes of messages.py stand where the structures that were compared put them."""
    packed = {
        messages.HEADER: c_types.mach_msg_header_t,
        messages.COUNT: c_types.mach_msg_body_t,
        messages.PORT: c_types.mach_msg_port_descriptor_t,
        messages.PORTS: c_types.mach_msg_ool_ports_descriptor_t,
        messages.TRAILER: c_types.mach_msg_trailer_t,
    }
    for layout, structure in packed.items():
        fields = [name for name, *_ in structure._fields_]
        values = range(1, len(fields) + 1)
        read = structure.from_buffer_copy(layout.pack(*values))
        assert [getattr(read, field) for field in fields] == list(values)
