"""O4: a bystander that lost references."""

from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.analysis.causes.words import count
from portaudit.model.finding import Confidence


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak when a right that no expectation names keeps its name and has fewer references."""
    for row in evidence.losses():
        if row.after:
            what = row.kobject_label or "a message queue"
            seen = f"{count(row)} on {what}, which the audited operation has nothing to do with"
            yield Claim((row,), seen, Confidence.HINT)


RULE = Rule(
    id="O4",
    title="a right that has nothing to do with it lost references",
    cause="a stale or garbage name was deallocated, and the name belongs to somebody else by now",
    fix="set a name to MACH_PORT_NULL when it is released, and check the bounds of arrays of names",
    case="getsentry/sentry-cocoa#7642",
    find=find,
)
