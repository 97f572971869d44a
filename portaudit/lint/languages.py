"""Which grammar reads a file. The only place that imports tree-sitter and its grammars."""

from __future__ import annotations

import re
import time
from functools import cache
from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING

from portaudit.errors import UsageError

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

C, OBJECTIVE_C, CPP, SWIFT = "c", "objc", "cpp", "swift"
SUFFIXES = {
    ".c": C,
    ".m": OBJECTIVE_C,
    ".cc": CPP,
    ".cpp": CPP,
    ".cxx": CPP,
    ".hpp": CPP,
    ".hh": CPP,
    ".hxx": CPP,
    ".mm": CPP,
    ".h": C,
    ".swift": SWIFT,
    ".inc": C,
    ".mig": C,
}
OBJECTIVE = re.compile(
    rb"^\s*@(?:interface|implementation|import|protocol|class|autoreleasepool)\b|^#import", re.MULTILINE
)
CLASSES = re.compile(rb"^\s*(?:class\s+\w+|namespace\s+\w*|template\s*<|using\s+namespace)", re.MULTILINE)
MESSAGES = re.compile(rb"^\s*[-+]\s*\(\w", re.MULTILINE)

IMPLEMENTATION = re.compile(rb"^[ \t]*@implementation\b.*?^[ \t]*@end\b", re.MULTILINE | re.DOTALL)
AUTO = re.compile(rb"\bauto\b")
VISIBLE = re.compile(rb"[^\n]")

MISSING = "lint needs tree-sitter and its grammars: pip install 'portaudit[lint]'"
LARGE = 1_000_000
"""Bytes from which on the parser is watched."""
CHUNK = 65_536
PATIENCE = 10.0
"""Seconds that the parser of one file may take; no file written by hand comes near."""


def language_of(path: str, source: bytes) -> str | None:
    """Tell a file's language by its name, and by its text where the name leaves it open; None: not ours."""
    told = SUFFIXES.get(PurePath(path).suffix.lower())
    if told == CPP and PurePath(path).suffix == ".mm":
        return OBJECTIVE_C if not CLASSES.search(source) and MESSAGES.search(source) else CPP
    if told == C and PurePath(path).suffix == ".h":
        if OBJECTIVE.search(source):
            return OBJECTIVE_C
        return CPP if CLASSES.search(source) else C
    return OBJECTIVE_C if told == C and MESSAGES.search(source) else told


def parts_of(path: str, source: bytes) -> list[tuple[str, bytes]]:
    """Give the languages that read a file, each with the text that is its own; the rest is blank in it.

    No grammar reads Objective-C++: where both are there, that of C++ passes over the implementations of
    Objective-C's classes, and that of Objective-C reads nothing else.
    """
    language = language_of(path, source)
    if language is None:
        return []
    if language == CPP and IMPLEMENTATION.search(source):
        classes = IMPLEMENTATION.sub(_blank, source)
        methods = bytearray(_blank(source))
        for match in IMPLEMENTATION.finditer(source):
            methods[match.start() : match.end()] = match[0]
        return [(CPP, classes), (OBJECTIVE_C, _as_objective_c(bytes(methods)))]
    if language == OBJECTIVE_C and PurePath(path).suffix == ".mm":
        return [(language, _as_objective_c(source))]
    return [(language, source)]


def _as_objective_c(text: bytes) -> bytes:
    return AUTO.sub(b"int ", text)  # a word of C++ that its grammar does not know as a type


def _blank(text: re.Match[bytes] | bytes) -> bytes:
    return VISIBLE.sub(b" ", text if isinstance(text, bytes) else text[0])


@cache
def _parser(language: str) -> Parser:
    try:
        tree_sitter = import_module("tree_sitter")
        grammar = import_module(f"tree_sitter_{language}")
    except ImportError as error:
        raise UsageError(MISSING) from error
    parser: Parser = tree_sitter.Parser(tree_sitter.Language(grammar.language()))
    return parser


def parse(source: bytes, language: str) -> Node | None:
    """Parse a source as far as it goes; None if that takes too long. Raises UsageError without the extra."""
    parser = _parser(language)
    if len(source) < LARGE:
        return parser.parse(source).root_node
    ends = time.monotonic() + PATIENCE
    parser.reset()
    try:
        tree = parser.parse(
            lambda at, _point: source[at : at + CHUNK],
            progress_callback=lambda _at, _failed: time.monotonic() > ends,
        )
    except ValueError:
        return None
    return tree.root_node
