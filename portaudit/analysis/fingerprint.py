"""Fingerprints: what of a finding is the same in every run and on every machine."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from msgspec import structs

from portaudit.model.difference import Change
from portaudit.model.finding import Finding
from portaudit.model.kobject import TASK_ID_TOKEN
from portaudit.model.rights import SEND

DIGITS = 16
"""Hexadecimal digits of a fingerprint: 64 bits."""


class Trait(NamedTuple):
    """What lasts of a row; never its port name, object id, pid or count."""

    role: str | None
    """The role, or the process name of a task without one."""
    kobject: str | None
    """The kobject type as lsmp spells it, or the kind of a right that has none; None for a plain send right.
    """
    description: str | None
    """What the kernel says of objects of this kind."""
    peer: str | None
    """Whose task port it is, or who receives."""


def trait_of(row: Change) -> Trait:
    """Give what lasts of a row."""
    return Trait(
        row.role or row.process.name,
        row.kobject_label if row.right is SEND else str(row.right),
        row.class_name if row.kobject != TASK_ID_TOKEN else None,  # that of an identity token holds a pid
        row.of if row.of is not None else _receiver(row),
    )


def _receiver(row: Change) -> str | None:
    for entry in (row.now, row.was):
        if entry is not None and entry.peer is not None:
            return entry.peer.process
    return None


def fingerprinted(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Give each finding its fingerprint: a hash of its rule and of the traits of its rows, each once."""
    return tuple(structs.replace(finding, fingerprint=fingerprint(finding)) for finding in findings)


def fingerprint(finding: Finding) -> str:
    """Hash the rule of a finding and the traits of its rows, in an order of their own.

    What left no row is told by the places of its releases: functions, never addresses or lines.
    """
    traits: frozenset[tuple[str | None, ...]] = frozenset(map(trait_of, finding.rows))
    return _hashed(finding.rule, traits or frozenset(_releases(finding)))


@lru_cache
def _hashed(rule: str, traits: frozenset[tuple[str | None, ...]]) -> str:
    from hashlib import sha256  # noqa: PLC0415  a diff without findings has no use for it

    told = "\n".join((rule, *sorted(repr(tuple(trait)) for trait in traits)))
    return sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]


def _releases(finding: Finding) -> Iterator[tuple[str, ...]]:
    for where in finding.where:
        for release in where.releases:
            own = (frame for frame in release.stack if frame.own)
            yield release.function, *(frame.symbol or frame.image_name for frame in own)
