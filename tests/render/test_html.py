"""The HTML report as text: what can be said of it without a browser."""

import re
from base64 import b64encode
from hashlib import sha256
from itertools import combinations

import html5lib
import pytest

from portaudit.model.rights import Right
from portaudit.render import Format, Style, render_report
from portaudit.render.as_html import TEMPLATES
from portaudit.render.as_html.drawing import PORTS_MAX, draw, hold_words
from portaudit.render.as_html.holdings import Hold, Port, ports_of
from portaudit.render.as_html.spaces import spaces_of
from tests.benchmarks.formats import FINDINGS, ROWS, report
from tests.render.scenarios import DEAD, EXTENSION_SPACE, SCENARIOS, SEND, SERVICE, judged, snapshot

TITLES = (("host", "Host"), ("extension", "Extension"), ("helper (77)", "helper"))
PAPERS = ("paper", "panel", "bad-paper", "warn-paper", "good-paper", "note-paper")
INKS = {
    "ink": PAPERS,
    "quiet": ("paper", "panel", "note-paper"),
    "link": ("paper", "panel"),
    "bad": ("paper", "panel", "bad-paper"),
    "warn": ("paper", "panel", "warn-paper"),
    "good": ("paper", "panel", "good-paper"),
    "note": ("paper", "panel"),
    "odd": ("paper", "panel"),
}
"""Colour of text -> the colours that it stands on."""

PAIRS = dict(re.findall(r"--([\w-]+): light-dark\(([^)]+)\)", (TEMPLATES / "page.css").read_text()))
"""Colour -> what it is in light and in dark."""


def tree(scenario):
    """Read a page."""
    return html5lib.parse(
        render_report(SCENARIOS[scenario](), Format.HTML, Style()), namespaceHTMLElements=False
    )


def rows(space):
    """Give the cells of a space's rows, with the row's class first."""
    body = html5lib.parse(f"<table>{space.rows}</table>", namespaceHTMLElements=False)
    return [
        (row.get("class"), *("".join(cell.itertext()).strip() for cell in row)) for row in body.iter("tr")
    ]


class TestPolicy:
    def test_it_names_the_very_style_and_script(self):
        """The hashes of the policy are those of the only style and the only script."""
        page = tree("leak")
        policy = next(
            meta.get("content") for meta in page.iter("meta") if "default-src" in meta.get("content", "")
        )

        assert policy.startswith("default-src 'none'; ")
        for kind in ("style", "script"):
            [element] = page.iter(kind)
            digest = b64encode(sha256(element.text.encode()).digest()).decode()
            assert f"{kind}-src 'sha256-{digest}'" in policy

    def test_no_part_of_a_page_needs_more(self):
        """No element carries a style, a script or an address of its own that the policy would forbid."""
        for element in tree("many").iter():
            assert not [key for key in element.attrib if key.startswith("on") or key in {"style", "src"}]


class TestColours:
    @staticmethod
    def luminance(colour):
        """Give the relative luminance of a colour (WCAG 2.2)."""
        parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    @pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
    @pytest.mark.parametrize(("ink", "paper"), [(ink, paper) for ink in INKS for paper in INKS[ink]])
    def test_text_can_be_read(self, ink, paper, scheme):
        """Every text has a contrast of 4.5 to 1 at least with what it stands on (WCAG 2.2, 1.4.3)."""
        light, dark = sorted(self.luminance(PAIRS[name].split(", ")[scheme]) for name in (ink, paper))

        assert (dark + 0.05) / (light + 0.05) >= 4.5


class TestHoldings:
    def test_a_port_knows_everybody_who_holds_it(self):
        """The host's unchanged right stands beside the right that leaked."""
        [port] = ports_of(SCENARIOS["leak"]())

        assert (port.label, port.detail) == ("TASK-CONTROL of host", "0x0c5c1a40")
        assert port.holds == (
            Hold("host", Right.SEND, 2, 2, "same"),
            Hold("extension", Right.SEND, 0, 3, "leaked"),
        )

    def test_a_dead_name_is_a_port_of_its_own(self):
        """What died has no object: its name stands for it."""
        port = ports_of(SCENARIOS["dead-name"]())[0]

        assert (port.label, port.detail) == ("dead name", "under the name 0x303")
        assert port.holds == (Hold("extension", Right.DEAD_NAME, 0, 4, "leaked"),)

    def test_a_receive_right_is_held_too(self):
        """Who receives at a recycled port is shown beside who sends to it."""
        port = ports_of(SCENARIOS["recycled"]())[0]

        assert Hold("host", Right.RECEIVE, 1, 1, "same") in port.holds
        assert Hold("extension", Right.SEND, 1, 0, "recycled") in port.holds

    @pytest.mark.parametrize(
        ("scenario", "state"),
        [("kept-declared", "expected"), ("pegged", "undecided"), ("suppressed", "accepted")],
    )
    def test_a_right_is_drawn_as_it_was_judged(self, scenario, state):
        """Expected, undecided and accepted rights are told apart."""
        assert state in {hold.state for port in ports_of(SCENARIOS[scenario]()) for hold in port.holds}


