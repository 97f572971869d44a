"""Releases that are one too many, too early, or of the wrong kind (S14 to S17), and those of MIG routines.

A MIG routine owns the rights of its message only if it returns KERN_SUCCESS (S18).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from portaudit.lint.flow.state import OURS, Part, Status
from portaudit.lint.rules import Claim
from portaudit.model.rights import Right
from portaudit.model.severity import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portaudit.lint.flow.state import Exit, Log, Site
    from portaudit.lint.program import Function

TWICE, AFTER, WRONG, MADE = "S14", "S15", "S16", "S17"


def twice(_function: Function, log: Log) -> Iterator[Claim]:
    """Find releases of what was released before."""
    for (site, span), before in log.releases.items():
        if Status.RELEASED not in before or not log.complete:
            continue
        always = before == {Status.RELEASED}
        others = [other for released, other in log.releases if released is site and other != span]
        yield Claim(
            TWICE,
            Confidence.LIKELY if always else Confidence.HINT,
            span,
            f"what {_from(site)} is given back a second time{'' if always else ' on some path'}",
            tuple((other, "it was given back here") for other in others[:1]),
        )


def used_after(_function: Function, log: Log) -> Iterator[Claim]:
    """Find uses of a name whose reference is given back on every path that comes there."""
    for (site, span), before in log.uses.items():
        if before == {Status.RELEASED} and log.complete:
            yield Claim(
                AFTER,
                Confidence.LIKELY,
                span,
                f"{log.used_by[span]}() is given a name that was released: by now it may be another right's",
                tuple(
                    (other, "it was given back here") for released, other in log.releases if released is site
                )[:1],
            )


def wrong(_function: Function, log: Log) -> Iterator[Claim]:
    """Find releases by a call that is made for another kind of right."""
    for (site, span), name in log.wrong.items():
        if site.right is Right.RECEIVE and site in log.sent:
            continue
        if site.right is Right.RECEIVE and _ends(log, site):
            continue
        yield Claim(WRONG, Confidence.LIKELY, span, _why_wrong(site, name))


def made(_function: Function, log: Log) -> Iterator[Claim]:
    """Find send rights that are made of what is no receive right."""
    for site, span in log.made:
        told = f"MACH_MSG_TYPE_MAKE_SEND needs a receive right, but {site.function}() gave a send right"
        yield Claim(MADE, Confidence.LIKELY, span, f"{told}: the call fails with KERN_INVALID_CAPABILITY")


def _ends(log: Log, site: Site) -> bool:
    return any(end.status is Status.RELEASED for end in log.exits.get(site, ()))


def _from(site: Site) -> str:
    return f"came in as `{site.function}`" if site.part is Part.PARAMETER else f"{site.function}() gave"


def _why_wrong(site: Site, name: str) -> str:
    if site.right is Right.RECEIVE:
        return f"{name}() takes a send right only: the receive right that {site.function}() gave stays"
    if name == "IOServiceClose":
        return f"IOServiceClose() is for what IOServiceOpen() gave; {site.function}() gave an object"
    return f"{name}() takes every reference at this name, those of its other owners too"


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
