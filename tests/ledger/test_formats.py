"""What ledgers tell, in every format, whatever the names in it are."""

import html
import json
from dataclasses import replace

import jsonschema
import pytest
from msgspec import structs

from portaudit.model.declared import Place
from portaudit.model.difference import Change, Difference
from portaudit.model.finding import Finding, Outcome, Report, Verdict
from portaudit.model.ledger import Frame, Origin, Release, Where
from portaudit.model.rights import Right
from portaudit.model.severity import Severity
from portaudit.model.snapshot import Process, Snapshot
from portaudit.render import Format, Style, render_report
from portaudit.render.json_text import published

OWN = Frame("/app/App", 0x111, "ab", "on_message", "src/leaky.c", 14)
OUTER = Frame("/app/App", 0x911, "ab", "main", "src/leaky.c", 26)
SYSTEM = Frame("/usr/lib/libxpc.dylib", 0x11, "cd", "_xpc_call", None, None)
BARE = Frame("/app/App", 0x333)
HOSTILE = Frame("/app/A\x1b[31m", 1, "", "f\x1b[2J<script>]]>", "a\n.c", 3)

TAKEN = Origin("xpc_dictionary_copy_mach_send", (SYSTEM, OWN, OUTER), 10, 40, 10)
OTHER = Origin("task_for_pid", (BARE,), 2, 9, 0, (1, 0, 1))
FREED = Release("mach_port_deallocate", (OWN,), 2, 15, Release("mach_port_mod_refs", (OUTER,)))


def report_with(*where: Where) -> Report:
    """A report of one finding with this of ledgers."""
    row = Change("host", Process(42, None, "App"), 0x103, 1, 2, Right.SEND, 1, 11)
    finding = Finding("U5", Severity.ERROR, Verdict.LEAKED, "it leaks", (row,), "seen", where=where)
    finding = structs.replace(finding, place=Place("src/leaky.c", 14))
    sides = (Snapshot(tasks=(), taken=1.0), Snapshot(tasks=(), taken=2.0))
    return Report(Outcome.FINDINGS, Difference(sides[0], sides[1]), (finding,), changes=(row,))


FULL = Where("l", 12, 12, 1, (TAKEN, OTHER), (FREED,), "the ledger was full: 3 events are missing")


def test_a_table_tells_two_or_three_frames_of_own_code():
    """The system's frames between are left out; what is not certain is called likely."""
    told = " ".join(render_report(report_with(FULL), Format.TABLE, Style(width=200)).split())

    assert "Where: 12 of 12 references of known origin" in told
    assert "From: kept 10 of 40 acquired by xpc_dictionary_copy_mach_send < on_message (leaky.c:14) <" in told
    assert "From: likely kept 2 of 9 acquired by task_for_pid < App+0x333, by round 1 0 1" in told
    assert "Freed: mach_port_deallocate < on_message (leaky.c:14), 2 times" in told
    assert "Before: mach_port_mod_refs < main (leaky.c:26)" in told
    assert "Where: +1 by what the ledger did not see" in told
    assert "Where: the ledger was full: 3 events are missing" in told


def test_json_has_every_frame_and_keeps_to_the_schema():
    """The schema knows `where`; a finding without a ledger has none."""
    document = json.loads(render_report(report_with(FULL), Format.JSON, Style()))
    plain = json.loads(render_report(report_with(), Format.JSON, Style()))

    jsonschema.validate(document, json.loads(published("diff")))
    (where,) = document["findings"][0]["where"]
    assert len(where["origins"][0]["stack"]) == 3
    assert where["origins"][0]["stack"][1] == {
        "image": "/app/App",
        "id": "ab",
        "offset": "0x111",
        "symbol": "on_message",
        "file": "src/leaky.c",
        "line": 14,
    }
    assert "where" not in plain["findings"][0]


def test_sarif_stands_at_the_line_and_has_the_way_to_it():
    """GitHub shows the place, and the code flow from the outermost frame to it."""
    document = json.loads(render_report(report_with(FULL), Format.SARIF, Style()))
    (result,) = document["runs"][0]["results"]

    place = result["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("src/leaky.c", 14)
    flow = result["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [step["location"]["message"]["text"] for step in flow] == [
        "main (leaky.c:26)",
        "on_message (leaky.c:14)",
    ]
    assert [frame["module"] for frame in result["stacks"][0]["frames"]] == ["libxpc.dylib", "App", "App"]


def test_a_page_folds_the_stacks():
    """Each under its heading, behind a summary."""
    page = render_report(report_with(FULL), Format.HTML, Style())

    assert '<details class="stacks"><summary>4 stacks</summary>' in page
    assert page.count("on_message (leaky.c:14)") >= 2


BAD = Finding(
    "O5", Severity.ERROR, Verdict.OVER_RELEASED, "freed twice", where=(Where("l", 0, releases=(FREED,)),)
)


@pytest.mark.parametrize("form", [Format.JUNIT, Format.MARKDOWN, Format.GITHUB])
def test_what_has_no_page_has_the_lines_in_its_text(form):
    """JUnit's failure, a comment, an annotation: where it was acquired, and where it was freed twice."""
    told = html.unescape(render_report(report_with(FULL), form, Style()))
    double = html.unescape(render_report(replace(report_with(), findings=(BAD,)), form, Style()))

    assert "kept 10 of 40 acquired by xpc_dictionary_copy_mach_send < on_message (leaky.c:14) <" in told
    for text in (told, double):
        assert "mach_port_deallocate < on_message (leaky.c:14), 2 times" in text
        assert "mach_port_mod_refs < main (leaky.c:26)" in text


@pytest.mark.parametrize("form", list(Format))
def test_hostile_names_reach_no_reader(form):
    """A symbol with an escape sequence, a tag and the end of a CDATA section is spelled."""
    origin = Origin("f\x1b[2J", (HOSTILE,), 1, 1)
    release = Release("g\x1b]0;x", (HOSTILE,), 1, 15, Release("h", (HOSTILE,)))

    told = render_report(report_with(Where("l\x1b", 1, 1, 0, (origin,), (release,), "x\x1b")), form, Style())

    assert "\x1b" not in told
    assert "<script>]]>" not in told or form in {Format.JSON, Format.SARIF, Format.TABLE, Format.GITHUB}
