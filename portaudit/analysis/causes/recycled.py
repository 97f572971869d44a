"""O3: a name that denotes another port now."""

from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.model.difference import Change, Recycled
from portaudit.model.finding import Confidence, Severity, Verdict


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak of every name that stands for another port than before; its rows tell what it lost and gained."""
    rows = {_key(row): row for row in evidence.residuals}
    for reused in evidence.spaces.difference.recycled:
        sides = (reused.lost, reused.gained)
        yield Claim(
            sides,
            _seen(reused),
            Confidence.CERTAIN,
            covers=tuple(row for side in sides if (row := rows.get(_key(side))) is not None),
            severity=Severity.ERROR,
            verdict=Verdict.RECYCLED,
        )


def _key(row: Change) -> object:
    return (row.role, row.process, row.object, row.right, row.name)


def _seen(reused: Recycled) -> str:
    was, now = (
        f"{side.kobject_label or side.right}" + (f" 0x{side.object:08x}" if side.object else "")
        for side in (reused.lost, reused.gained)
    )
    return f"0x{reused.gained.name or 0:x} was {was} and is {now}: freed and used again between the readings"


RULE = Rule(
    id="O3",
    title="a name denotes another port now",
    cause="the right was released to zero, and the kernel gave its name to another port",
    fix="forget a name with its last reference: who cached it acts on somebody else's port",
    case="block/buzz#5338",
    find=find,
)
