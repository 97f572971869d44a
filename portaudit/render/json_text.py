"""JSON that nothing can stumble over: plain ASCII, indented, whatever it quotes; and its schemas."""

import re
from pathlib import Path
from typing import Any

import msgspec

NOT_PLAIN = re.compile(r"[^\n -~]+")
"""What JSON may hold as it is, and a terminal or an old locale may not: all but printable ASCII."""


def json_text(document: dict[str, Any], *, indent: int = 2) -> str:
    r"""Write a document in ASCII: no terminal, locale or reader can stumble over what it quotes.

    With an indent of 0 it is one line.
    A lone surrogate, which JSON cannot carry, is spelled out: `\ud800`.
    """
    try:
        data = msgspec.json.encode(document)
    except UnicodeEncodeError:
        data = msgspec.json.encode(_without_surrogates(document))
    return NOT_PLAIN.sub(_escaped, msgspec.json.format(data, indent=indent).decode()) + "\n"


def _escaped(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be").hex("u", 2)
    return "\\u" + units.replace("u", "\\u")


def _without_surrogates(value: Any) -> Any:  # noqa: ANN401  whatever JSON holds
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_surrogates(item) for item in value]
    return value


FOLDER = Path(__file__).with_name("schemas")
SCHEMAS = {name: f"portaudit-{name}-1.schema.json" for name in ("check", "diff", "lint", "rows")}
"""What is described -> the file there that describes it."""


def published(name: str) -> str:
    """Give the text of one of the SCHEMAS."""
    return (FOLDER / SCHEMAS[name]).read_text(encoding="utf-8")
