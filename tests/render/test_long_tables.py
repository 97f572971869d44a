"""Long tables: the first rows, then how many more; JSON has all, and every other format is bounded."""

import json
from dataclasses import replace

import pytest
from msgspec import structs

from portaudit.render import Format, Style, render_report
from tests.render.scenarios import leak

ROWS, FINDINGS = 3_000, 2_000
FOLDED, ALL = Style(fold=20), Style()


@pytest.fixture(scope="module")
def long():
    """A report with a finding of very many rows, and very many findings, none of which is like another."""
    report = leak()
    finding = report.findings[0]
    rows = tuple(structs.replace(finding.rows[0], name=0x103 + 0x100 * number) for number in range(ROWS))
    others = (structs.replace(finding, rows=rows[:1], title=f"leak {number}") for number in range(FINDINGS))
    return replace(report, findings=(structs.replace(finding, rows=rows), *others), changes=rows)


def test_a_table_shows_the_first_rows_and_counts_the_others(long):
    """A finding of 3,000 rows, and 2,001 findings, take a few pages."""
    text = render_report(long, Format.TABLE, FOLDED)

    assert (
        "… and 2,980 more rows: --all shows them" in text or "… and 2980 more rows: --all shows them" in text
    )
    assert "more findings: --all shows them" in text
    assert text.count("\n") < 400


def test_all_prints_every_row(long):
    """Nothing is folded where all is asked for."""
    text = render_report(long, Format.TABLE, ALL)

    assert "--all shows them" not in text
    assert all(f"0x{row.name:x}" in text for row in long.findings[0].rows)


def test_json_has_all(long):
    """A program gets every row of every finding."""
    document = json.loads(render_report(long, Format.JSON, FOLDED))

    assert [len(finding["rows"]) for finding in document["findings"]] == [ROWS, *[1] * FINDINGS]


@pytest.mark.parametrize("form", [Format.SARIF, Format.JUNIT, Format.GITHUB, Format.MARKDOWN, Format.HTML])
def test_the_other_formats_are_bounded(long, form):
    """No format for a page or a service grows without end, folded or not."""
    sizes = [len(render_report(long, form, style)) for style in (FOLDED, ALL)]

    assert max(sizes) < 2_500_000


def test_sarif_says_what_it_left_out(long):
    """Results and rows that are not in a run are counted there."""
    (run,) = json.loads(render_report(long, Format.SARIF, FOLDED))["runs"]

    notices = [told["message"]["text"] for told in run["invocations"][0]["toolExecutionNotifications"]]
    assert "1501 more findings: --format json has all of them." in notices
    assert len(run["results"]) == 500
    assert run["results"][0]["properties"]["rowsLeftOut"] == ROWS - 100


def test_annotations_and_cases_say_what_they_left_out(long):
    """GitHub's log and a CI server's test case end with the number of what is not there."""
    annotations = render_report(long, Format.GITHUB, FOLDED)
    cases = render_report(long, Format.JUNIT, FOLDED)

    assert "portaudit: 1951 more findings: --format json has all of them" in annotations
    assert f"&#8230; and {ROWS - 100} more rows" in cases
