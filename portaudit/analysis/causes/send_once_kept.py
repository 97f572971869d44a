"""N9: requests that are dropped without an answer."""

from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence, by_task
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.analysis.causes.words import plural, total
from portaudit.model.finding import Confidence
from portaudit.model.rights import Right


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak when a task holds more send-once rights than before: each is a name of its own."""
    for rows in by_task(evidence.gains(right=Right.SEND_ONCE)):
        ports = plural(len({row.object for row in rows}), "reply port")
        seen = f"{plural(total(rows), 'new send-once right')} to {ports}, a name each"
        yield Claim(rows, seen, Confidence.LIKELY)


RULE = Rule(
    id="N9",
    title="requests are never answered: their send-once rights stay",
    cause="a server drops messages without a reply and without mach_msg_destroy",
    fix="answer each request, or mach_msg_destroy(&message.header); a reply consumes the send-once right",
    case="nextbsd/nextbsd#342",
    find=find,
)
