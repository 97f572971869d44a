"""How a report shall look: what the caller knows of it, and every format may ask."""

from dataclasses import dataclass

from portaudit.model.finding import Finding, Severity
from portaudit.model.place import Place


@dataclass(frozen=True, slots=True)
class Style:
    """How a report shall look, beyond its format, and what only the caller knows of it."""

    everything: bool = False
    """Show what did not change, too."""
    colour: bool = False
    width: int = 80
    """Columns that a line of the table may take."""
    fold: int | None = None
    """Rows of a finding or table to show before the others are only counted; None: all of them."""
    fail_on: str = Severity.WARNING
    """The least severity that fails the check."""
    exit_status: int | None = None
    """How the command will end, if the report shall say so."""
    before: Place | None = None
    """The file of the first snapshot."""
    after: Place | None = None
    """The file of the second one: where a finding is shown that no rule's line explains."""
    check: str | None = None
    """The check that this is the report of."""
    place: Place | None = None
    """The line that declares the check: where its findings are shown, for its snapshots may be nowhere."""

    def fails(self, finding: Finding) -> bool:
        """Whether a finding is grave enough to fail the check."""
        order = list(Severity)
        return order.index(finding.severity) <= order.index(Severity(self.fail_on))
