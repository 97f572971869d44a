"""The judgement of many audits, whole: what changes in it is seen, and looked at before it is accepted."""

from itertools import zip_longest

from tests.analysis.judgements import GOLDEN, judgements


def test_what_was_judged_is_judged_alike():
    """Every finding, remark and number is what it was; `python -m tests.analysis.judgements` accepts more."""
    then = GOLDEN.read_text("utf-8").splitlines()
    now = judgements()
    for number, (new, old) in enumerate(zip_longest(now, then), 1):
        assert new == old, f"line {number} of {GOLDEN.name}, the first that differs"
