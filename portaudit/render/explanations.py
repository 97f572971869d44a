"""Rules explained: a list, one rule at length, and both as JSON."""

import re
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from textwrap import indent as indented
from textwrap import wrap as textwrap

from portaudit.model.explanation import ExampleRow, Explanation
from portaudit.render.json_text import json_text

FORMAT = "portaudit-rules/1"
DERIVED = "Derived from XNU's source and not yet seen on a Mac: a finding says likely at most."
wrap = partial(textwrap, break_on_hyphens=False, break_long_words=False)
TABLE = 3
"""Columns from which on it is no list."""

ITEM = "  "
GAP = re.compile(r" {2,}")
"""What an item of a page is set in by, and what stands between its columns."""

LANGUAGES = (("C", "c"), ("Objective-C", "objective_c"), ("Swift", "swift"))


def listing(rules: tuple[Explanation, ...], width: int) -> str:
    """Print one line a rule."""
    lines = [line for rule in rules for line in _hang(f"{rule.id:<5}", rule.title, width)]
    more = _hang("More: ", "portaudit explain RULE, or pair: what one pair of readings proves", width)
    return "\n".join((*lines, "", *more)) + "\n"


def in_words(meaning: str, rules: tuple[Explanation, ...], width: int) -> str:
    """Print what a word means, and one line for each rule that finds such."""
    lines = wrap(meaning, width)
    lines += ["", *(line for rule in rules for line in _hang(f"{rule.id:<5}", rule.title, width))] * bool(
        rules
    )
    return "\n".join((*lines, "", "More: portaudit explain RULE")) + "\n"


def in_words_document(meaning: str, rules: tuple[Explanation, ...]) -> str:
    """Give the same as JSON."""
    return json_text({"format": FORMAT, "word": meaning, "rules": [_plain(rule) for rule in rules]})


def text(rule: Explanation, width: int) -> str:
    """Print one rule at length."""
    parts = (
        [f"{rule.id}  {rule.title}"],
        wrap(rule.meaning, width),
        *([wrap(DERIVED, width)] if rule.derived else []),
        _section("Example", example(rule)),
        _section("Causes", _bullets(rule.causes, width)),
        _section("Fix", _hang("  ", rule.fix, width)),
        *(_section(name, code(rule, part)) for name, part in LANGUAGES),
        _section("Real cases", _bullets(rule.cases, width)),
        _section("Confirm with lldb", lldb(rule)),
        _section("Versions of macOS", _hang("  ", rule.versions, width)),
    )
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def document(rules: tuple[Explanation, ...]) -> str:
    """Give rules as JSON."""
    return json_text({"format": FORMAT, "rules": [_plain(rule) for rule in rules]})


def page(told: str, width: int) -> str:
    """Print a page: paragraphs are filled to the width, what is set in stands as it is where it has room."""
    paragraphs = (
        wrap(" ".join(part.split()), width) if part[:1].strip() else _set_in(part.splitlines(), width)
        for part in told.strip().split("\n\n")
    )
    return "\n\n".join("\n".join(lines) for lines in paragraphs) + "\n"


def _set_in(lines: list[str], width: int) -> list[str]:
    """Give a list or a table; where it has no room, as items of running text."""
    if all(len(line) <= width for line in lines):
        return lines
    heads, *rows = [GAP.split(line.strip()) for line in lines]
    if len(heads) >= TABLE:
        items = [(row[0], ", ".join(map(" ".join, zip(heads[1:], row[1:], strict=False)))) for row in rows]
    else:
        items = []
        for line in lines:
            if line.startswith(f"{ITEM} "):
                items[-1] = (items[-1][0], f"{items[-1][1]} {line.strip()}")
            else:
                head, _, text = line.strip().partition("  ")
                items.append((head, text.strip()))
    column = len(ITEM) + max(len(head) for head, _ in items) + len(ITEM)
    if column > width // 2:
        return [part for head, text in items for part in _hang(ITEM, f"{head}: {text}", width, 2 * len(ITEM))]
    return [part for head, text in items for part in _hang(f"{ITEM}{head}".ljust(column), text, width)]


def page_document(told: str) -> str:
    """Give a page as JSON."""
    return json_text({"format": FORMAT, "page": told})


def _plain(rule: Explanation) -> dict[str, object]:
    rows = {
        side: [{key: cell for key, cell in asdict(row).items() if cell is not None} for row in rows]
        for side, rows in (("before", rule.before), ("after", rule.after))
    }
    return asdict(rule) | rows


def example(rule: Explanation) -> list[str]:
    """Set the rows of a rule's example, before and after, one line each."""
    return [*_side("before", rule.before), *_side("after", rule.after)] if rule.before or rule.after else []


def _side(when: str, rows: tuple[ExampleRow, ...]) -> Iterator[str]:
    if not rows:
        yield f"  {when:<7} (no such name)"
    for number, row in enumerate(rows):
        label = "" if number else when
        yield f"  {label:<7} {row.task:<10} {row.name:<7} {row.right:<9} {_what(row)}".rstrip()


def _what(row: ExampleRow) -> str:
    owner = " of host" if row.object == "host" else ""
    known = [
        f"{row.urefs} {'reference' if row.urefs == 1 else 'references'}" if row.urefs else "",
        f"{row.kobject}{owner}",
        row.description or "",
        f"receiver {row.peer}" if row.peer else "",
        f"{row.queued} queued" if row.queued is not None else "",
        "no senders" if row.has_senders is False else "",
    ]
    return ", ".join(filter(None, known))


def code(rule: Explanation, part: str) -> list[str]:
    """Give the lines of a fix in one language, set in; nothing where there is none."""
    source: str = getattr(rule, part)
    return indented(source, "  ").splitlines()


def lldb(rule: Explanation) -> list[str]:
    """Give the commands for lldb, ready to paste but for the port's name."""
    if not rule.lldb:
        return []
    return ["  lldb -p PID     (NAME: the port's name in the finding)", *(f"  {line}" for line in rule.lldb)]


def _section(title: str, lines: list[str]) -> list[str]:
    return [title, *lines] if lines else []


def _bullets(texts: tuple[str, ...], width: int) -> list[str]:
    return [line for told in texts for line in _hang("  - ", told, width)]


def _hang(label: str, told: str, width: int, indent: int | None = None) -> list[str]:
    return wrap(
        told, width, initial_indent=label, subsequent_indent=" " * (len(label) if indent is None else indent)
    )
