"""A guard exception is read in whatever words it is told: of reports, logs, debuggers, collectors, people."""

import json
from dataclasses import replace

import pytest

from portaudit.collect.crash_report import read_crash_report
from portaudit.collect.pasted import unpasted
from portaudit.model.guard import GuardEvent

CODE = "2305845208236959491"
"""INVALID_NAME, 0x200, on 0x2703."""

NAME = GuardEvent(1, 0x200, target=0x2703)
SPELT = replace(NAME, name="INVALID_NAME")
FD_CLOSE = GuardEvent(2, 1)


def report(**lines):
    """Write the lines of a text report."""
    labels = {
        "type": "Exception Type:    ",
        "subtype": "Exception Subtype: ",
        "message": "Exception Message: ",
        "codes": "Exception Codes:   ",
        "reason": "Termination Reason:  ",
    }
    return "".join(f"{labels[key]}{value}\n" for key, value in lines.items())


MACH = {"type": "EXC_GUARD (SIGKILL)", "subtype": "GUARD_TYPE_MACH_PORT"}
MEMBERS = {"type": "EXC_GUARD", "subtype": "GUARD_TYPE_MACH_PORT", "signal": "SIGKILL"}
INVALID_RIGHT = "INVALID_RIGHT on mach port 4867 (guarded with 0x0500000000020000)"
ON_9987 = "on mach port 9987 (guarded with 0x0000000000000000)"
SENTRY = {"mach_exception": {"code": int(CODE), "exception": 12, "subcode": 0}}
SYSTEM_CALL = "The trap is not allowed on this platform."

