"""What no other rule explains is still said, and what did not come."""

from collections.abc import Iterable, Iterator

from portaudit.analysis.causes.rule import (
    Claim,
    Evidence,
    Rule,
    by_class,
    plural,
    port,
    total,
    who,
    with_own_senders,
)
from portaudit.model.difference import Change
from portaudit.model.finding import Verdict
from portaudit.model.rights import Right
from portaudit.model.severity import Confidence

UNREAD_KIND = "; the kobject types were not read: another way of reading would tell the cause"


def unexplained_gain(evidence: Evidence) -> Iterator[Claim]:
    """Speak of every gain that is left, once for each kind of right and object."""
    told: set[int] = set()
    for ports in by_class(evidence.gains(right=Right.RECEIVE)):
        rows = with_own_senders(evidence, ports)
        told |= {id(row) for row in rows}
        yield Claim(rows, _seen(ports, "receive right"), Confidence.HINT)
    for right in (Right.SEND, Right.SEND_ONCE, Right.PORT_SET, Right.DEAD_NAME):
        for rows in by_class(row for row in evidence.gains(right=right) if id(row) not in told):
            unread = UNREAD_KIND if right is Right.SEND and rows[0].kobject is None else ""
            yield Claim(rows, _seen(rows, f"{right} right") + unread, Confidence.HINT)


def _seen(rows: Iterable[Change], noun: str) -> str:
    rows = list(rows)
    return f"{plural(len(rows), noun)} rose by {total(rows)} together"


L1 = Rule(
    id="L1",
    title="rights are kept that were not held before",
    cause="something took rights and did not give them back; what it was does not show in the tables",
    fix="give back each right that is taken, or declare it with --expect",
    case="",
    find=unexplained_gain,
)


def unexplained_loss(evidence: Evidence) -> Iterator[Claim]:
    """Speak of every loss that is left."""
    for right in Right:
        for rows in by_class(evidence.losses(right=right)):
            seen = f"{plural(len(rows), f'{right} right')} fell by {-total(rows)} together"
            yield Claim(rows, seen, Confidence.HINT)


L2 = Rule(
    id="L2",
    title="rights are gone that were held before",
    cause="the rights were released between the two readings; whether that was meant does not show",
    fix="nothing, if it was meant; else look for a mach_port_destroy or mach_port_deallocate too many",
    case="",
    find=unexplained_loss,
)


def unmet(evidence: Evidence) -> Iterator[Claim]:
    """Speak of what an expectation demands and that did not come."""
    for row, rule in ((row, row.allowed_by) for row in evidence.residuals if row.allowed_by):
        missing = -row.residual
        rounds = len(row.series) - 1 if row.series else evidence.spaces.difference.rounds
        demanded = (rule.low if missing > 0 else rule.high) * rounds
        seen = (
            f"expected {demanded:+d}, nothing came; did the transfer run?"
            if missing == demanded
            else f"{missing:+d} of {demanded:+d} expected did not come"
        )
        title = f"what was expected of {who(row)} did not come: {missing:+d} to {port(row)}"
        yield Claim((row,), seen, Confidence.CERTAIN, verdict=Verdict.UNMET, title=title)


E1 = Rule(
    id="E1",
    title="what was expected did not come",
    cause="the transfer did not run, it failed, or what it gives was given back at once",
    fix="look whether the transfer ran; if a round may bring nothing, expect a range such as 0..1",
    case="",
    find=unmet,
)
