"""F1: what a queued message may carry."""

import pytest

from tests.analysis.causes.rows import CONTROL, HOST, HOST_TASK, READ, recv, report, rules, send

SILENT = {
    "no message is queued": ([send(0x403, 2, 1, HOST)], [send(0x403, 1, 1, HOST)]),
    "the queue was as long before": (
        [send(0x403, 2, 1, HOST), recv(0x503, 2, queued=1)],
        [send(0x403, 1, 1, HOST), recv(0x503, 2, queued=1)],
    ),
    "one message carries no five references": (
        [send(0x403, 9, 1, HOST), recv(0x503, 2, queued=0)],
        [send(0x403, 4, 1, HOST), recv(0x503, 2, queued=1)],
    ),
    "a read port is immovable": (
        [send(0x403, 2, 1, READ), recv(0x503, 2, queued=0)],
        [send(0x403, 1, 1, READ), recv(0x503, 2, queued=1)],
    ),
    "another queue was drained by as many": (
        [send(0x403, 2, 1, HOST), recv(0x503, 2, queued=1)],
        [send(0x403, 1, 1, HOST), recv(0x503, 2, queued=0)],
    ),
    "nothing is missing": (
        [send(0x403, 1, 1, HOST), recv(0x503, 2, queued=0)],
        [send(0x403, 2, 1, HOST), recv(0x503, 2, queued=1)],
    ),
}


@pytest.mark.parametrize(("before", "after"), SILENT.values(), ids=SILENT)
def test_stays_silent_because(before, after):
    """F1 has nothing to say unless references are missing and more messages are queued than before."""
    assert "F1" not in rules(before, after)


def test_speaks_when_a_loss_may_be_in_a_message():
    """A right in a message is in no space: undecided, no finding."""
    fell = ([send(0x103, 2, HOST_TASK, CONTROL)], [send(0x103, 1, HOST_TASK, CONTROL)])
    judged = report([recv(0x503, 2)], [recv(0x503, 2, queued=1)], host=fell)

    (only,) = judged.undecided
    assert (str(judged.outcome), judged.findings, str(only.verdict)) == ("undecided", (), "in-flight")
    assert only.reason == "a queued message may carry what is missing (1 at 0x503 of extension)"


def test_stays_silent_because_no_right_waits_in_its_own_queue():
    """The receive right went from the host to the extension, as expected: the message behind it is not it."""
    lost = [recv(0x503, 2, queued=0)]

    assert "F1" not in rules([], [recv(0x603, 2, queued=1)], "extension: receive +1", host=(lost, []))
    assert "F1" in rules([], [recv(0x603, 3, queued=1)], "extension: receive +1", host=(lost, []))
