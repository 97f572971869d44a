"""L1, L2: what no other rule explains is still said."""

from collections.abc import Iterator

from portaudit.analysis.causes.rule import Claim, Evidence, Rule, count
from portaudit.model.finding import Confidence, Severity
from portaudit.model.rights import Right


def find_gain(evidence: Evidence) -> Iterator[Claim]:
    """Speak of every gain that is left."""
    for row in evidence.residuals:
        if row.residual > 0:
            yield Claim((row,), f"{row.right}: {count(row)}", Confidence.HINT)


def find_loss(evidence: Evidence) -> Iterator[Claim]:
    """Speak of every loss that is left; a dead name that was cleaned up is only noted."""
    for row in evidence.residuals:
        if row.residual < 0:
            clean = Severity.NOTE if row.right is Right.DEAD_NAME else None
            yield Claim((row,), f"{row.right}: {count(row)}", Confidence.HINT, severity=clean)


GAIN = Rule(
    id="L1",
    title="rights are kept that were not held before",
    cause="something took rights and did not give them back; what it was does not show in the tables",
    fix="give back each right that is taken, or declare it with --expect",
    case="",
    find=find_gain,
)

LOSS = Rule(
    id="L2",
    title="rights are gone that were held before",
    cause="a receive right, a port set, a send-once right or a dead name was released",
    fix="nothing, if that was meant; else look for a mach_port_destroy or mach_port_mod_refs too many",
    case="",
    find=find_loss,
)
