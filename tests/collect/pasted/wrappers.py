"""What people do to a text before they hand it over: each wrapper takes one, and gives what is pasted."""

import html
import json
import re
from collections.abc import Callable

Wrapper = Callable[[str], str]


def each_line(wrap: Callable[[int, str], str]) -> Wrapper:
    """Do something to every line; `wrap` is given its number, from 1."""

    def wrapped(text: str) -> str:
        lines = text.removesuffix("\n").split("\n")
        return "".join(f"{wrap(number, line)}\n" for number, line in enumerate(lines, start=1))

    return wrapped


def before(prefix: str) -> Wrapper:
    """Put the same before every line."""
    return each_line(lambda _, line: prefix + line)


def quoted_in_a_mail(text: str) -> str:
    """Quote as mailers do: nothing but the mark stands before an empty line."""
    return before("> ")(text).replace("> \n", ">\n")


def between_bars(text: str) -> str:
    """Draw a box of the widest line around the lines."""
    width = max(map(len, text.split("\n")))
    return each_line(lambda _, line: f"| {line:<{width}} |")(text)


def coloured(text: str) -> str:
    """Colour what a terminal's grep would: a word of most lines."""
    text = re.sub(r"(TASK-CONTROL|recv|Exception|GUARD\b)", "\x1b[01;31m\x1b[K\\1\x1b[m\x1b[K", text)
    return re.sub(r"(?m)^(Process|Termination|\{)", "\x1b[0m\x1b[1m\\1\x1b[0m", text)


def in_markdown(text: str) -> str:
    """Stand in a code block of an issue, with prose around it."""
    block = text.removesuffix("\n")
    return f"I see this:\n\n```text\n{block}\n```\n\nWhat is it?\n"


def in_html(text: str) -> str:
    """Stand in a page."""
    return f'<div class="post"><pre><code>{html.escape(text)}</code></pre></div>\n'


WRAPPERS: dict[str, Wrapper] = {
    "quoted": before("> "),
    "quoted in a mail": quoted_in_a_mail,
    "quoted twice": before("> > "),
    "quoted without a blank": before(">"),
    "a list": before("- "),
    "a list of stars": before("* "),
    "a numbered list": each_line(lambda number, line: f"{number}. {line}"),
    "after a bar": before("| "),
    "between bars": between_bars,
    "in a column of a table": lambda text: f"| output |\n| --- |\n{between_bars(text)}",
    "indented": before("    "),
    "indented by a tab": before("\t"),
    "with times": each_line(lambda number, line: f"2026-11-27 10:00:{number % 60:02}.{number:03} {line}"),
    "with times of a CI log": each_line(
        lambda number, line: f"2026-11-27T10:00:{number % 60:02}.1234567Z {line}"
    ),
    "with times in brackets": each_line(lambda number, line: f"[10:00:{number % 60:02}] {line}"),
    "in a system log": each_line(
        lambda number, line: f"Nov {number % 9 + 1:2} 10:00:00 mac lsmp[{number}]: {line}"
    ),
    "of a container": before("audit-1  | "),
    "with line numbers": each_line(lambda number, line: f"{number:6}\t{line}"),
    "with line numbers and colons": each_line(lambda number, line: f"{number}:{line}"),
    "with line numbers and bars": each_line(lambda number, line: f"{number:>4} | {line}"),
    "with line numbers to the left": each_line(lambda number, line: f"{number:<5}{line}"),
    "added by a patch": before("+"),
    "coloured": coloured,
    "with hard blanks": lambda text: text.replace(" ", "\xa0"),
    "with hard blanks at the beginning of lines": lambda text: re.sub(
        r"(?m)^ +", lambda found: "\xa0" * len(found[0]), text
    ),
    "escaped for HTML": html.escape,
    "with hard blanks escaped for HTML": lambda text: html.escape(text).replace("  ", "&nbsp; "),
    "in HTML": in_html,
    "in Markdown": in_markdown,
    "in a JSON string": json.dumps,
    "in a JSON document": lambda text: json.dumps({"id": 1, "log": text, "tags": ["a\nb"]}, indent=2),
    "in a JSON string without quotes": lambda text: json.dumps(text)[1:-1],
    "with carriage returns": lambda text: text.replace("\n", "\r\n"),
}
"""Name -> wrapper."""

CHANGE_NAMES = {
    *((form, "desc_control", "coloured") for form in ("txt", "json")),
    *(
        ("json", name, wrapper)
        for name in ("desc_control", "old_proc_names_newline")
        for wrapper in ("indented", "indented by a tab", "with carriage returns", "in a column of a table")
    ),
    ("txt", "proc_names", "between bars"),
    ("txt", "proc_names", "in a column of a table"),
    ("json", "proc_names", "with hard blanks escaped for HTML"),
}
"""Form, print and wrapper that does to a name what it may hold itself: colours, blanks at ends of lines."""

TEARS_NAMES = {("json", "old_proc_names_newline", "in a column of a table")}
"""Those that pad the lines within a name, which lsmp up to macOS 11 did not escape: no name is as long."""

WITHIN = tuple(sorted({*WRAPPERS} - {"in a JSON document", "in a JSON string without quotes"}))
"""Wrappers that another may be put around: of those that are left out, only what is outermost is undone."""

WHOLE = ("coloured", "with hard blanks", "escaped for HTML", "in HTML", "in Markdown", "in a JSON string")
LINES = tuple(sorted({*WRAPPERS} - {*WHOLE, "in a JSON document", "in a JSON string without quotes"}))
"""Wrappers that do something to each line, and some that do it to the whole."""

ENCODINGS = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")
