"""The rules together: in order, each once, each tested."""

from collections import Counter
from dataclasses import replace
from importlib import import_module
from operator import itemgetter
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from portaudit.analysis import causes
from portaudit.analysis.causes import Claim, Evidence, Rule
from portaudit.analysis.causes.rule import verdict_of
from portaudit.analysis.compare import compare
from portaudit.analysis.judge import judge
from portaudit.analysis.spaces import Spaces
from portaudit.analysis.strict import STRICT
from portaudit.model.finding import Verdict
from portaudit.model.severity import Confidence
from tests.analysis.causes.rows import dead, once, port_set, recv, send, snapshot

RULES = (*causes.RULES, causes.POLICY)
FOLDER = Path(causes.__file__).parent
TESTS = Path(__file__).parent
PROTOCOL = {"__init__", "rule", "words"}
SHARED = {"not_settled": "not_compared", "filled_up": "abandoned_queue"}
"""A rule whose tests stand in another rule's file."""

small = st.integers(1, 3)
kobjects = st.sampled_from([None, 0, 1, 2, 3, 20, 23, 25, 28, 29, 30, 34, 37, 45, 50])
words = st.sampled_from([None, "IOUserIterator", "IOSurfaceSendRight", "IOServiceUserNotification"])
known = st.fixed_dictionaries(
    {},
    optional={
        "queued": st.integers(0, 2),
        "make_send": st.integers(0, 1),
        "has_senders": st.booleans(),
        "in_set": st.booleans(),
    },
)
counts = small | st.just(65535)


kinds = st.one_of(
    st.tuples(st.just(send), counts, small, kobjects, words),
    st.tuples(st.just(lambda *row: recv(*row[:-1], **row[-1])), small, st.integers(0, 2), known),
    st.tuples(st.just(once), small),
    st.tuples(st.just(dead), counts),
    st.tuples(st.just(port_set), small),
)
spaces = st.dictionaries(st.sampled_from([0x203 + 0x100 * n for n in range(6)]), kinds).map(
    lambda rows: [make(name, *values) for name, (make, *values) in sorted(rows.items(), key=itemgetter(0))]
)
"""Rows under few names and objects, so that two draws have most of both in common."""
snapshots = st.builds(snapshot, spaces, spaces)


def families():
    return {path.stem for path in FOLDER.glob("*.py")} - PROTOCOL


def test_every_rule_of_a_family_is_in_the_order():
    """Each rule of a family's file stands under its id there, and the tuple of rules names each once."""
    defined = {
        name: value
        for family in families()
        for name, value in vars(import_module(f"{causes.__name__}.{family}")).items()
        if isinstance(value, Rule) and name == value.id
    }

    assert set(defined) == {rule.id for rule in RULES}, "causes/__init__.py lists other rules"
    assert len({rule.id for rule in RULES}) == len(RULES)


def test_every_rule_is_tested_in_two_halves():
    """Each rule has a test file that says when it stays silent and when it speaks."""
    names = [rule.find.__name__ for rule in RULES]
    texts = {name: (TESTS / f"test_{SHARED.get(name, name)}.py").read_text() for name in names}

    assert [name for name, text in texts.items() if "def test_stays_silent_because" not in text] == []
    assert [
        name
        for name, text in texts.items()
        if not ("def test_speaks" in text or "def test_only_notes" in text)
    ] == []


def test_every_rule_says_cause_and_fix():
    """No rule leaves its reader without a cause and a way out."""
    assert [rule.id for rule in RULES if not (rule.title and rule.cause and rule.fix)] == []


@given(snapshots, snapshots)
def test_what_is_told_of_any_pair(before, after):
    """What is judged by its number stands in exactly one finding, the rest in one at most.

    And a rule without a real case says likely at most; only what could not be read is a fact by itself.
    """
    difference = compare((before, after))
    report = judge(difference)

    plain = [one for one in (*report.findings, *report.undecided) if one.rule not in {"O3", "U11"}]
    told = Counter(id(row) for one in plain for row in one.rows)
    strict = {id(row) for row in report.changes if row.kind in STRICT and (row.residual or row.doubt)}
    assert set(told.values()) <= {1}
    assert strict <= told.keys()
    assert told.keys() <= {id(row) for row in report.changes}
    assert [
        one.rule
        for one in (*report.findings, *report.undecided)
        if one.confidence is Confidence.CERTAIN and not one.case and one.verdict is not Verdict.UNREAD
    ] == []


@given(snapshots, snapshots)
def test_the_largest_claim_is_the_same_where_few_are_made(before, after):
    """A rule that makes a claim of each row makes one of each that it names, and the first counts."""
    difference = compare((before, after))
    evidence = Evidence(difference.changes, Spaces(difference, difference.changes), ())

    for rule in RULES:
        if rule.each is not None:
            assert [claim.rows for claim in rule.find(evidence)] == [(row,) for row in rule.each(evidence)]
    assert _largest(evidence, largest=True) == _largest(evidence, largest=False)


def _largest(evidence, **how):
    found, left = causes.claims(causes.CAUSES, evidence, **how)
    return max(found, key=lambda one: len(one[1].explained), default=None), left.residuals


def test_where_rows_cancel_out_the_first_gives_the_verdict():
    """One reference came and another went: the matter is called by the row that it begins with."""
    before, after = snapshot([send(0x203, 1, 1)]), snapshot([send(0x303, 1, 2)])
    rows = sorted(compare((before, after)).changes, key=lambda row: row.residual)

    assert [row.residual for row in rows] == [-1, 1]
    assert verdict_of(tuple(rows)) is Verdict.OVER_RELEASED
    assert verdict_of(tuple(rows[::-1])) is Verdict.LEAKED
    assert verdict_of(()) is Verdict.OVER_RELEASED


def test_one_rule_tells_of_a_row_once():
    """Where it sees two things in one row the first counts: one consequence is one claim."""
    difference = compare((snapshot([]), snapshot([send(0x203, 1, 1), send(0x303, 1, 2)])))
    first, second = difference.changes
    twice = [Claim(rows, "", Confidence.HINT) for rows in ((first,), (first, second), (second,))]
    rule = replace(RULES[0], find=lambda _: twice)

    told, left = causes.claims((rule,), Evidence((first, second), Spaces(difference, ()), ()))

    assert [claim.rows for _, claim in told] == [(first,), (second,)]
    assert left.residuals == ()
