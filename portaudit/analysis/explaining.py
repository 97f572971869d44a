"""The rules at length: the short texts of the rules joined to the long ones in causes/texts."""

import re
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from portaudit.analysis.causes import POLICY, RULES, Rule
from portaudit.errors import UsageError
from portaudit.model.explanation import ExampleRow, Explanation

TEXTS = Path(__file__).parent / "causes" / "texts"
GROUPS = "UNOXPLFRE"
"""The order of the catalogue: references, names, over-releases, then what looks at the whole."""

SAME_EVERYWHERE = (
    "No difference is known: the arithmetic of user references is the same in macOS 11, 13, 14 and 15, as "
    "recordings of XNU's own code show."
)
NAME = "(unsigned int)mach_task_self_"


PAGES = {"pair": TEXTS / "pair.txt"}
"""What is no rule and needs explaining: word -> the page."""

SHORTEST = 4
"""Letters of a word that is looked for in the texts."""

WORDS = TEXTS / "words.txt"
"""A paragraph a word: the word, the groups of rules that find such, and what it means."""


def page(name: str) -> str | None:
    """Give a page that is about no single rule; None if there is none of this name."""
    path = PAGES.get(name.lower())
    return None if path is None else path.read_text(encoding="utf-8")


def in_words(name: str) -> tuple[str, tuple[Explanation, ...]] | None:
    """Explain a word of the reports, and the rules that find such; None if it is none of these words.

    Any other word that rules speak of, a kobject type or a function, gives those rules.
    """
    wanted = name.lower().replace(" ", "-").replace("_", "-")
    for paragraph in WORDS.read_text(encoding="utf-8").strip().split("\n\n"):
        head, _, meaning = paragraph.partition(": ")
        word, _, groups = head.partition(" ")
        if word == wanted:
            return f"{word}: {meaning}", tuple(one for one in explanations() if one.id[0] in groups)
    speaking = (
        tuple(one for one in explanations() if name.lower() in _all_of(one)) if len(name) >= SHORTEST else ()
    )
    return (f"Rules that speak of {name}:", speaking) if speaking else None


def words() -> list[str]:
    """Name the words that `in_words` explains by themselves, and the pages."""
    paragraphs = WORDS.read_text(encoding="utf-8").strip().split("\n\n")
    return [*PAGES, *(re.split(r"[ :]", paragraph, maxsplit=1)[0] for paragraph in paragraphs)]


def _all_of(one: Explanation) -> str:
    kobjects = (row.kobject for row in (*one.before, *one.after))
    return " ".join((one.title, one.cause, one.fix, one.meaning, *one.causes, one.c, *kobjects)).lower()


def explanations() -> tuple[Explanation, ...]:
    """Give every rule at length, in the order of the catalogue."""
    rules = sorted((*RULES, POLICY), key=lambda rule: (GROUPS.index(rule.id[0]), int(rule.id[1:])))
    return tuple(map(_explanation, rules))


def explanation(name: str) -> Explanation:
    """Give one rule at length. Raises UsageError, with the nearest rule, if there is none of this name."""
    rules = {rule.id: rule for rule in (*RULES, POLICY)}
    rule = rules.get(name.upper())
    if rule is None:
        near = get_close_matches(name.upper(), rules, 1, 0.5)
        hint = f"; the nearest is {near[0]}" if near else ""
        raise UsageError(f"there is no rule {name[:40]!r}{hint}; `portaudit explain` lists them all")
    return _explanation(rule)


def _explanation(rule: Rule) -> Explanation:
    texts: dict[str, Any] = tomllib.loads((TEXTS / f"{rule.id}.toml").read_text(encoding="utf-8"))
    return Explanation(
        id=rule.id,
        title=rule.title,
        cause=rule.cause,
        fix=rule.fix,
        derived=not rule.case,
        meaning=texts["meaning"].strip(),
        before=tuple(map(_row, texts["before"])),
        after=tuple(map(_row, texts["after"])),
        causes=tuple(texts["causes"]),
        c=texts["c"].strip("\n"),
        objective_c=texts["objective_c"].strip("\n"),
        swift=texts["swift"].strip("\n"),
        cases=tuple(texts["cases"]),
        versions=texts.get("versions", SAME_EVERYWHERE).strip(),
        lldb=_lldb(texts["taken_by"], texts["released_by"]),
    )


def _row(cells: list[Any]) -> ExampleRow:
    plain, known = (cells[:-1], cells[-1]) if isinstance(cells[-1], dict) else (cells, {})
    return ExampleRow(*plain, **known)


def _lldb(taken_by: list[str], released_by: list[str]) -> tuple[str, ...]:
    if not taken_by and not released_by:
        return ()
    stops = [f"breakpoint set --name {name} -C 'thread backtrace --count 8' -G true" for name in taken_by]
    stops += [
        f"breakpoint set --name {name}{_of_name(name)} -C 'thread backtrace --count 8' -G true"
        for name in released_by
    ]
    count = (
        "expression unsigned int $refs = 0",
        f"expression (int)mach_port_get_refs({NAME}, NAME, 0, &$refs)",
        "expression $refs",
    )
    return (*stops, *count)


def _of_name(function: str) -> str:
    # These take the port's name as their second argument
    takes_name = function in {"mach_port_deallocate", "mach_port_mod_refs", "mach_port_destroy"}
    return " --condition '(unsigned int)$arg2 == NAME'" if takes_name else ""
