"""`[[expect]]` and `[[suppress]]`: what may change, and which findings are known until when."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

from portaudit.configuration.tables import Section, nearest
from portaudit.errors import UsageError
from portaudit.model.check import Suppression
from portaudit.model.declared import Expectation, Pattern, contradiction
from portaudit.model.kobject import LABELS
from portaudit.model.rights import Right


class Parse(NamedTuple):
    """What reads a rule and what reads a pattern; both raise UsageError, quoting it, if it is none."""

    rule: Callable[[str], Expectation]
    """Reads `extension: task-control of host +1`."""
    pattern: Callable[[str], Pattern]
    """Reads `extension: semaphore`."""


EXPECT_KEYS = ("task", "object", "of", "right", "change", "reason")
SUPPRESS_KEYS = ("rule", "match", "reason", "until")
MATCH_KEYS = ("role", "kobject", "description", "peer")
SOURCE_KEYS = ("path", "function")
"""What a match of a rule about sources names."""
PASSING_KEYS = ("name", "port", "pid", "object")
"""What a match could name and must not: it is another one in the next run."""

RIGHT_WORDS = {right.value: right for right in Right} | {"receive": Right.RECEIVE}
QUEUE, ANY = "message-queue", "any"
KOBJECTS = {label.lower().replace("_", "-"): label for label in LABELS.values()} | {QUEUE: QUEUE}
MATCH_KOBJECTS = KOBJECTS | {
    word: right.value for word, right in RIGHT_WORDS.items() if right is not Right.SEND
}
CHANGE = re.compile(r"[+-]?\d{1,5}(?:\s*\.\.\s*[+-]?\d{1,5})?")
RULE = re.compile(r"[A-Z]\d{1,3}")
PASSING = re.compile(r"\s*\d+\s*|.*\b0x[0-9a-fA-F]+\b.*", re.DOTALL)
"""A text that is a pid, or quotes a port name or an address."""


def expectations(section: Section, parse: Parse) -> tuple[Expectation, ...]:
    """Read what stands under `expect`: tables, or rules as --expect takes them.

    Raises UsageError, with the places, if one is none or two of them contradict each other.
    """
    rules = tuple(_expectations(section, parse))
    if conflict := contradiction(rules):
        one, other = conflict
        raise UsageError(f"{other.place}: the expectation {other.text!r} contradicts {one.quoted}")
    return rules


def _expectations(section: Section, parse: Parse) -> Iterator[Expectation]:
    for element in section.elements("expect", "an expectation"):
        if isinstance(element, str):
            yield _parsed(element, parse, section, "expect")
        else:
            yield _expectation(element, parse)


def _expectation(section: Section, parse: Parse) -> Expectation:
    section.allow(EXPECT_KEYS)
    section.require("task", "object", "change")
    task, kind, owner = section.text("task") or "", _object(section), section.text("of")
    if ":" in task:
        section.mistake(
            "task", f"'task' of an expectation is a role or a process name without ':', not {task!r}"
        )
    rule = f"{task}: {kind}{f' of {owner}' if owner else ''} {_change(section)}"
    parsed = _parsed(rule, parse, section, "change")
    right = section.text("right")
    if right is not None:
        parsed = replace(parsed, right=RIGHT_WORDS[section.choice("right", right, RIGHT_WORDS)])
    return replace(parsed, reason=section.text("reason"), place=section.place())


def _parsed(rule: str, parse: Parse, section: Section, key: str) -> Expectation:
    try:
        return replace(parse.rule(rule), place=section.place(key))
    except UsageError as error:
        raise UsageError(f"{section.place(key)}: {error}") from error


def _object(section: Section) -> str:
    word = (section.text("object") or "").lower().replace("_", "-")
    return section.choice("object", word, (*MATCH_KOBJECTS, ANY))


def _change(section: Section) -> str:
    value = section.values["change"]
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:+d}"
    if not isinstance(value, str) or not CHANGE.fullmatch(value.strip()):
        section.mistake(
            "change", f"'change' of an expectation is a number, or a range such as \"0..2\", not {value!r}"
        )
    return value.strip()


def subjects(section: Section, parse: Parse) -> Iterator[Pattern]:
    """Read what stands under `subject`, as --subject takes it. Raises UsageError, with the place."""
    one = section.values.get("subject")
    for text in [one] if isinstance(one, str) else section.texts("subject"):
        try:
            yield replace(parse.pattern(text), place=section.place("subject"))
        except UsageError as error:
            raise UsageError(f"{section.place('subject')}: {error}") from error


def suppressions(section: Section) -> Iterator[Suppression]:
    """Read what stands under `suppress`; all four keys are required. Raises UsageError."""
    for element in section.elements("suppress", "a suppression"):
        if isinstance(element, str):
            section.mistake(
                "suppress", f"a suppression is a table with {', '.join(SUPPRESS_KEYS)}, not {element!r}"
            )
        yield _suppression(element)


def _suppression(section: Section) -> Suppression:
    section.allow(SUPPRESS_KEYS)
    section.require(*SUPPRESS_KEYS)
    rule, until = section.text("rule") or "", section.day("until")
    match = section.table("match", "the match of a suppression")
    if not RULE.fullmatch(rule):
        section.mistake("rule", f"'rule' of a suppression is the id of a rule such as U5, not {rule!r}")
    if match is None or until is None:
        raise AssertionError("both are required")
    return Suppression(
        rule,
        section.text("reason") or "",
        until,
        **_match(match, SOURCE_KEYS if rule.startswith("S") else MATCH_KEYS),
        place=section.place(),
    )


def _match(section: Section, keys: tuple[str, ...]) -> dict[str, str | None]:
    for key in PASSING_KEYS:
        if key in section.values:
            _refuse_passing(section, key)
    section.allow(keys)
    if not section.values:
        section.mistake(None, f"the match of a suppression is empty: it needs one of {', '.join(keys)}")
    found = {key: section.text(key) for key in keys}
    for key, text in found.items():
        if text is not None and PASSING.fullmatch(text):
            _refuse_passing(section, key)
    kobject = found.get("kobject")
    if kobject is not None:
        found["kobject"] = _kobject(section, kobject)
    return found


def _refuse_passing(section: Section, key: str) -> None:
    value = section.values[key]
    section.mistake(
        key,
        f"the match of a suppression names no port and no pid ({key} = {value!r}): they are others in the "
        f"next run; use {', '.join(MATCH_KEYS)}",
    )


def _kobject(section: Section, word: str) -> str:
    known = word.lower().replace("_", "-")
    if known not in MATCH_KOBJECTS:
        section.mistake("kobject", f"'kobject' of a match is no {word!r}{nearest(known, MATCH_KOBJECTS)}")
    return MATCH_KOBJECTS[known]
