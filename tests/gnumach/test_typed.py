"""A message means the same in GNU Mach's typed layout and in today's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portaudit.errors import KernelNonsense
from portaudit.gnumach.exchange import BYTE, INLINE, INTEGER_32, PORT_NAME, from_words, to_words
from portaudit.mach.constants import MsgType, Notification
from portaudit.mach.messages import Message, PortDescriptor, PortsDescriptor, pack, unpack

WORD = st.integers(0, 0xFFFFFFFF)
RIGHT = st.sampled_from(
    [int(kind) for kind in MsgType if MsgType.MOVE_RECEIVE <= kind <= MsgType.MAKE_SEND_ONCE]
)
DESCRIPTOR = st.builds(PortDescriptor, WORD, RIGHT) | st.builds(
    PortsDescriptor, st.lists(WORD, max_size=5).map(tuple), RIGHT
)
MESSAGE = st.builds(
    Message,
    remote=WORD,
    remote_disposition=RIGHT,
    local=WORD,
    local_disposition=RIGHT,
    id=st.integers(0, 0x7FFFFFFF),
    descriptors=st.lists(DESCRIPTOR, max_size=4).map(tuple),
    body=st.binary(max_size=20),
)


@given(MESSAGE)
def test_no_part_of_a_message_is_lost(message):
    """There and back it is the same message, whatever rights and bytes it carries."""
    assert from_words(to_words(message)) == message


@given(MESSAGE)
def test_its_size_is_the_number_of_its_bytes(message):
    """The header's size is what the kernel is told, and a multiple of 4 as it demands."""
    words = to_words(message)
    assert words[1] == 4 * len(words)


@given(MESSAGE, st.data())
def test_a_message_that_is_cut_off_is_nonsense(message, data):
    """A part that ends too early raises, and never reads what is not there."""
    words = to_words(message)
    kept = data.draw(st.integers(0, len(words)))
    try:
        read = from_words(words[:kept])
    except KernelNonsense:
        return
    assert len(read.descriptors) <= len(message.descriptors)
    assert message.body.startswith(read.body)


def test_an_unknown_part_is_nonsense():
    """A part of a type that neither we nor the kernel write is not passed over."""
    with pytest.raises(KernelNonsense, match=r"^GNU Mach gave a message that makes no sense"):
        from_words((0, 32, 0, 0, 0, 0, 11 | 64 << 8 | 1 << 16 | INLINE, 0))


def test_a_disposition_that_no_right_has_is_refused():
    """GNU Mach would take such a name for plain data and send it: XNU's MACH_SEND_INVALID_TYPE case."""
    with pytest.raises(ValueError, match=r"^99$"):
        to_words(Message(1, MsgType.COPY_SEND, descriptors=(PortDescriptor(2, 99),)))


@pytest.mark.parametrize("kind", [PORT_NAME, INTEGER_32])
def test_a_notification_carries_its_number_as_on_xnu(kind):
    """A dead name, or a make-send count, stands behind the 8 bytes of the NDR record (mach/ndr.h)."""
    words = (0x1200, 32, 0, 5, 0, Notification.DEAD_NAME, kind | 32 << 8 | 1 << 16 | INLINE, 0x2A)
    assert unpack(pack(from_words(words))) == Message(
        remote=0,
        remote_disposition=0,
        local=5,
        local_disposition=MsgType.MOVE_SEND_ONCE,
        id=Notification.DEAD_NAME,
        body=bytes([0, 0, 0, 0, 1, 0, 0, 0, 0x2A, 0, 0, 0]),
    )


def test_bytes_of_the_short_form_are_read_too():
    """The short form holds up to 4095 bytes; the padding is no part of them."""
    words = (0, 32, 0, 0, 0, 0, BYTE | 8 << 8 | 3 << 16 | INLINE, 0x636261)
    assert from_words(words).body == b"abc"
