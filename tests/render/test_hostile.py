"""Whatever the audited machine calls its processes and ports, no format is broken by it.

Each output is read by a real parser of its kind, and must have the structure that it has for names of
one harmless letter: a name that could add an element, a line or a command would change it.
"""

import json
import re
import unicodedata
from functools import cache
from xml.etree import ElementTree as ET

import cmarkgfm
import html5lib
import pytest
from cmarkgfm.cmark import Options
from hypothesis import example, given, seed
from hypothesis import strategies as st

from portaudit.auditing.files import view
from portaudit.harmless import HARMFUL, safe
from portaudit.model.declared import Place
from portaudit.render import Format, Style, render_report, render_view
from portaudit.render.as_markdown import plain
from portaudit.render.style import columns
from tests.leaving import examples
from tests.render import scenarios
from tests.render.pages import changing, page
from tests.render.scenarios import HOSTILE

FRAGMENTS = (
    "</script><script>alert(1)</script>",
    "]]>",
    "<!--",
    "-->",
    "&amp;",
    "\x1b[2J",
    "\x9b31m",
    "\r\n",
    "\n::error::x",
    "##[error]",
    "%0A",
    "|",
    "`",
    "`x`",
    "_x_",
    "\\*x*",
    "```\n",
    "**x**",
    "[x](http://evil.example)",
    "http://evil.example",
    "www.evil.example",
    "a@evil.example",
    "@everyone",
    "#1",
    "</details>",
    "\u202e",
    "\u200f",
    "\ud800",
    "\udc80",
    "\x00",
    "\ufffe",
    '" onload="x',
    "' ",
    "\\",
    "{{ 7*7 }}",
    "{% raw %}",
    "1. ",
    "- ",
    "    ",
)
NAMES = st.lists(
    st.sampled_from(FRAGMENTS) | st.characters(exclude_categories=()) | st.text(max_size=9), max_size=20
).map("".join)
LONG = ("a" * 10_000, "漢" * 10_000, "a b" * 3_333, "\x1b" * 10_000, "&<@|" * 2_500)

hostile = cache(scenarios.hostile)
"""Judged once for all formats: each is tried with the same names, whatever is asked of it."""

STYLE = Style(exit_status=1, before=Place("before.json", 1), after=Place("after.json", 1))


def of_table(text):
    """Read a table: no character of it can do anything but stand there, no line is too wide."""
    assert not {char for char in set(text) if unicodedata.category(char) in HARMFUL} - {"\n"}
    assert max(map(columns, text.splitlines())) <= STYLE.width
    return text.count("portaudit explain")


def of_json(text):
    """Read JSON, and give the shape of the document."""
    assert text.isascii()
    return shape(json.loads(text))


def shape(value):
    """Replace every text in a document."""
    if isinstance(value, dict):
        return [shape(item) for item in value.values()]
    return [shape(item) for item in value] if isinstance(value, list) else type(value)


def of_github(text):
    """Read a log as GitHub's runner does, and give each annotation's command and properties."""
    *annotations, verdict, end = text.split("\n")
    assert text.splitlines() == [*annotations, verdict]
    assert end == ""
    assert not verdict.lstrip().startswith("::")
    assert "##[" not in verdict
    return [(command, list(properties)) for command, properties, _ in map(annotation, annotations)]


def annotation(line):
    """Read one workflow command: its word, its properties, its message (actions/runner ActionCommand.cs)."""
    match = re.fullmatch(r"::(\w+) (.*?)::(.*)", line)
    assert match is not None
    command, properties, message = match.groups()
    pairs = (pair.split("=", 1) for pair in properties.split(","))
    return command, {key: unescaped(value) for key, value in pairs}, unescaped(message)


def unescaped(text):
    """Undo the runner's escapes."""
    return (
        text.replace("%3A", ":")
        .replace("%2C", ",")
        .replace("%0D", "\r")
        .replace("%0A", "\n")
        .replace("%25", "%")
    )


def of_junit(text):
    """Read XML, and give its elements."""
    return sorted((element.tag, sorted(element.keys())) for element in ET.fromstring(text).iter())  # noqa: S314  our own


@cache
def comment(text):
    """Read a comment as GitHub does, once for what is asked of it: its elements, and what is seen of it."""
    page = cmarkgfm.github_flavored_markdown_to_html(text, Options.CMARK_OPT_UNSAFE)
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    links = {element.get("href", "") for element in tree.iter("a")}
    assert all(link.startswith("https://redirect.github.com/") for link in links)
    outside = "".join(
        (element.text or "") * (element.tag != "code") + (element.tail or "") for element in tree.iter()
    )
    assert not set("@#") & set(outside)
    return [element.tag for element in tree.iter() if element.tag != "code"], "".join(tree.itertext())


def of_markdown(text):
    """Give a comment's elements; names are never seen outside code."""
    assert len(text.encode()) < 65_536
    assert not {char for char in set(text) if unicodedata.category(char) in HARMFUL} - {"\n"}
    return comment(text)[0]


def of_sarif(text):
    """Read SARIF, and give the shape of its run."""
    run = json.loads(text)["runs"][0]
    assert text.isascii()
    return shape(run["results"]), shape(run["invocations"])


def of_html(text):
    """Give the elements of a page, but for what is the same in each."""
    assert text.isascii()
    return page(part(text))[0]


