"""How text from elsewhere is made harmless: the one door for names, paths and words that others wrote.

Three readers can be fooled: a terminal (control characters), a person (characters that hide or reorder),
and a CI runner, which takes some lines of a log for commands: `::add-mask::` where a line begins (GitHub,
docs.github.com, workflow commands), `##[add-mask]`, `##vso[...]` and `##teamcity[...]` wherever they stand
(actions/runner ActionCommand.cs; Azure Pipelines, logging commands; TeamCity, service messages).
"""

import re
import unicodedata

HARMFUL = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that can move a cursor, reorder a line or hide: never shown as they are."""

COLONS = re.compile(r"(?:(?<=\s)|^)::(?=[^\W\d_])", re.MULTILINE)
HASHES = re.compile(r"##(?=\w{0,40}\[)")


def safe(text: str, most: int = 200) -> str:
    """Spell text from elsewhere so that no terminal, no reader and no CI runner can be fooled by it.

    What is longer than `most` characters is cut, and says how long it was.
    """
    shown = text if len(text) <= most else f"{text[:most]}… ({len(text)} characters)"
    if not shown.isprintable():  # what is printable is of no harmful category
        shown = "".join(_escape(char) if unicodedata.category(char) in HARMFUL else char for char in shown)
    return in_log(shown)


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode()


def in_log(text: str) -> str:
    """Spell lines that are printed so that no CI runner takes one for a command."""
    if "::" in text:
        text = COLONS.sub(r":\\x3a", text)
    return in_annotations(text)


def in_annotations(text: str) -> str:
    """Spell GitHub's annotations, commands of our own, so that none of another kind is among them."""
    return HASHES.sub(r"#\\x23", text) if "##" in text else text


def in_json(text: str) -> str:
    """Spell JSON so that no CI runner takes a part of it for a command; it means what it meant."""
    return HASHES.sub(r"#\\u0023", text) if "##" in text else text


def in_markup(text: str) -> str:
    """Spell HTML or XML so that no CI runner takes a part of it for a command; it means what it meant."""
    return HASHES.sub("#&#35;", text) if "##" in text else text
