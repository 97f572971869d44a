"""Pages measured in a browser: nothing overlaps, nothing is cut, everything can be read, wide and narrow."""

from dataclasses import replace

import pytest

from portaudit.analysis.compare import compare
from portaudit.analysis.judge import judge
from portaudit.model.declared import Place
from portaudit.model.finding import Checked, CheckState
from portaudit.model.kobject import TASK_CONTROL
from portaudit.model.rights import Right
from portaudit.render import Format, Style, render_report
from portaudit.render.as_html import checks
from portaudit.render.as_html.plot import fitted, plot_of, stepped
from tests.render.browser import complaints, prefer
from tests.render.scenarios import (
    EXTENSION_SPACE,
    HOST_PORT,
    HOST_SPACE,
    HOST_TASK,
    SCENARIOS,
    judged,
    kept,
    snapshot,
)

STYLE = Style(exit_status=1, before=Place("before.json", 1), after=Place("after.json", 1))
LONG = "com.example.VeryLongNamedHelperServiceOfAnApplicationThatNobodyShortened.Renderer"


def crowd():
    """Build a report of 24 processes, most of which hold the host's port; their names are long."""
    others = [
        (500 + number, f"{LONG}.{number}", ((0x503, Right.SEND, 1, HOST_TASK, TASK_CONTROL), HOST_SPACE[1]))
        for number in range(22)
    ]
    grown = [(pid, name, (replace_urefs(rows[0], 2 + pid % 3), *rows[1:])) for pid, name, rows in others]
    names = (f"{LONG}.Host", f"{LONG}.Extension")
    return judged(
        snapshot(HOST_SPACE, EXTENSION_SPACE, *others, names=names),
        snapshot(HOST_SPACE, (*EXTENSION_SPACE, kept(3)), *grown, names=names),
    )


def replace_urefs(row, urefs):
    return (*row[:2], urefs, *row[3:])


