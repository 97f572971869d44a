"""Which images were loaded when: the notes of a ledger, put together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from portaudit.ledger.layout import NoteKind
from portaudit.model.ledger import Image

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portaudit.ledger.read import Note


def read_images(notes: Iterable[Note]) -> tuple[Image, ...]:
    """Put loads and unloads together. What was noted again while it is loaded counts once.

    An image that comes to lie where another one is ends that one: not every system tells of unloading.
    """
    images: list[Image] = []
    loaded: dict[int, int] = {}
    for note in notes:
        at = loaded.get(note.base)
        if note.kind == NoteKind.IMAGE:
            made = Image(note.sequence, note.base, note.length, note.id.hex(), note.text)
            if at is not None and _same(images[at], made):
                continue
            for base in [base for base, other in loaded.items() if _overlap(images[other], made)]:
                _end(images, loaded.pop(base), note.sequence)
            loaded[note.base] = len(images)
            images.append(made)
        elif note.kind == NoteKind.UNLOADED:
            _end(images, loaded.pop(note.base, None), note.sequence)
    return tuple(images)


def _same(one: Image, other: Image) -> bool:
    return (one.path, one.id, one.length) == (other.path, other.id, other.length)


def _overlap(one: Image, other: Image) -> bool:
    return one.base < other.base + other.length and other.base < one.base + one.length


def _end(images: list[Image], at: int | None, sequence: int) -> None:
    if at is not None:
        images[at] = replace(images[at], until=sequence)
