"""Exception handlers: a MIG routine owns the rights of its message only if it returns KERN_SUCCESS (S18)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from portaudit.lint.flow.state import OURS, Part, Status
from portaudit.lint.rules.claim import Claim
from portaudit.model.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portaudit.lint.flow.log import Exit, Log
    from portaudit.lint.flow.state import Site
    from portaudit.lint.program import Function

HANDLER = "S18"
ROUTINE = re.compile(
    r"\w*catch_(?:mach_)?exception_raise(?P<form>_state_identity|_state|_identity_protected)?\Z"
)
OWNED = {None: (1, 2), "_state_identity": (1, 2), "_state": (), "_identity_protected": (2,)}
"""The positions of the rights in a message of each form: the thread and the task, or the task's token."""


def handlers(function: Function, log: Log) -> Iterator[Claim]:
    """Find handlers that keep a message's rights and succeed, or release them and fail."""
    match = ROUTINE.match(function.name)
    if match is None or not log.complete:
        return
    positions = OWNED[match["form"]]
    for site, exits in log.exits.items():
        if site.part is Part.PARAMETER and site.position in positions:
            yield from _handled(function, site, exits)


def _handled(function: Function, site: Site, exits: set[Exit]) -> Iterator[Claim]:
    succeeded = {end.status for end in exits if end.failed is False}
    again = sorted(end.span for end in exits if end.failed is True and end.status is Status.RELEASED)
    if succeeded & OURS:
        always = not succeeded - OURS and not function.broken
        kept = sorted(end.span for end in exits if end.failed is False and end.status in OURS)
        yield Claim(
            HANDLER,
            Confidence.LIKELY if always else Confidence.HINT,
            kept[0],
            f"a handler that returns KERN_SUCCESS owns `{site.function}`, and does not give it back",
        )
    for span in again[:1]:
        yield Claim(
            HANDLER,
            Confidence.LIKELY,
            span,
            f"a handler that fails does not own `{site.function}`: its caller releases it a second time",
        )
