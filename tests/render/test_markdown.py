"""The pull-request comment."""

from dataclasses import replace

from msgspec import structs

from portaudit.render import Format, Style, render_report
from tests.render.scenarios import SCENARIOS, leak


def comment(report):
    """Print a comment."""
    return render_report(report, Format.MARKDOWN, Style())


def test_a_comment_always_fits():
    """2,000 findings with long names make a comment below GitHub's limit that says what is missing."""
    report = leak()
    found = report.findings[0]
    many = tuple(
        structs.replace(found, title=f"{found.title} {number} {'漢' * 300}") for number in range(2_000)
    )

    text = comment(replace(report, findings=many, notes=("x" * 900,) * 500))
    assert 50_000 < len(text.encode()) < 65_536
    assert "more sections did not fit into this comment.** `--format html` shows all of them." in text
    assert text.endswith("settled.</sub>\n")


def test_long_tables_are_folded():
    """A table of more than ten rows stands in a fold that says how long it is."""
    text = comment(SCENARIOS["many"]())

    assert "<details><summary>24 rows</summary>\n\n| task | name | right |" in text


def test_short_tables_are_not_folded():
    """A table of a few rows is seen at once."""
    assert "<details>" not in comment(leak())


def test_a_real_case_is_linked_without_leaving_a_mark():
    """The link to a real case goes through the redirect that makes no backlink at the other project."""
    link = "(https://redirect.github.com/bingosuite/bingo/issues/75)"

    assert f"- **Case:** [<code>bingosuite&#47;bingo&#35;75</code>]{link}" in comment(leak())
