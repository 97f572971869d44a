"""U11: a counter that stands at its maximum."""

import pytest

from tests.analysis.causes.rows import HOST, report, rules, send

SILENT = {
    "the count is one below the maximum": ([send(0x403, 1, 1, HOST)], [send(0x403, 65534, 1, HOST)]),
    "nothing stands at the maximum": ([send(0x403, 1, 1, HOST)], [send(0x403, 2, 1, HOST)]),
}


@pytest.mark.parametrize(("before", "after"), SILENT.values(), ids=SILENT)
def test_stays_silent_because(before, after):
    """U11 has nothing to say below 65535."""
    assert "U11" not in rules(before, after)


@pytest.mark.parametrize(("before", "after"), [(65535, 65535), (65535, 3), (3, 65535)])
def test_speaks_when_a_count_stands_at_the_maximum_on_either_side(before, after):
    """The count says nothing, whatever stands on the other side: undecided, no finding."""
    judged = report([send(0x403, before, 1, HOST)], [send(0x403, after, 1, HOST)])

    (only,) = judged.undecided
    assert (str(judged.outcome), judged.findings) == ("undecided", ())
    assert (only.rule, str(only.verdict)) == ("U11", "saturated")
    assert only.evidence == f"{before} -> {after} references: the kernel stops counting at 65535"


def test_speaks_beside_what_can_be_judged():
    """Another name's residual is still a finding."""
    before = [send(0x403, 65535, 1, HOST), send(0x503, 1, 2)]
    after = [send(0x403, 65535, 1, HOST), send(0x503, 2, 2)]

    assert rules(before, after) == ["U11", "U8"]