READERS = {
    Format.TABLE: of_table,
    Format.JSON: of_json,
    Format.MARKDOWN: of_markdown,
    Format.GITHUB: of_github,
    Format.JUNIT: of_junit,
    Format.SARIF: of_sarif,
    Format.HTML: of_html,
}


@cache
def rendered(name, form):
    """Print with a name in every place."""
    return render_report(hostile(name), form, STYLE)


@cache
def needed():
    """Say which lines of a page are read."""
    return changing(rendered("x", Format.HTML).split("\n"), rendered(HOSTILE, Format.HTML).split("\n"))


def parted(text):
    """Give the lines of a page that are read, and the others."""
    lines = list(enumerate(text.split("\n")))
    return [[line for at, line in lines if (at in needed()) is read] for read in (True, False)]


def part(text):
    """Give what is read of a page: all of it, if the other lines are not those of a harmless one."""
    read, others = parted(text)
    return "\n".join(read) if others == parted(rendered("x", Format.HTML))[1] else text


@cache
def harmless(form):
    """Read what a format prints of a name that means nothing."""
    return READERS[form](rendered("x", form))


def test_every_format_has_a_reader():
    """No format escapes these tests."""
    assert [*READERS] == [*Format]


def test_what_is_the_same_in_each_page_is_sound():
    """A whole page has the structure of a harmless one, too, and most of it need not be read each time."""
    whole = rendered(HOSTILE, Format.HTML)

    assert page(whole)[0] == page(rendered("x", Format.HTML))[0]
    assert len(part(whole)) * 2 < len(whole)


@pytest.mark.parametrize("form", READERS)
@seed(0)
@examples(60)
@given(NAMES.filter(bool))
@example(HOSTILE)
def test_a_name_changes_no_structure(form, name):
    """With any name in every place, a format has the structure that it has with a harmless name."""
    assert READERS[form](rendered(name, form)) == harmless(form)


@pytest.mark.parametrize("form", READERS)
def test_no_fragment_of_a_language_is_taken_for_one(form):
    """Each fragment that means something in one of the formats means nothing in any of them."""
    for fragment in FRAGMENTS:
        for name in (fragment, f"a{fragment}b {fragment} c"):
            assert READERS[form](rendered(name, form)) == harmless(form), ascii(name)


SHOWN = {
    "markdown": lambda text: words(comment(text)[1]),
    "junit": lambda text: words(" ".join(ET.fromstring(text).itertext())),  # noqa: S314  our own
    "html": lambda text: words(page(part(text))[1]),
    "github": lambda text: words(annotation(text.splitlines()[0])[1]["title"]),
}
"""What a reader of a format sees, blanks made one."""


def words(text):
    """Make every run of blanks one, as pages do."""
    return " ".join(text.split())


@pytest.mark.parametrize("form", SHOWN)
@seed(0)
@examples(60)
@given(NAMES.filter(bool))
@example(HOSTILE)
@example("")
def test_a_name_is_shown_as_it_is(form, name):
    """A reader sees the name, spelled harmlessly, and nothing of it is lost or eaten by the format."""
    shown = SHOWN[form](rendered(name, form))

    assert words(f"must give back {safe(name)}") in shown


@pytest.mark.parametrize("form", [form for form in READERS if form != "markdown"])
@pytest.mark.parametrize("name", LONG, ids=lambda name: ascii(name[0]))
def test_a_name_of_10_000_characters_breaks_nothing(form, name):
    """A very long name changes no structure, and formats for people cut it."""
    text = render_report(hostile(name), form, STYLE)

    assert READERS[form](text) == harmless(form)
    assert len(text) < (2_000_000 if form in {"json", "sarif"} else 300_000)


@pytest.mark.parametrize("name", LONG, ids=lambda name: ascii(name[0]))
def test_a_comment_leaves_out_what_does_not_fit(name):
    """With very long names a comment still is a sound start of the full one, and fits."""
    long = of_markdown(rendered(name, Format.MARKDOWN))
    short = of_markdown(rendered("x", Format.MARKDOWN))

    assert long[:100] == short[:100]


@seed(0)
@given(NAMES)
def test_json_gives_names_back(name):
    """A program reads the very name; only lone surrogates, which JSON cannot carry, are spelled out."""
    document = json.loads(rendered(name, Format.JSON))

    assert document["findings"][0]["evidence"] == name.encode("utf-8", "backslashreplace").decode()


@seed(0)
@given(NAMES)
def test_show_is_safe_too(name):
    """The tables of a snapshot hold no character that can do anything, its JSON is ASCII."""
    shown = view(hostile(name).difference.after)

    table = render_view(shown, Format.TABLE, STYLE, summary=False)
    document = render_view(shown, Format.JSON, STYLE, summary=False)
    assert not {char for char in set(table) if unicodedata.category(char) in HARMFUL} - {"\n"}
    assert document.isascii()
    assert json.loads(document)["tasks"][2]["process"] == name.encode("utf-8", "backslashreplace").decode()


@given(NAMES)
def test_nothing_in_markdown_moves_a_cursor(name):
    """A comment is printed into a log, too, and an owner comes into it as a process calls itself."""
    assert not {char for char in plain(name) if unicodedata.category(char) in HARMFUL}
