"""What tells of no guard and of no full port space is declined with what it is, however much it reads so."""

import pytest

from portaudit.collect.crash_report import read_crash_report

NO_EXCEPTION = "there is no guard exception (EXC_GUARD) in it, and none for ports that ran out (EXC_RESOURCE)"
NEITHER = "and says neither type nor code"

DECLINED = {
    "Exception Type: EXC_BAD_ACCESS\nException Codes: 0x1, 0x2000020000002703": "a report of EXC_BAD_ACCESS",
    "Exception Type: EXC_CRASH (SIGKILL)\nTermination Reason: FRONTBOARD 2343432205": "a report of EXC_CRASH",
    '{"exception":{"type":"EXC_BAD_ACCESS","rawCodes":[1,105570360834720]}}': "a report of EXC_BAD_ACCESS",
    "[x:91] FATAL exception: type=0x1 reason=0x2 code=0x1 subcode=0x0": "a report of EXC_BAD_ACCESS",
    '{"exceptionType":1,"exceptionCode":2305845208236959491,"signal":11}': NO_EXCEPTION,
    "Event:            cpu usage\nCPU: 48 seconds cpu time over 59 seconds": "a report of cpu usage",
    "Event:            hang\nDuration: 3.0s": "a report of hang",
    "panic(cpu 4 caller 0xffffff80): watchdog timeout: no checkins": "a panic of the kernel",
    "panic(cpu 0): zone_require_failed: address in unexpected zone id 5 (ipc ports)": "a panic of the kernel",
    "stop reason = EXC_BAD_ACCESS (code=1, address=0x2000020000002703)": NO_EXCEPTION,
    "EXC_GUARD: The process violated a guarded resource protection.": NEITHER,
    "#define EXC_GUARD 12 /* violated guarded FD/Mach Port protections */": NEITHER,
    "EXC_RESOURCE: the process exceeded a limit on resource consumption, like CPU time or memory": NEITHER,
    "SEND on mach port 4867 failed with 0x10000003": NO_EXCEPTION,
    "mach_msg called with msgh_id 3409 and failed": NO_EXCEPTION,
    "CLOSE on file descriptor 5": NO_EXCEPTION,
    "Exception Subtype: KERN_INVALID_ADDRESS": NO_EXCEPTION,
    "exited with exit reason (namespace: 2 code: 0xb) - SIGSEGV": NO_EXCEPTION,
    "Unexpected EV_VANISHED (do not destroy random mach ports or file descriptors)": NO_EXCEPTION,
    "STACK GUARD                       56.0M        6": NO_EXCEPTION,
    '{"bug_type":"298","reason":"per-process-limit"}': NO_EXCEPTION,
}


@pytest.mark.parametrize("text", DECLINED)
def test_what_is_something_else_is_declined(text):
    """Other crashes, panics, samples of processor time and sentences about ports give no event at all."""
    reading = read_crash_report(text.encode())

    assert (reading.events, reading.resources) == ((), ())
    assert DECLINED[text] in (reading.declined or "")
