"""A guard exception in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portaudit.analysis.exception_codes import parse_code
from portaudit.analysis.guard import describe, port_name
from portaudit.errors import UsageError
from portaudit.model.guard import Fatal, GuardDescription, GuardEvent, event_of_code
from portaudit.model.guard_flavours import MACH_PORT_FLAVOURS, flavour_number, names_of


@pytest.mark.parametrize(
    "text",
    [
        "0x2000020000002703",
        "0X2000020000002703",
        "2305845208236959491",
        " 2305845208236959491\n",
        "-16140898865472592125",
    ],
)
def test_a_code_is_read_in_hex_and_decimal(text):
    """The same code is read in hex, in decimal, and as the signed number that some tools print."""
    assert parse_code(text) == GuardEvent(guard=1, flavour=0x200, target=0x2703)


@pytest.mark.parametrize(
    "text", ["", "0x", "guard", "1_0", "0x1_0", "٣", "1" * 21, "0x1" + "0" * 16, "--1", "1.5"]
)
def test_what_is_no_code_is_refused(text):
    """Anything but a number of 64 bits is wrong usage, said in a sentence."""
    with pytest.raises(UsageError, match="is no exception code: that is a number of 64 bits"):
        parse_code(text)


def test_a_double_free_is_told_whole():
    """The most common code says what happened, to whom it is fatal, why, and the way out."""
    assert describe(parse_code("0x2000020000002703", "0")) == GuardDescription(
        title="INVALID_NAME on name 0x2703",
        guard="a Mach port (GUARD_TYPE_MACH_PORT, 1)",
        flavour="0x200, kGUARD_EXC_INVALID_NAME",
        target="name 0x2703",
        payload="0x0000000000000000",
        mistake="the call used a name that denotes nothing in this process: it was freed before",
        third_party="goes on with a return code only, unless it asked for more (task_set_exc_guard_behavior)",
        platform="killed: the default since macOS 12 (kern.task_exc_guard_default 0x99)",
        hardened="killed: the default since macOS 12 (kern.task_exc_guard_default 0x99)",
        cause="a right was freed twice, or its name kept after the free",
        fix="give each reference back once, with mach_port_deallocate for send and send-once rights and "
        "mach_port_destruct for receive rights, and set the variable to MACH_PORT_NULL afterwards",
    )


@pytest.mark.parametrize(
    ("flavour", "fatal"),
    [
        (1, Fatal.ALWAYS),
        (0x80, Fatal.ALWAYS),
        (0x100, Fatal.BY_POLICY),
        (0x80000, Fatal.BY_POLICY),
        (0x100000, Fatal.NEVER),
        (0x400000, Fatal.NEVER),
        (0x77, Fatal.ALWAYS),
    ],
)
def test_the_flavour_tells_who_is_killed(flavour, fatal):
    """Low numbers kill anybody, the middle ones by policy, high ones nobody; unknown ones by their number."""
    assert GuardEvent(1, flavour, target=1).fatal is fatal


@pytest.mark.parametrize("guard", [0, 2, 3, 4, 5, 6, 7])
def test_other_guards_are_named_and_declined(guard):
    """A guard on anything but a Mach port is named, and said not to be portaudit's."""
    described = describe(event_of_code(guard << 61 | 1 << 32))

    assert described.declined is not None
    known = "portaudit decodes guards on Mach ports"
    assert described.declined.endswith(known if guard in range(2, 7) else f"its guard type is {guard}")
    assert (described.mistake, described.cause, described.fix) == (None, None, None)


def test_an_exception_that_no_line_tells_of_is_declined():
    """A report that says EXC_GUARD and no more is not guessed at."""
    described = describe(GuardEvent(None))

    assert described.title == "an unknown flavour (EXC_GUARD)"
    assert described.declined is not None


def test_an_unknown_flavour_keeps_its_number():
    """A flavour that is newer than the table is told by its number, with what the number alone says."""
    described = describe(event_of_code(0x2000004D00000103))

    assert described.title == "unknown flavour 0x4d on name 0x103"
    assert described.flavour == "0x4d"
    assert described.third_party == "killed: this flavour kills any process"
    assert described.mistake == (
        "not known: the flavour is newer than portaudit's table, or the report does not name it"
    )


