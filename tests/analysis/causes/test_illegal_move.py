"""O7: a right that the kernel does not let go."""

import pytest

from tests.analysis.causes.rows import READ, send
from tests.analysis.causes.test_bad_release import IMMOVABLE, INVALID_NAME, event, judged

SOFT = 0x40_0000
SILENT = {
    "it is a release": event(INVALID_NAME),
    "another process raised it": event(IMMOVABLE, pid=99),
}


@pytest.mark.parametrize("one", SILENT.values(), ids=SILENT)
def test_stays_silent_because(one):
    """O7 has nothing to say unless a compared task sent an immovable right."""
    assert "O7" not in [finding.rule for finding in judged(one).findings]


@pytest.mark.parametrize("flavour", [IMMOVABLE, SOFT])
def test_speaks_of_the_right_that_was_sent(flavour):
    """The finding names the right, and accuses nobody of a leak."""
    (only,) = judged(event(flavour, 0x403), rows=[send(0x403, 1, 7, READ)]).findings

    assert (only.rule, str(only.verdict), str(only.severity)) == ("O7", "not-allowed", "error")
    assert only.title == "the extension sent a right that may not be sent"
    assert [(row.name, row.kobject_label, row.residual) for row in only.rows] == [(0x403, "TASK-READ", 0)]