REPORTS = {
    "a message alone": (
        report(**MACH, message=INVALID_RIGHT),
        GuardEvent(1, 0x100, "INVALID_RIGHT", 4867, 0x0500000000020000, killed=True),
    ),
    "bold labels": (
        f"**Exception Type:** EXC_GUARD (SIGKILL)\n**Exception Message:** INVALID_NAME {ON_9987}\n",
        replace(SPELT, payload=0, killed=True),
    ),
    "bold, with code marks, in a list": (
        f"- **Exception Type**: `EXC_GUARD (SIGKILL)`\n- **Termination Reason**: `GUARD {CODE}`\n",
        replace(NAME, killed=True),
    ),
    "a table of Markdown": (
        (
            "| Field | Value |\n|---|---|\n| Exception Type | EXC_GUARD (SIGKILL) |\n"
            f"| Exception Subtype | GUARD_TYPE_MACH_PORT |\n| Exception Message | INVALID_NAME {ON_9987} |\n"
        ),
        replace(SPELT, payload=0, killed=True),
    ),
    "capitals": (
        f"EXCEPTION TYPE: EXC_GUARD (SIGKILL)\nTERMINATION REASON: NAMESPACE GUARD, CODE {CODE}",
        replace(NAME, killed=True),
    ),
    "no blanks behind the labels": (
        f"Exception Type:EXC_GUARD (SIGKILL)\nTermination Reason:Namespace GUARD, Code {CODE}",
        replace(NAME, killed=True),
    ),
    "labels in another language": (
        f"Type d’exception : EXC_GUARD (SIGKILL)\nRaison : Namespace GUARD, Code {CODE}",  # noqa: RUF001  as it is
        NAME,
    ),
    "the code where an address stands, as KSCrash and Sentry print it": (
        report(type="EXC_GUARD (SIGKILL)", codes="0x2000020000002703 at 0x0000000000000000"),
        replace(NAME, killed=True),
    ),
    "YAML": (
        "exception:\n  type: EXC_GUARD\n  message: INVALID_NAME on mach port 9987\n",
        SPELT,
    ),
    "only the namespace": (f"Namespace GUARD, Code {CODE}", NAME),
    "a message id": (
        report(**MACH, message=f"mach_msg_trap() called with msgh_id 3409. {SYSTEM_CALL}"),
        GuardEvent(1, 3, target=3409, killed=True),
    ),
    "members over several lines": (
        json.dumps({"exception": MEMBERS | {"violations": ["INVALID_NAME"], "port": 9987}}, indent=4),
        replace(SPELT, killed=True),
    ),
    "members with the code as a string": (
        json.dumps({"exception": MEMBERS, "termination": {"namespace": "GUARD", "code": CODE}}),
        replace(NAME, killed=True),
    ),
    "a namespace's member alone": (f'"termination": {{\n  "namespace": "GUARD",\n  "code": {CODE}\n}}', NAME),
    "a dictionary of Python": (
        str(
            {
                "procName": "x",
                "pid": 7,
                "exception": MEMBERS | {"message": "it's INVALID_NAME on mach port 9987"},
            }
        ),
        replace(SPELT, process="x", pid=7, killed=True),
    ),
}
WORDS = {
    "a kernel's log": (
        (
            "2026-10-01 10:00:00 0x2f9a Error kernel: [adb (x):9] EXC_GUARD AST: type=0x1 flavor=0x100 "
            "target=0x2d33 code=0x2000010000002d33 subcode=0x500000000020000"
        ),
        GuardEvent(1, 0x100, None, 0x2D33, 0x500000000020000, "adb (x)", 9),
    ),
    "a kernel's log without a code, in decimal": (
        "kernel: [x:9] EXC_GUARD AST: type=1 flavor=512 target=9987",
        replace(NAME, process="x", pid=9),
    ),
    "a fatal exception": (
        "[x:9] FATAL exception: type=0xc reason=0x17 code=0x2000020000002703 subcode=0x0",
        replace(NAME, payload=0, process="x", pid=9),
    ),
    "launchd": (
        f"gui/501/com.x.y [881]: exited with exit reason (namespace: 23 code: {int(CODE):#x}) - ",
        replace(NAME, pid=881, killed=True),
    ),
    "RunningBoard": (
        f"[app<com.x.y(501)>:881] termination reported by launchd (23, {CODE}, 9)",
        replace(NAME, pid=881, killed=True),
    ),
    "Xcode": ("Thread 12: EXC_GUARD (code=0x2000020000002703, subcode=0)", replace(NAME, payload=0)),
    "lldb's JSON": (f'{{"description":"EXC_GUARD (code={CODE}, subcode=0x0)"}}', replace(NAME, payload=0)),
    "gdb": (f"Program received signal EXC_GUARD, code {CODE}", NAME),
    "the upper half, as minidumps hold it": (
        "Crash reason: EXC_GUARD / 0x20000200 / 0x00002703",
        GuardEvent(1, 0x200),
    ),
    "a flavour's number behind slashes": (
        '"type":"EXC_GUARD / GUARD_TYPE_MACH_PORT / 512"',
        GuardEvent(1, 0x200),
    ),
    "a flavour's constant behind slashes": (
        "EXC_GUARD / GUARD_TYPE_MACH_PORT / kGUARD_EXC_INVALID_NAME",
        GuardEvent(1, 0x200, "kGUARD_EXC_INVALID_NAME"),
    ),
    "a name behind a slash": (
        "`EXC_GUARD / SEND_INVALID_REPLY` in RocketBootstrap",
        GuardEvent(1, 0x10000, "SEND_INVALID_REPLY"),
    ),
    "KSCrash": (
        json.dumps(
            {"error": {"mach": {"exception": 12, "code": int(CODE), "subcode": 0}, "signal": {"signal": 9}}}
        )
        + json.dumps({"system": {"process_name": "x", "process_id": 55}}),
        replace(NAME, payload=0, process="x", pid=55, killed=True),
    ),
    "Sentry": (
        json.dumps({"exception": {"values": [{"type": "EXC_GUARD", "mechanism": {"meta": SENTRY}}]}}),
        replace(NAME, payload=0),
    ),
    "Sentry's sentence": (f"Exception 12, Code {CODE}, Subcode 0", replace(NAME, payload=0)),
    "MetricKit": (
        f'{{"osVersion":"macOS 15","signal":9,"exceptionType":12,"exceptionCode":{CODE},"pid":99}}',
        replace(NAME, pid=99, os="macOS 15", killed=True),
    ),
    "a crash handler's value": (
        f"ExceptionInfo {{ kind: 12, code: {CODE}, subcode: Some(7) }}",
        replace(NAME, payload=7),
    ),
    "a table of values": ("date,process,type,code\n2026-01-01,app,EXC_GUARD,0x2000020000002703", NAME),
    "a sentence": ("We get EXC_GUARD with code 0x2000020000002703.", NAME),
    "a sentence with the words of each line": (
        f"EXC_GUARD (SIGKILL) GUARD_TYPE_MACH_PORT 0x0000000000002703, 0x0 Namespace GUARD, Code {CODE}",
        NAME,
    ),
    "a title": (
        "EXC_GUARD (mach port INVALID_NAME) in user_idle::get_time",
        GuardEvent(1, 0x200, "INVALID_NAME"),
    ),
    "a name in hex": ("EXC_GUARD, GUARD_TYPE_MACH_PORT, INVALID_NAME on mach port 0x2703", SPELT),
    "a flavour in words": ("EXC_GUARD on a mach port, flavor 33", GuardEvent(1, 33)),
    "a flavour in hex": ("EXC_GUARD (mach port guard flavor 0x200)", GuardEvent(1, 0x200)),
}
OTHERS = {
    "codes only": (
        report(type="EXC_GUARD", codes="0x4000000100000000, 0x0"),
        replace(FD_CLOSE, target=0, payload=0),
    ),
    "minidumps": ("EXC_GUARD / 0x40000001 / 0x00000005", FD_CLOSE),
    "Firefox": ("EXC_GUARD / GUARD_TYPE_FD / GUARD_EXC_CLOSE", replace(FD_CLOSE, name="GUARD_EXC_CLOSE")),
    "a name alone": ("EXC_GUARD / GUARD_DUP crash", GuardEvent(2, 2, "GUARD_DUP")),
    "a log": (
        "[x:9] EXC_GUARD AST: type=0x2 flavor=0x1 target=0x5",
        replace(FD_CLOSE, target=5, process="x", pid=9),
    ),
    "a reason": (f"Termination Reason: GUARD {0x4000000100000005}", replace(FD_CLOSE, target=5)),
    "memory, whose first number is an address": (
        (
            '"exception":{"type":"EXC_GUARD","subtype":"GUARD_TYPE_VIRT_MEMORY","rawCodes":[4555120640,0],'
            '"message":"offset=0x10f819000, flavor=0x00000001 (DEALLOC_GAP)"}'
        ),
        GuardEvent(5, 1, payload=0),
    ),
    "an assertion": ("EXC_GUARD / GUARD_TYPE_USER / LIBXPC", GuardEvent(3, name="LIBXPC")),
    "something": ("Setup Assistant, EXC_GUARD / WEBKIT", GuardEvent(None, name="WEBKIT")),
}


