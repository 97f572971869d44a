"""The judgement of many audits, whole: what changes in it is seen, and looked at before it is accepted."""

import difflib

from tests.analysis.judgements import GOLDEN, judgements


def test_what_was_judged_is_judged_alike():
    """Every finding, remark and number is what it was; `python -m tests.analysis.judgements` accepts more."""
    then, now = GOLDEN.read_text("utf-8").splitlines(), list(judgements())

    assert list(difflib.unified_diff(then, now, "accepted", "now", lineterm="", n=1))[:40] == []
