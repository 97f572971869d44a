"""Guard exceptions are read out of crash reports of every layout, and out of logs."""

import json
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portaudit.collect.crash_report import read_crash_report
from portaudit.collect.pasted import unpasted
from portaudit.model.guard import GuardEvent, event_of_code

SAMPLES = Path(__file__).parents[1] / "data" / "guard"
NAMES = sorted(path.name for path in SAMPLES.glob("*.txt"))

DEALLOCATE = "mach_port_deallocate"
INVALID_NAME, THREAD_SET_STATE = 0x200, 5

EVENTS: dict[str, list[GuardEvent]] = {
    "airbattery-macos14.5-invalid_name.txt": [
        GuardEvent(
            1,
            INVALID_NAME,
            None,
            0x5D1B,
            0,
            "AirBattery",
            1574,
            "macOS 14.5 (23F79)",
            killed=True,
            call=DEALLOCATE,
            line=21,
        )
    ],
    "buzz-macos26.2-invalid_name-frames.txt": [],
    "frida-helper-thread_set_state.ips.txt": [
        GuardEvent(1, THREAD_SET_STATE, "THREAD_SET_STATE", 0, 0, killed=True, line=8)
    ],
    "frida-macos14.4-thread_set_state-no-frames.txt": [
        GuardEvent(1, THREAD_SET_STATE, None, 0, 0, killed=True, line=3)
    ],
    "hackintool-macos12.0b-invalid_name.txt": [
        GuardEvent(
            1,
            INVALID_NAME,
            None,
            0x14627,
            0,
            "Hackintool",
            741,
            "macOS 12.0 (21A5304g)",
            killed=True,
            line=20,
        )
    ],
    "hackintool-macos12.4-invalid_name.txt": [
        GuardEvent(
            1,
            INVALID_NAME,
            None,
            0xC91F,
            0,
            "Hackintool",
            51002,
            "macOS 12.4 (21F79)",
            killed=True,
            call=DEALLOCATE,
            line=20,
        )
    ],
    "ios15-invalid_name.ips.txt": [
        GuardEvent(1, INVALID_NAME, "INVALID_NAME", 0x13313, 0, killed=True, line=1)
    ],
    "kernel-log-buzz-macos26.5.1-ast.txt": [
        GuardEvent(1, INVALID_NAME, None, 0x3029F, 0, "buzz-desktop", 15289, line=1),
        GuardEvent(1, INVALID_NAME, None, 0x240C3, 0, "buzz-desktop", 15289, line=2),
    ],
    "negative-fd-ios10.1.1.txt": [
        GuardEvent(2, 1, "CLOSE", 0, 0x8FD4DBFADE2DEAD, "xxxx", 263, "iPhone OS 10.1.1 (14B100)", line=18)
    ],
    "negative-lldb-virt_memory.txt": [
        GuardEvent(5, 1, None, 0, 0, pid=8557, line=2),
        GuardEvent(5, 1, None, 0, 0, pid=8557, line=9),
    ],
    "vphone-ios26.1-set_exception_behavior.txt": [
        GuardEvent(
            1,
            6,
            "SET_EXCEPTION_BEHAVIOR",
            0x80000003,
            0x9CE,
            call="mach_msg2",
            caller="task_set_exception_ports",
            line=1,
            contradictions=(
                (
                    "the line Exception Codes says 0x9c00003, "
                    "the termination code says 0x80000003: the code decides"
                ),
            ),
        )
    ],
    "vphone-set_exception_behavior-edited.ips.txt": [
        GuardEvent(1, 6, "SET_EXCEPTION_BEHAVIOR", 0x80000001, 0x6E, line=2)
    ],
    "xnu-doc-invalid_name.txt": [GuardEvent(1, INVALID_NAME, "INVALID_NAME", 0x2703, 0, killed=True, line=1)],
    "yabai-loader-macos15b-thread_set_state.txt": [
        GuardEvent(
            1,
            THREAD_SET_STATE,
            None,
            0,
            0,
            "loader",
            99310,
            "macOS 14.0 (24A5298h)",
            killed=True,
            call="mach_msg2",
            line=24,
        )
    ],
    "zed-invalid_options-frames.txt": [
        GuardEvent(
            1,
            3,
            "INVALID_OPTIONS",
            0,
            0,
            call="mach_msg2",
            caller="_AXUIElementPostNotificationWithInfo",
            line=1,
        )
    ],
    "zed-macos12.7.6-invalid_right-reporter-layout.txt": [
        GuardEvent(
            1,
            0x100,
            "INVALID_RIGHT",
            None,
            None,
            "zed",
            None,
            "macOS 12.7.6 (21H1320)",
            killed=True,
            call=DEALLOCATE,
            line=7,
        )
    ],
    "macos26-log-without-code.txt": [
        GuardEvent(1, INVALID_NAME, None, 0x2D33, None, "adb", 96399, line=2),
    ],
    "one-line-thread_set_state.txt": [GuardEvent(1, THREAD_SET_STATE, None, 0, 0, killed=True, line=2)],
    "slashed-thread_set_state.txt": [GuardEvent(1, THREAD_SET_STATE, "THREAD_SET_STATE", line=1)],
    "flavour-in-words.ips.txt": [GuardEvent(1, 33, None, 0x3203, 0, killed=True, line=1)],
    "invalid_options-message-id.txt": [GuardEvent(1, 3, None, 0x40000001, killed=True, line=1)],
    "osquery-no-process.txt": [
        GuardEvent(
            1,
            None,
            None,
            0x5C03,
            0,
            killed=True,
            call=DEALLOCATE,
            caller="IODispatchCalloutFromCFMessage",
            line=3,
        )
    ],
    "xcode-banner.txt": [GuardEvent(1, INVALID_NAME, None, 0x2703, 0, line=1)],
    "negative-lldb-code-1.txt": [GuardEvent(0, 0, None, 1, 0x4141414141414151, line=1)],
    "illegal_move-prose.txt": [GuardEvent(1, 32, "ILLEGAL_MOVE", killed=True, line=1)],
    "negative-virt_memory-dealloc_gap.txt": [GuardEvent(5, 1, killed=True, line=1)],
}


