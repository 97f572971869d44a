"""What a project knows of, taken out of what was found: suppressed, or accepted in its baseline."""

from dataclasses import replace

from portaudit.analysis.accepting import accept
from portaudit.analysis.suppressing import endings, suppress
from portaudit.model.declared import Terms
from portaudit.model.finding import Report


def sift(report: Report, terms: Terms) -> Report:
    """Set aside each finding that a suppression hides, and of the others what the baseline accepts."""
    hidden = suppress(report.findings, terms.suppressions, terms.today)
    compared = accept(hidden.findings, terms.baseline)
    return replace(
        report,
        findings=compared.findings,
        suppressed=hidden.suppressed,
        accepted=compared.accepted,
        gone=() if report.undecided else compared.gone,  # what is open may be there still
        suppressions=hidden.uses,
        notes=(*report.notes, *endings(hidden.uses)),
    )
