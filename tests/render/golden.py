"""The golden files: what every format prints of every scenario, compared whole.

`python -m tests.render.renew` writes them anew; read the difference before it is committed.
"""

from pathlib import Path

from portaudit.auditing.verdict import exit_status
from portaudit.model.declared import Place
from portaudit.render import Format, Style, render_report
from tests.render.scenarios import SCENARIOS

GOLDEN = Path(__file__).parent.parent / "data" / "golden"
ENDINGS = {"table": "txt", "markdown": "md", "github": "txt", "junit": "xml"}

CASES = [(form, scenario) for form in Format for scenario in SCENARIOS]


def rendered(form, scenario):
    """Print a scenario in a format, as the command does on a terminal without colour."""
    report = SCENARIOS[scenario]()
    style = Style(
        exit_status=exit_status(report, "warning"),
        before=Place("before.json", 1),
        after=Place("snapshots/after.json", 1),
    )
    return render_report(report, form, style)


def golden(form, scenario):
    """Name the file that holds what is expected."""
    return GOLDEN / form / f"{scenario}.{ENDINGS.get(form, form)}"
