"""L1: what no other rule explains is still said: rights that are kept."""

from collections.abc import Iterable, Iterator

from portaudit.analysis.causes.evidence import Evidence, by_class, with_own_senders
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.analysis.causes.words import plural, total
from portaudit.model.difference import Change
from portaudit.model.finding import Confidence
from portaudit.model.rights import Right

UNREAD_KIND = "; the kobject types were not read: another way of reading would tell the cause"


def find(evidence: Evidence) -> Iterator[Claim]:
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


RULE = Rule(
    id="L1",
    title="rights are kept that were not held before",
    cause="something took rights and did not give them back; what it was does not show in the tables",
    fix="give back each right that is taken, or declare it with --expect",
    case="",
    find=find,
)