def long_series():
    """Build a report of 120 rounds with a leak of large numbers, and a second process that holds the port."""
    rounds = []
    for number in range(121):
        extension = (*EXTENSION_SPACE, kept(9_000 + 37 * number))
        helper = (77, LONG, ((0x207, Right.SEND, 3, HOST_PORT, 0), kept(2 + number // 30, name=0x303)))
        rounds.append(replace(snapshot(HOST_SPACE, extension, helper), taken=1_763_900_000.0 + 10 * number))
    return judge(compare(rounds))


def every_check():
    """Write the page of checks that failed, passed and were skipped, one under a long name."""
    name = "a-check-of-a-very-long-name-that-goes-on-and-on-and-on-and-on"
    skipped = Checked(name, CheckState.SKIPPED, reason="this machine runs no Mach kernel; start a stand-in")
    failed, passed = Checked("transfer", CheckState.FAILED, SCENARIOS["series"]()), CheckState.PASSED
    results = (failed, Checked("idle", passed, SCENARIOS["clean"]()), skipped)
    return checks((*results, Checked("crowd", CheckState.FAILED, crowd())), STYLE)


PAGES = {
    "series": SCENARIOS["series"],
    "many": SCENARIOS["many"],
    "hostile": SCENARIOS["hostile"],
    "warmed": SCENARIOS["warmed"],
    "swapped": SCENARIOS["swapped"],
    "crowd": crowd,
    "long series": long_series,
    "checks": every_check,
}

MEASURE = """
const wrong = [];
const seen = (node) => node.checkVisibility({visibilityProperty: true, opacityProperty: true});
const box = (node) => node.getBoundingClientRect();
const within = (one, frame, room) => one.left >= frame.left - room && one.right <= frame.right + room
  && one.top >= frame.top - room && one.bottom <= frame.bottom + room;
const name = (node) => `${node.tagName} ${(node.textContent || "").trim().slice(0, 40)}`;

// nothing is cut: a box that hides or lets stand out what is wider than it, and is no place to scroll
for (const node of document.querySelectorAll("body *")) {
  if (!seen(node) || node.closest("svg") || node.closest(".unseen, .skip")) continue;
  const style = getComputedStyle(node);
  if (style.display === "inline" || node.closest(".scroll") && !["TD", "TH"].includes(node.tagName)) continue;
  if (node.scrollWidth > node.clientWidth + 1 && node.clientWidth && style.overflowX !== "auto")
    wrong.push(`cut: ${name(node)} ${node.scrollWidth} > ${node.clientWidth}`);
}
// the page itself scrolls to no side
if (document.documentElement.scrollWidth > innerWidth) wrong.push("the page is wider than the window");
// words in pictures: none over another, none beyond the picture, all of a size that can be read
for (const svg of document.querySelectorAll("svg")) {
  if (!seen(svg)) continue;
  const frame = box(svg), texts = [...svg.querySelectorAll("text")].map((node) => [node, box(node)]);
  for (const [node, one] of texts) {
    if (!within(one, frame, 1)) wrong.push(`beyond its picture: ${name(node)}`);
    if (one.height < 9) wrong.push(`too small: ${name(node)} ${one.height}`);
  }
  texts.forEach(([node, one], at) => texts.slice(at + 1).forEach(([other, two]) => {
    const across = Math.min(one.right, two.right) - Math.max(one.left, two.left);
    const down = Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top);
    if (across > 1 && down > 3) wrong.push(`overlap: ${name(node)} and ${name(other)}`);
  }));
  for (const rect of svg.querySelectorAll("rect")) for (const [node, one] of texts) {
    if (rect.parentNode.contains(node)) continue;
    const other = box(rect);
    const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
    const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
    if (across > 1 && down > 3) wrong.push(`under a box: ${name(node)}`);
  }
  for (const shape of svg.querySelectorAll("path:not(defs path), circle, rect")) {
    if (!within(box(shape), frame, 7)) wrong.push(`drawn beyond its picture: ${shape.tagName}`);
  }
}
// what stands in the flow: no part over the next one
const parts = [...document.querySelectorAll("main > section, main > section > *, article > *")].filter(seen);
parts.forEach((one, at) => {
  const next = parts.slice(at + 1).find((other) => other.parentNode === one.parentNode);
  if (next && box(one).bottom > box(next).top + 1) wrong.push(`overlap: ${name(one)} and ${name(next)}`);
});
return wrong;
"""
"""What a page is measured for; gives a sentence for each thing that is wrong."""

CONTRAST = """
const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
const rgb = (colour) => {
  canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data];
};
const light = ([r, g, b]) => [r, g, b]
  .map((part) => part / 255).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
  .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
const ratio = (one, other) => {
  const [high, low] = [light(one), light(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
};
const paper = (node) => {
  for (; node; node = node.parentElement) {
    const colour = rgb(getComputedStyle(node).backgroundColor);
    if (colour[3] === 255) return colour;
  }
  return [255, 255, 255, 255];
};
const behind = (node) => {  // in a picture the rectangle of its own group
  const shape = node.closest("g") && node.closest("g").querySelector("rect");
  return shape ? rgb(getComputedStyle(shape).fill) : paper(node.closest("svg") || node);
};
const wrong = new Set();
for (const node of document.querySelectorAll("body *")) {
  if (!node.checkVisibility() || node.closest(".unseen, .skip, script, style, title, desc")) continue;
  const style = getComputedStyle(node), drawn = node.closest("svg");
  const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
  if (own) {
    const size = parseFloat(style.fontSize), bold = Number(style.fontWeight) >= 700;
    const least = size >= 24 || size >= 18.66 && bold ? 3 : 4.5;
    const found = ratio(rgb(drawn ? style.fill : style.color), drawn ? behind(node) : paper(node));
    if (found < least) wrong.add(`${found.toFixed(2)} < ${least}: ${node.tagName} ${node.textContent}`);
  } else if (drawn && ["path", "circle"].includes(node.tagName) && !node.closest("defs, .grid")
      && node.getAttribute("class") !== "grid") {
    const ink = style.stroke !== "none" ? style.stroke : style.fill;
    const found = ratio(rgb(ink), paper(drawn));
    const whose = node.parentElement.getAttribute("class");
    if (found < 3) wrong.add(`${found.toFixed(2)} < 3: ${node.tagName} of ${whose}`);
  }
}
return [...wrong];
"""
"""WCAG 2.2, 1.4.3 and 1.4.11: words 4.5 to 1, large ones and lines of a picture 3 to 1."""


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Give a function that writes a report once and names its address."""
    folder = tmp_path_factory.mktemp("pages")

    def page(name):
        path = folder / f"{name}.html"
        if not path.exists():
            made = PAGES[name]()
            path.write_text(made if isinstance(made, str) else render_report(made, Format.HTML, STYLE))
        return path.as_uri()

    return page


def opened(browser, address, width, scheme="light", media=""):
    """Open a page in a window of so many pixels, for a reader who prefers this, on a screen or on paper."""
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    prefer(browser, prefers_color_scheme=scheme)
    browser.get(address)
    if media:
        browser.execute_script("dispatchEvent(new Event('beforeprint'))")
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media})


@pytest.mark.chromium
@pytest.mark.parametrize("width", [500, 1100])
@pytest.mark.parametrize("page", PAGES)
def test_nothing_overlaps_and_nothing_is_cut(browser, pages, page, width):
    """Many processes, long names, long series: all words stand where they can be read, narrow and wide."""
    opened(browser, pages(page), width)

    assert browser.execute_script(MEASURE) == []
    assert complaints(browser) == []


@pytest.mark.chromium
@pytest.mark.parametrize("page", ["series", "crowd", "long series", "checks"])
def test_paper_cuts_nothing(browser, pages, page):
    """On paper, as wide as A4 has room for, the same holds; nothing scrolls there, so tables must fit."""
    opened(browser, pages(page), 718, media="print")
    try:
        assert browser.execute_script(MEASURE) == []
        shown = "return [...document.querySelectorAll('#theme, form')].filter((one) => one.checkVisibility())"
        assert browser.execute_script(shown) == []
        wide = "return [...document.querySelectorAll('.scroll')].map((one) => one.scrollWidth - innerWidth)"
        assert [more for more in browser.execute_script(wide) if more > 0] == []
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


@pytest.mark.chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", ["series", "many", "swapped", "long series", "checks"])
def test_everything_stands_out_from_its_paper(browser, pages, page, scheme):
    """Words and lines have the contrast of WCAG AA, in light and in dark."""
    opened(browser, pages(page), 1100, scheme)

    assert browser.execute_script(CONTRAST) == []


@pytest.mark.chromium
def test_the_plots_need_no_script(browser, pages):
    """Numbers, fitted line and steps are in the page itself, and told to a screen reader in words."""
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        opened(browser, pages("series"), 1100)
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    drawn = browser.execute_script(
        """return [...document.querySelectorAll("article .plot")].map((plot) => [
          plot.querySelector("desc").textContent,
          plot.querySelectorAll(".course circle").length,
          plot.querySelectorAll(".course circle[r='5']").length,
          plot.querySelectorAll(".fitted").length])"""
    )

    assert drawn == [
        ["references: 0 0 0 1 1 1 2", 7, 2, 1],
        ["names: 0 1 2 3 4 5 6", 7, 6, 1],
        ["references: 0 1 1 1 1 1 1", 7, 1, 1],
    ]


def test_the_rounds_that_left_something_are_those_that_nothing_gave_back():
    """What comes and is given back is no step; a fall is one as a rise is."""
    assert stepped((0, 0, 0, 1, 1, 1, 2)) == {3, 6}
    assert stepped((2, 5, 2, 3, 3)) == {3}
    assert stepped((9, 9, 7, 7, 6)) == {2, 4}
    assert stepped((4, 5, 4)) == set()


def test_the_line_is_that_of_least_squares():
    """Numbers on a line give that line; a pair has no plot."""
    assert fitted((1, 3, 5, 7)) == (1, 7)
    assert fitted((0, 1, 0, 1, 0)) == (0.4, 0.4)
    assert [plot_of(one) for one in SCENARIOS["leak"]().findings] == [None]