@pytest.mark.parametrize(("text", "event"), REPORTS.values(), ids=REPORTS)
def test_reports_in_any_dress_are_read(text, event):
    """Labels may be bold, in capitals, in a table; members on many lines, as JSON or as Python prints it."""
    assert [replace(read, line=None) for read in read_crash_report(unpasted(text.encode())).events] == [event]


@pytest.mark.parametrize(("text", "event"), WORDS.values(), ids=WORDS)
def test_words_of_logs_debuggers_collectors_and_people_are_read(text, event):
    """One line tells of it, in the words of whoever wrote it; what it does not tell stays unknown."""
    reading = read_crash_report(unpasted(text.encode()))

    assert [replace(read, line=None) for read in reading.events] == [event]
    assert (reading.resources, reading.not_understood) == ((), ())


@pytest.mark.parametrize(("text", "event"), OTHERS.values(), ids=OTHERS)
def test_guards_on_other_things_are_named(text, event):
    """What is no Mach port's guard keeps its own type, or none, and is never taken for one."""
    assert [replace(read, line=None) for read in read_crash_report(text.encode()).events] == [event]


NEW = {
    9: "KOBJECT_REPLY_PORT_SEMANTICS",
    10: "REQUIRE_REPLY_PORT_SEMANTICS",
    65: "INVALID_NOTIFICATION_REQ",
    66: "INVALID_MPO_ENTITLEMENT",
    67: "DESCRIPTOR_VIOLATION",
}


@pytest.mark.parametrize("flavour", NEW)
def test_flavours_of_macos_26_are_read_in_every_form(flavour):
    """By their number in a code, a log or a sentence, and by their name in a message."""
    forms = (
        report(**MACH, message=f"{NEW[flavour]} {ON_9987}"),
        report(type="EXC_GUARD", reason=f"Namespace GUARD, Code {1 << 61 | flavour << 32 | 0x2703}"),
        json.dumps(
            {"exception": {**MEMBERS, "violations": [f"Unknown GUARD_TYPE_MACH_PORT flavor {flavour}"]}}
        ),
        f"[x:1] EXC_GUARD AST: type=0x1 flavor={flavour:#x} target=0x2703",
        f"EXC_GUARD on a mach port, flavor {flavour}",
    )

    read = [event for form in forms for event in read_crash_report(form.encode()).events]
    assert [(event.guard, event.flavour) for event in read] == [(1, flavour)] * len(forms)


@pytest.mark.parametrize(
    ("head", "flavour"),
    [("Exception Type: EXC_GUARD\n", 0x800000), ("OS Version: macOS 26.2\nException Type: EXC_GUARD\n", 10)],
)
def test_a_name_of_two_flavours_goes_by_the_system(head, flavour):
    """REQUIRE_REPLY_PORT_SEMANTICS killed nobody before macOS 26, and kills since."""
    text = head + report(subtype="GUARD_TYPE_MACH_PORT", message=f"REQUIRE_REPLY_PORT_SEMANTICS {ON_9987}")

    assert [event.flavour for event in read_crash_report(text.encode()).events] == [flavour]


def test_reports_put_into_one_file_are_read_each():
    """Two reports of today, one after the other, are two exceptions with their own processes and lines."""
    reports = "".join(
        json.dumps({"app_name": name, "bug_type": "309"})
        + "\n"
        + json.dumps(
            {"procName": name, "exception": MEMBERS | {"violations": ["INVALID_NAME"], "port": port}}
        )
        + "\n"
        for name, port in (("a", 259), ("b", 515))
    )

    events = read_crash_report(reports.encode()).events
    assert [(event.process, event.target, event.line) for event in events] == [("a", 259, 2), ("b", 515, 4)]
