"""The table that people read on a terminal."""

import re
from dataclasses import replace

import pytest
from msgspec import structs

from portaudit.render import Format, Style, render_report
from portaudit.render.as_table import headline
from portaudit.render.style import columns
from tests.render.scenarios import SCENARIOS, leak, leak_once

ESCAPES = re.compile(r"\x1b\[[\d;]*m")


def table(scenario, **style):
    """Print a scenario."""
    return render_report(SCENARIOS[scenario](), Format.TABLE, Style(**style))


@pytest.mark.parametrize("width", [40, 80, 100, 200])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_line_fits(scenario, width):
    """Whatever the terminal's width, no line is wider."""
    assert max(map(columns, table(scenario, width=width).splitlines())) <= width


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_wider_terminal_shows_the_same(scenario):
    """Breaking lines loses nothing but blanks: narrow and wide tables say the same of every finding."""
    narrow, wide = (table(scenario, width=width).partition("\n\n")[0] for width in (40, 400))

    assert "".join(narrow.split()) == "".join(wide.split())


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_colour_changes_no_text(scenario):
    """Without its escapes a coloured table is the plain one."""
    assert ESCAPES.sub("", table(scenario, colour=True)) == table(scenario)


def test_colour_says_how_bad_it_is():
    """Errors are red, warnings yellow, and the verdict has its own colour."""
    text = table("many", colour=True)

    assert text.startswith("\x1b[1;31mFINDINGS\x1b[0m  ")
    assert "\n\x1b[1;31mU5  error\x1b[0m  leaked: " in text
    assert "\n\x1b[1;33mN1  warning\x1b[0m  leaked: " in text
    assert table("clean", colour=True).startswith("\x1b[1;32mBALANCED\x1b[0m  ")
    assert table("unread", colour=True).startswith("\x1b[1;33mUNDECIDED\x1b[0m  ")


def test_a_terminal_folds_long_findings_and_a_pipe_does_not():
    """With a fold, rows beyond it are counted; without one, all are printed."""
    assert "    … and 4 more rows: --all shows them\n" in table("many", fold=20)
    assert "more rows" not in table("many")
    assert table("many").count("dead-name") > table("many", fold=20).count("dead-name")


def test_the_balance_stands_in_lines_where_a_table_is_too_wide():
    """At 80 columns two tasks are a table; at 60 the same stands in lines that break."""
    assert table("leak").splitlines()[3:5] == [
        "object      kobject       of    host 4242   extension 4243  expected  residual",
        "0x0c5c1a40  TASK-CONTROL  host  2 -> 2 (0)  0 -> 3 (+3)            0        +3",
    ]
    assert table("leak", width=60).splitlines()[3:6] == [
        "0x0c5c1a40 TASK-CONTROL of host",
        "    host 4242  2 -> 2 (0)   extension 4243  0 -> 3 (+3)",
        "    residual +3",
    ]


def test_the_last_line_says_what_did_not_change_and_how_it_ends():
    """Unchanged rights, the way of reading, and the exit status."""
    last = "4 rights unchanged in the host, 3 in the extension; read by space-info; settled.  exit 1"

    assert table("leak", width=100, exit_status=1).splitlines()[-1] == last


@pytest.mark.parametrize("width", range(40, 100))
def test_the_exit_status_stays_with_its_word(width):
    """However wide the terminal is, `exit` does not stand at a line's end."""
    assert table("leak", width=width, exit_status=1).splitlines()[-1].endswith("exit 1")


def test_everything_shows_what_did_not_change():
    """With --all the unchanged rights of each task are listed."""
    text = table("leak", everything=True)

    assert "Unchanged in host\n    0x103  0x0c5c1a40  send  2  TASK-CONTROL\n" in text
    assert "Unchanged in extension\n" in text


def test_a_newcomer_reads_what_to_change():
    """The report of one reference too many names the process, the port, the call that gave it and the fix."""
    text = render_report(leak_once(), Format.TABLE, Style())

    for word in (
        "extension",
        "TASK-CONTROL of host",
        "xpc_dictionary_copy_mach_send",
        "mach_port_deallocate(",
    ):
        assert word in text


def test_findings_that_are_alike_are_told_once():
    """Findings that differ in rows only share one text, with all rows and all evidence."""
    report = leak()
    found = structs.replace(report.findings[0], evidence="seen elsewhere; the name is new")

    text = render_report(replace(report, findings=(*report.findings, found)), Format.TABLE, Style(width=200))
    assert text.count("portaudit explain U5") == 1
    assert "(in 2 places)" in text
    assert "Seen:   0 -> 3 references; the name is new; seen elsewhere\n" in text


def test_a_series_tells_its_rate():
    """What was repeated says how much each round adds, and the numbers that show it."""
    report = leak()
    found = structs.replace(report.findings[0], rate=1.0, pace="+1 a round", series=(0, 1, 2, 3))

    text = render_report(replace(report, findings=(found,)), Format.TABLE, Style())
    assert "    Rate:   +1 a round: 0 1 2 3\n" in text


@pytest.mark.parametrize(
    ("scenario", "line"),
    [
        ("clean", "BALANCED  every reference to the host's task port came back"),
        ("kept-declared", "BALANCED  what changed was expected"),
        ("suppressed", "BALANCED  what did not come back is known and accepted"),
        ("swapped", "FINDINGS  the extension keeps 1 reference to the host's task port that the host lacks"),
        ("pegged", "UNDECIDED  the count is pegged at 65535 and says nothing"),
    ],
)
def test_the_headline_says_the_verdict(scenario, line):
    """One line says verdict and reason."""
    assert headline(SCENARIOS[scenario]()) == line


def test_a_long_reason_is_told_whole_once():
    """The headline has its first clause, and the paragraph below the rest: nobody reads it three times."""
    reason = f"the host ended too early, exit status 0 ({'no way in, ' * 20}); start it again"
    report = SCENARIOS["unread"]()
    told = replace(report, undecided=(structs.replace(report.undecided[0], reason=reason),))

    text = " ".join(render_report(told, Format.TABLE, Style()).split())
    assert text.startswith("UNDECIDED the host ended too early, exit status 0 R1 undecided")
    assert text.count(" ".join(reason.split())) == 1
