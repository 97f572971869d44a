"""U9: clock and voucher rights whose references rise."""

import pytest

from tests.analysis.causes.rows import CLOCK, HOST, VOUCHER, Told, report, rules, send, told

SILENT = {
    "nothing changed": ([send(0x403, 2, 1, CLOCK)], [send(0x403, 2, 1, CLOCK)]),
    "the references fell": ([send(0x403, 3, 1, VOUCHER)], [send(0x403, 2, 1, VOUCHER)]),
    "the voucher is new": ([], [send(0x403, 1, 1, VOUCHER)]),
    "it is the host port": ([send(0x403, 1, 1, HOST)], [send(0x403, 2, 1, HOST)]),
}


@pytest.mark.parametrize(("before", "after"), SILENT.values(), ids=SILENT)
def test_stays_silent_because(before, after):
    """U9 has nothing to say unless a clock rose, or a voucher whose name existed."""
    assert "U9" not in rules(before, after)


def test_speaks_of_a_clock():
    """A clock's references are an error, whether its name is new or not."""
    assert told([], [send(0x403, 2, 1, CLOCK)]) == [
        Told("U9", "likely", "the CLOCK row: 0 -> 2 references; the name is new", 2)
    ]
    assert str(report([], [send(0x403, 2, 1, CLOCK)]).findings[0].severity) == "error"


def test_only_notes_a_voucher():
    """A voucher's references jitter: they are a note, and the outcome is balanced."""
    judged = report([send(0x403, 1, 1, VOUCHER)], [send(0x403, 3, 1, VOUCHER)])

    assert [(one.rule, str(one.severity)) for one in judged.findings] == [("U9", "note")]
    assert str(judged.outcome) == "balanced"