@pytest.mark.parametrize(
    ("code", "payload", "words"),
    [
        (
            0x2000010000001D03,
            0x0500000002020000,
            "0x0500000002020000: by mach_port_deallocate; the name is likely that of: recv",
        ),
        (
            0x2000000200000103,
            0x0100000000000000,
            "0x0100000000000000: by mach_port_deallocate or mach_port_mod_refs",
        ),
        (0x2000000200000103, 0x0400000000000000, "0x0400000000000000: by moving it in a message"),
        (0x2000020000000103, 0x1234, "0x0000000000001234"),
    ],
)
def test_a_payload_tells_the_call(code, payload, words):
    """The payload's top byte names the call where the flavour gives it a meaning."""
    assert describe(event_of_code(code, payload)).payload == words


def test_an_exception_behaviour_is_told_instead_of_a_port():
    """The target of EXCEPTION_BEHAVIOR_ENFORCE is no port: it looks like the behaviour asked for."""
    event = event_of_code(0x2000000680000003)

    assert port_name(event) is None
    assert describe(event).target == (
        "0x80000003 (likely the behaviour asked for: EXCEPTION_STATE_IDENTITY with MACH_EXCEPTION_CODES)"
    )


def test_the_port_is_told_where_there_is_one():
    """The name to look for in a snapshot is the target, for the flavours that are about a port."""
    assert port_name(event_of_code(0x2000020000002703)) == 0x2703
    assert port_name(event_of_code(0x2000000500000000)) is None
    assert port_name(event_of_code(0x4000000100000003)) is None


def test_the_process_and_its_end_are_told():
    """What the report says became of the process is said, and why that is unusual."""
    killed = GuardEvent(1, 0x200, target=1, process="Host", pid=7, killed=True)
    silent = GuardEvent(1, 0x200, target=1, process="Host", pid=7)
    always = GuardEvent(1, 0x20, target=1, killed=True)

    assert [describe(event).happened for event in (killed, silent, always)] == [
        (
            "Host (7) was killed: it counts as platform or hardened, asked for it, or runs where the "
            "system's protection is switched off"
        ),
        "Host (7): the source does not say whether it was killed",
        "the process was killed",
    ]


def test_a_call_and_its_caller_are_told():
    """The innermost call and who made it are said in one breath."""
    event = GuardEvent(1, 0x200, target=1, call="mach_port_deallocate", caller="-[Host close]")

    assert describe(event).call == "mach_port_deallocate, called by -[Host close]"


@pytest.mark.parametrize("number", sorted(MACH_PORT_FLAVOURS))
def test_every_flavour_is_found_by_its_names(number):
    """What reports call a flavour leads to its number; where two numbers share a name, to the one in use."""
    for name in names_of(1, number):
        found = flavour_number(1, name)
        assert found == number or name in names_of(1, found or 0)


@given(
    st.builds(
        GuardEvent,
        guard=st.none() | st.integers(0, 7),
        flavour=st.none() | st.integers(0, 0x1FFFFFFF) | st.sampled_from(sorted(MACH_PORT_FLAVOURS)),
        name=st.none() | st.text(max_size=9),
        target=st.none() | st.integers(0, 0xFFFFFFFF),
        payload=st.none() | st.integers(0, (1 << 64) - 1),
        process=st.none() | st.text(max_size=9),
        pid=st.none() | st.integers(0, 99999),
        killed=st.none() | st.just(True),  # noqa: FBT003  a value to draw
        call=st.none() | st.text(max_size=9),
        caller=st.none() | st.text(max_size=9),
    )
)
def test_every_event_can_be_described(event):
    """Whatever is known of an event, there is a title and the kind of guard."""
    described = describe(event)

    assert described.title
    assert described.guard


@pytest.mark.parametrize(
    ("flavour", "call", "told"),
    [
        (None, "mach_port_deallocate", "the report does not name the flavour; mach_port_deallocate raises"),
        (0x7000_0000, "mach_port_deallocate", "not known: the flavour is newer than portaudit's table"),
        (None, "mach_port_destruct", "not known: the flavour is newer than portaudit's table"),
    ],
)
def test_a_call_without_a_flavour_is_told_by_what_it_can_raise(flavour, call, told):
    """A deallocate raises one of two; a flavour that is not in the table is none of them."""
    described = describe(GuardEvent(1, flavour, target=0x2703, call=call))
    assert (described.mistake or "").startswith(told)
