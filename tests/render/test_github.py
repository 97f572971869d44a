"""GitHub's annotations."""

from dataclasses import replace

from msgspec import structs

from portaudit.model.declared import Place
from portaudit.render import Format, Style, render_report
from tests.render.scenarios import SCENARIOS, leak


def commands(report):
    """Give the word of each annotation."""
    lines = render_report(report, Format.GITHUB, Style()).splitlines()[:-1]
    return [line.split(" ")[0] for line in lines]


def test_severity_is_the_word_of_the_annotation():
    """Errors, warnings and notes are GitHub's error, warning and notice; undecided is a warning."""
    assert set(commands(SCENARIOS["many"]())) == {"::error", "::warning", "::notice"}
    assert commands(SCENARIOS["unread"]()) == ["::warning"]


def test_a_finding_points_at_its_line():
    """A finding that breaks a declared rule is shown at the rule's line; others have no file."""
    report = leak()
    placed = structs.replace(report.findings[0], place=Place("port,audit.toml", 7))

    there = render_report(replace(report, findings=(placed,)), Format.GITHUB, Style())
    assert there.startswith("::error file=port%2Caudit.toml,line=7,title=U5 leaked%3A the extension keeps ")
    assert render_report(report, Format.GITHUB, Style()).startswith("::error title=U5 leaked%3A ")


def test_many_rows_are_counted():
    """An annotation shows 20 rows of a finding and counts the others."""
    report = leak()
    wide = structs.replace(report.findings[0], rows=report.findings[0].rows * 23)

    text = render_report(replace(report, findings=(wide,)), Format.GITHUB, Style())
    assert "%0A… and 3 more rows%0ASeen: " in text


def test_a_balanced_report_annotates_nothing():
    """Without findings only the verdict is printed."""
    assert render_report(SCENARIOS["clean"](), Format.GITHUB, Style()) == (
        "portaudit: balanced: every reference to the host's task port came back\n"
    )
