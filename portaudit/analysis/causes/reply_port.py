"""N10: a reply port made anew for each call."""

from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence, by_task
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.analysis.causes.words import plural
from portaudit.model.difference import Change
from portaudit.model.finding import Confidence, Severity
from portaudit.model.rights import Right


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak of new receive rights that never had a sender; a single one is only noted.

    A thread makes its reply port at its first call, so one more is no leak yet.
    """
    for rows in by_task(row for row in evidence.gains(right=Right.RECEIVE) if _is_idle_reply_port(row)):
        yield Claim(
            rows,
            f"{plural(len(rows), 'new receive right')}: no send right was ever made, nothing is queued",
            Confidence.LIKELY if len(rows) > 1 else Confidence.HINT,
            severity=Severity.NOTE if len(rows) == 1 else None,
        )


def _is_idle_reply_port(row: Change) -> bool:
    known = row.now.receive if row.now else None
    if known is None or row.now is None or row.now.rights != (Right.RECEIVE,):
        return False
    return known.make_send == 0 and known.queued == 0 and not (known.send_once or known.in_set)


RULE = Rule(
    id="N10",
    title="reply ports are made for each call and never destroyed",
    cause="mach_reply_port() or a fresh receive right for each request, where one for each thread would do",
    fix="use mig_get_reply_port(), or mach_port_mod_refs(task, port, MACH_PORT_RIGHT_RECEIVE, -1)",
    case="nextbsd/nextbsd#342",
    find=find,
)
