"""U1: mach_host_self() without a release."""

from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.analysis.causes.words import count, new_or_known
from portaudit.model.finding import Confidence
from portaudit.model.kobject import HOST_PORTS


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak when references to a host port rose."""
    for row in evidence.gains(HOST_PORTS):
        yield Claim(
            (row,), f"the {row.kobject_label} port: {count(row)}; {new_or_known(row)}", Confidence.CERTAIN
        )


RULE = Rule(
    id="U1",
    title="the host port is taken and never given back",
    cause="mach_host_self() adds one reference at every call, also where it stands inside another call",
    fix="keep one host port, or mach_port_deallocate(mach_task_self(), host) after each use",
    case="giampaolo/psutil#333",
    find=find,
)