class TestDrawing:
    @pytest.mark.parametrize("scenario", SCENARIOS)
    def test_nothing_overlaps_and_nothing_leaves_the_picture(self, scenario):
        """Boxes lie apart from each other and inside of the drawing, and every line ends at its boxes."""
        drawing = draw(ports_of(SCENARIOS[scenario]()), TITLES)

        for box in (*drawing.tasks, *drawing.ports):
            assert 0 <= box.x <= box.x + box.width <= drawing.width
            assert 0 <= box.y <= box.y + box.height <= drawing.height
        for one, other in combinations((*drawing.tasks, *drawing.ports), 2):
            apart_across = one.x + one.width <= other.x or other.x + other.width <= one.x
            assert apart_across or one.y + one.height <= other.y or other.y + other.height <= one.y

    def test_a_task_stands_beside_the_ports_that_it_changed(self):
        """Lines to the task beside a port are level."""
        drawing = draw(ports_of(SCENARIOS["many"]()), TITLES)
        changed = [line for line in drawing.lines if line.state == "leaked"]

        assert changed
        assert [line for line in changed if line.y1 != line.y2] == []

    def test_a_port_too_many_is_counted(self):
        """What the drawing has no room for is counted."""
        port = Port("SEMAPHORE", "0x1", (Hold("host", Right.SEND, 1, 2, "leaked"),))

        drawing = draw((port,) * (PORTS_MAX + 5), TITLES[:2])
        assert (len(drawing.ports), drawing.left_out) == (PORTS_MAX, 5)

    @pytest.mark.parametrize(
        ("hold", "words"),
        [
            (Hold("host", Right.SEND, 0, 3, "leaked"), "send 0 → 3 (+3)"),
            (Hold("host", Right.SEND, 2, 2, "same"), "send 2"),
            (Hold("host", Right.RECEIVE, 1, 1, "same"), "recv"),
            (Hold("host", Right.SEND, None, 3, "leaked"), "send ? → 3"),
        ],
    )
    def test_a_line_says_before_and_after(self, hold, words):
        """References before and after stand at each line, and the change where it is known."""
        assert hold_words(hold) == words


class TestSpaces:
    def test_both_sides_of_a_name_are_one_row(self):
        """Same, changed and new names are rows with both counts."""
        (host, extension), _ = spaces_of(SCENARIOS["leak"]())

        own = "TASK-CONTROL of host"
        assert rows(host)[0] == ("same", "0x103", "0x0c5c1a40", "send", own, "2", "2", "")
        assert rows(extension)[-1] == ("new", "0x1103", "0x0c5c1a40", "send", own, "", "3", "new")

    def test_a_recycled_name_is_two_rows(self):
        """A name that denotes another port now went and came."""
        table = rows(spaces_of(SCENARIOS["recycled"]())[0][1])

        assert [row[:3] for row in table if row[1] == "0x303"] == [
            ("gone", "0x303", "0x0c5c2000"),
            ("new", "0x303", "0x0c5c7700"),
        ]

    def test_a_dead_name_says_what_it_was(self):
        """A right that died is one row that tells both rights."""
        died = snapshot(extension=(*EXTENSION_SPACE[:2], (0x303, DEAD, 4, 0, None)))
        held = snapshot(extension=(*EXTENSION_SPACE[:2], (0x303, SEND, 4, SERVICE, 0)))
        table = rows(spaces_of(judged(held, died))[0][1])

        assert ("changed", "0x303", "", "send → dead-name", "", "4", "4", "") in table

    def test_a_side_that_was_not_read_says_why(self):
        """The reason stands in place of the missing side."""
        extension = spaces_of(SCENARIOS["unread"]())[0][1]

        assert "try sudo" in extension.reasons[0]
        assert {row[0] for row in rows(extension)} == {"gone"}


def test_a_report_of_5_000_rows_stays_below_two_megabytes():
    """Every row of both snapshots is in the page, and the page is small."""
    page = render_report(report(), Format.HTML, Style())

    assert page.count('<th scope="row">0x') == ROWS
    assert f"(in {FINDINGS} places)" in page or f"Findings ({FINDINGS})" in page
    assert len(page) < 2_000_000


def test_without_a_script_every_row_is_there():
    """A reader without scripts has all rows, and no control that does nothing."""
    page = tree("many")
    total = sum(len(task.entries) for task in snapshot().tasks)

    assert sum("late" in row.get("class", "") for row in page.iter("tr")) == 0
    assert total < sum(1 for row in page.iter("tr"))
    assert {form.get("class") for form in page.iter("form")} == {"filter scripted"}
