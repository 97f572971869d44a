"""`extension: task-control of host +1`: reading such a rule."""

import re

from portaudit.analysis.expectations import ANY, QUEUE, RIGHT_KINDS
from portaudit.errors import UsageError
from portaudit.model.expectation import Expectation
from portaudit.model.kobject import NUMBERS
from portaudit.model.rights import Right

RULE = re.compile(
    r"\s*(?P<task>[^:]+?)\s*:\s*(?P<kobject>[\w*-]+)(?:\s+of\s+(?P<of>[\w-]+))?"
    r"\s+(?P<low>[+-]?\d{1,5})(?:\s*\.\.\s*(?P<high>[+-]?\d{1,5}))?\s*",
    re.IGNORECASE,
)


def parse_expectation(text: str) -> Expectation:
    """Read one rule. Raises UsageError, quoting it, if it is none."""
    match = RULE.fullmatch(text)
    if match is None:
        raise UsageError(
            f"the expectation {text!r} is not understood; write ROLE: KOBJECT [of ROLE] CHANGE, "
            f"for example 'extension: task-control of host +1' or 'extension: semaphore 0..2'"
        )
    low, high = int(match["low"]), int(match["high"] or match["low"])
    if low > high:
        raise UsageError(f"the expectation {text!r} has an empty range: {low} is more than {high}")
    kobject = _known_kind(match["kobject"], text)
    right = RIGHT_KINDS.get(kobject, Right.SEND)
    return Expectation(match["task"], kobject, low, high, match["of"], right, text=text.strip())


def _known_kind(word: str, text: str) -> str:
    kinds = {name.upper().replace("_", "-"): name for name in NUMBERS}
    wanted = word.upper().replace("_", "-").replace("*", ANY)
    if wanted in (ANY, QUEUE) or wanted in RIGHT_KINDS:
        return wanted
    if wanted not in kinds:
        raise UsageError(
            f"the expectation {text!r} names {word!r}, which is no kobject type or right that lsmp prints"
        )
    return kinds[wanted]