def test_every_sample_is_expected_something_of():
    """No sample is left out of the table above."""
    assert sorted(EVENTS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_is_read(name):
    """Each real report gives exactly its events, and no line that speaks of guards is left over."""
    reading = read_crash_report(unpasted((SAMPLES / name).read_bytes()))

    assert list(reading.events) == EVENTS[name]
    assert reading.not_understood == ()


def test_a_backtrace_alone_is_declined_with_what_is_missing():
    """Frames do not say which guard; the sentence names the innermost and the lines that are needed."""
    reading = read_crash_report((SAMPLES / "buzz-macos26.2-invalid_name-frames.txt").read_bytes())

    assert reading.declined == (
        "there is a backtrace, innermost _kernelrpc_mach_port_deallocate_trap, but nothing that says which "
        "guard: the lines Exception Type, Exception Codes and Termination Reason are needed"
    )


def test_a_crash_of_another_kind_is_named_and_declined():
    """A report of bad memory access is no guard exception."""
    reading = read_crash_report(
        b"Exception Type:        EXC_BAD_ACCESS (SIGSEGV)\nException Codes:  0x1, 0x2\n"
    )

    assert reading.declined == "this is a report of EXC_BAD_ACCESS, not of a guard exception (EXC_GUARD)"


def test_a_text_of_something_else_is_declined():
    """A text without any crash says so."""
    assert read_crash_report(b"hello\n").declined == (
        "there is no guard exception (EXC_GUARD) in it, and none for ports that ran out (EXC_RESOURCE)"
    )


@pytest.mark.parametrize("word", ["EXC_GUARD", "EXC_RESOURCE"])
def test_a_text_that_only_names_the_exception_is_told_what_is_missing(word):
    """A sentence about EXC_GUARD is never answered by: there is no guard exception in it."""
    assert read_crash_report(b"The app died with " + word.encode() + b" again.\n").declined == (
        f"it speaks of {word} and says neither type nor code: the lines Exception Subtype, Exception Codes "
        f"and Termination Reason of the report are needed, or the line of the kernel's log"
    )


def test_codes_alone_tell_the_guard_where_they_hold_all_of_it():
    """Older systems print the whole code where later ones print the target: it names the guard."""
    reading = read_crash_report(
        b"Exception Type:  EXC_GUARD\nException Codes: 0x4000000100000000, 0x08fd4dbfade2dead\n"
    )

    assert reading.events == (GuardEvent(2, 1, None, 0, 0x08FD4DBFADE2DEAD, line=1),)


def whole_ips(**members):
    header = {"app_name": "Host", "timestamp": "2026-11-23 10:00:00.00 +0100", "bug_type": "309"}
    body = {
        "procName": "Host",
        "pid": 4242,
        "osVersion": {"train": "macOS 26.1", "build": "25B78"},
        "exception": {
            "type": "EXC_GUARD",
            "subtype": "GUARD_TYPE_MACH_PORT",
            "signal": "SIGKILL",
            "rawCodes": [9987, 0],
            "violations": ["INVALID_NAME"],
            "message": " INVALID_NAME on mach port 9987 (guarded with 0x0000000000000000)",
        },
        "termination": {"namespace": "GUARD", "flags": 2, "code": 0x2000020000002703},
        "threads": [
            {"id": 1, "frames": [{"symbol": "mach_msg2_trap"}]},
            {
                "triggered": True,
                "id": 2,
                "frames": [
                    {"symbol": "_kernelrpc_mach_port_deallocate_trap", "symbolLocation": 8},
                    {"symbol": "mach_port_deallocate", "symbolLocation": 28},
                    {"symbol": "-[Host close]", "symbolLocation": 40},
                ],
            },
        ],
    }
    return (json.dumps(header) + "\n" + json.dumps({**body, **members}, indent=2)).encode()


WHOLE = GuardEvent(
    1,
    INVALID_NAME,
    "INVALID_NAME",
    0x2703,
    0,
    "Host",
    4242,
    "macOS 26.1",
    killed=True,
    call=DEALLOCATE,
    caller="-[Host close]",
    line=9,
)


def test_a_whole_ips_file_is_read():
    """An .ips file gives process, pid, system, the call of the triggered thread and who made it."""
    assert read_crash_report(whole_ips()).events == (WHOLE,)


def test_an_ips_file_that_was_cut_off_is_read_as_far_as_it_goes():
    """Where the threads are missing, the exception is still read."""
    data = whole_ips()

    cut = read_crash_report(data[: data.index(b'"threads"')])
    assert cut.events == (replace(WHOLE, call=None, caller=None),)


def test_the_termination_code_decides():
    """Where message and codes say something else, the code's flavour and target count, and that is told."""
    code = {"namespace": "GUARD", "code": 0x2000010000001D03}
    (event,) = read_crash_report(whole_ips(termination=code)).events

    assert (event.flavour, event.target) == (0x100, 0x1D03)
    assert event.contradictions == (
        "the message says INVALID_NAME, the termination code says INVALID_RIGHT: the code decides",
        "the message says 0x2703, the termination code says 0x1d03: the code decides",
        "the line Exception Codes says 0x2703, the termination code says 0x1d03: the code decides",
    )


def test_several_reports_in_one_file_are_told_apart():
    """Reports one after another keep their own process and code."""
    first = (SAMPLES / "airbattery-macos14.5-invalid_name.txt").read_bytes()
    second = (SAMPLES / "hackintool-macos12.4-invalid_name.txt").read_bytes()

    events = read_crash_report(first + b"\n" + second).events
    assert [(event.process, event.target) for event in events] == [
        ("AirBattery", 0x5D1B),
        ("Hackintool", 0xC91F),
    ]


def test_a_line_about_guards_that_is_not_understood_is_kept():
    """A line that speaks of guards in an unknown way is not dropped in silence."""
    reading = read_crash_report(b"one\nTermination Reason: Namespace GUARD, something new\n")

    assert [(line.line, line.text) for line in reading.not_understood] == [
        (2, "Termination Reason: Namespace GUARD, something new")
    ]


numbers = st.integers(-(1 << 70), 1 << 70)
junk = st.recursive(
    st.none() | st.booleans() | numbers | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
exceptions = st.dictionaries(
    st.sampled_from(["type", "subtype", "signal", "rawCodes", "violations", "message", "port", "guardId"]),
    junk | st.sampled_from(["EXC_GUARD", "GUARD_TYPE_FD", "X_Y on mach port 99999999999", ["DUP"], [1, 2]]),
)


@given(exceptions, st.dictionaries(st.sampled_from(["namespace", "code"]), junk | st.just("GUARD")))
def test_members_of_any_shape_never_crash_the_reader(exception, termination):
    """Whatever the members hold, what comes out fits the 64 bits of a code."""
    for event in read_crash_report(whole_ips(exception=exception, termination=termination)).events:
        assert event.target is None or 0 <= event.target < 1 << 32
        assert event.payload is None or 0 <= event.payload < 1 << 64


@given(st.sampled_from(NAMES), st.integers(0, 2000), st.integers(0, 30), st.binary(max_size=20))
def test_a_damaged_report_never_crashes_the_reader(name, place, length, put_in):
    """Bytes put in or taken out anywhere leave events, or the reason why there are none."""
    data = (SAMPLES / name).read_bytes()
    at = place % (len(data) + 1)

    reading = read_crash_report(data[:at] + put_in + data[at + length :])
    assert bool(reading.events) == (reading.declined is None)


@given(st.binary(max_size=300))
def test_noise_never_crashes_the_reader(data):
    """Any bytes at all are read or declined."""
    read_crash_report(data)


@given(st.integers(0, (1 << 64) - 1))
def test_a_code_is_taken_apart_and_put_together(code):
    """The parts of a code make the code again."""
    assert event_of_code(code).code == code


PATTERNS = (
    b"\n",
    b"a\n",
    b"Process:  x [1]\n",
    b"Exception Type: EXC_GUARD\n",
    b"0   a   0x1 b + 8\n",
    b"GUARD\n",
    b"EXC_GUARD AST: code=0x1\n",
    b'"exception":{"a":',
    b'"exception":{',
    b" ",
    b"X on mach port ",
    b'"symbol":"x",',
)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_memory_grows_with_the_input_alone(pattern):
    """At its highest, reading takes at most twenty times the input's size."""
    data = pattern * (60_000 // len(pattern))
    read_crash_report(data[:6_000])  # what is made once, and kept, counts for no reading

    tracemalloc.start()
    try:
        read_crash_report(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak <= 20 * len(data) + 64_000
