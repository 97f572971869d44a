"""O2: a right that has gone while its port lives."""

from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.analysis.causes.words import count
from portaudit.model.finding import Confidence


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak when a send right has gone altogether, and another compared task still knows the port."""
    for row in evidence.losses():
        if row.after == 0 and (others := evidence.spaces.others_that_hold(row)):
            alive = (
                f"the port is alive: {', '.join(others)} still {'knows' if len(others) == 1 else 'know'} it"
            )
            yield Claim((row,), f"{count(row)}; {alive}", Confidence.LIKELY)


RULE = Rule(
    id="O2",
    title="a right was released to zero while its port lives",
    cause="one release too many took the last reference, and the name with it",
    fix="release each reference once; if the task gives the right up on purpose, declare it with --expect",
    case="",
    find=find,
)
