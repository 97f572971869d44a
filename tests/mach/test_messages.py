"""Messages as values and as bytes."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portaudit.errors import KernelNonsense
from portaudit.mach.messages import Message, PortDescriptor, PortsDescriptor, pack, unpack

words = st.integers(0, 0xFFFFFFFF)
dispositions = st.integers(0, 31)
descriptors = st.one_of(
    st.builds(PortDescriptor, words, dispositions),
    st.builds(PortsDescriptor, st.lists(words, max_size=5).map(tuple), dispositions),
)
messages = st.builds(
    Message,
    words,
    dispositions,
    words,
    dispositions,
    st.integers(-(2**31), 2**31 - 1),
    st.lists(descriptors, max_size=4).map(tuple),
    st.binary(max_size=64),
)


@given(messages)
def test_a_packed_message_unpacks_to_itself(message):
    """Whatever is packed comes back from unpack."""
    assert unpack(pack(message)) == message


@given(st.binary(max_size=120))
def test_any_bytes_are_a_message_or_nonsense(data):
    """Bytes from anywhere unpack to a message or are refused, never anything else."""
    with suppress(KernelNonsense):
        unpack(data)


def test_a_port_descriptor_lies_where_xnu_has_it():
    """Header 24 bytes, count 4, descriptor 12 with the disposition at offset 10: mach/message.h."""
    data = pack(Message(0x303, 19, id=7, descriptors=(PortDescriptor(0x1103, 17),)))

    assert data.hex(" ", 4) == (
        "13000080 28000000 03030000 00000000 00000000 07000000 01000000 03110000 00000000 00001100"
    )


def test_an_unknown_descriptor_is_refused_by_its_kind():
    """A descriptor that this library does not carry is named."""
    data = bytearray(pack(Message(0x303, 19, descriptors=(PortDescriptor(0x1103, 17),))))
    data[39] = 9

    with pytest.raises(KernelNonsense, match="descriptor of kind 9"):
        unpack(bytes(data))
