"""The judgement of many audits, whole: what changes in it is seen, and looked at before it is accepted."""

from itertools import islice

from tests.analysis.judgements import GOLDEN, judgements


def test_what_was_judged_is_judged_alike():
    """Every finding, remark and number is what it was; `python -m tests.analysis.judgements` accepts more."""
    then = GOLDEN.read_text("utf-8").splitlines()
    now = judgements()
    for place in range(0, len(then) + 50, 50):  # the first difference ends it
        assert list(islice(now, 50)) == then[place : place + 50], f"from line {place + 1}"
