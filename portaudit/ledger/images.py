"""The images of a process: which were loaded when, and what an image's file says of itself.

The notes of a ledger are put together, and asked for addresses: what is loaded at one moment lies side by
side, so one look at the sorted bases finds an image. A ledger may name thousands, and whoever forges one as
many as fit. A file tells its id, and where its first byte is linked to lie.
"""

from __future__ import annotations

import struct
from bisect import bisect_left, bisect_right, insort
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from portaudit.ledger.layout import NoteKind
from portaudit.model.ledger import Image
from portaudit.trust import open_regular

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from portaudit.ledger.read import Note


def read_images(notes: Iterable[Note]) -> tuple[Image, ...]:
    """Put loads and unloads together. What was noted again while it is loaded counts once.

    An image that comes to lie where another one is ends that one: not every system tells of unloading.
    """
    images: list[Image] = []
    loaded, bases = dict[int, int](), list[int]()
    for note in notes:
        at = loaded.get(note.base)
        if note.kind == NoteKind.IMAGE:
            made = Image(note.sequence, note.base, note.length, note.id.hex(), note.text)
            if at is not None and _same(images[at], made):
                continue
            for base in _below(made, bases, loaded, images):
                _end(images, loaded.pop(base), note.sequence)
                del bases[bisect_left(bases, base)]
            insort(bases, note.base)
            loaded[note.base] = len(images)
            images.append(made)
        elif note.kind == NoteKind.UNLOADED and at is not None:
            _end(images, loaded.pop(note.base), note.sequence)
            del bases[bisect_left(bases, note.base)]
    return tuple(images)


def _below(made: Image, bases: list[int], loaded: dict[int, int], images: list[Image]) -> list[int]:
    """Give the bases of what lies where an image comes to lie: it, or what begins before its end."""
    first = max(bisect_right(bases, made.base) - 1, 0)
    behind = bisect_left(bases, made.base + made.length)
    near = bases[first : max(behind, bisect_right(bases, made.base))]
    return [base for base in near if base == made.base or _overlap(images[loaded[base]], made)]


def _same(one: Image, other: Image) -> bool:
    return (one.path, one.id, one.length) == (other.path, other.id, other.length)


def _overlap(one: Image, other: Image) -> bool:
    return one.base < other.base + other.length and other.base < one.base + one.length


def _end(images: list[Image], at: int, sequence: int) -> None:
    images[at] = replace(images[at], until=sequence)


def images_at(images: Sequence[Image], asked: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Image]:
    """Find what was loaded at each of these addresses and sequences, as far as anything was."""
    changes = []
    for at, image in enumerate(images):
        if image.until is None or image.since < image.until:
            changes.append((image.since, 1, at))
            changes += [] if image.until is None else [(image.until, 0, at)]
    changes.sort(reverse=True)
    loaded, bases = dict[int, Image](), list[int]()
    found = {}
    for address, sequence in sorted(asked, key=lambda one: one[1]):
        while changes and changes[-1][0] <= sequence:
            _, comes, at = changes.pop()
            _change(images[at], loaded, bases, comes=bool(comes))
        at = bisect_right(bases, address) - 1
        if at >= 0 and (image := loaded[bases[at]]).holds(address, sequence):
            found[address, sequence] = image
    return found


def _change(image: Image, loaded: dict[int, Image], bases: list[int], *, comes: bool) -> None:
    if comes and image.base not in loaded:
        insort(bases, image.base)
    if comes:
        loaded[image.base] = image
    elif loaded.get(image.base) is image:
        del loaded[image.base]
        del bases[bisect_left(bases, image.base)]


PT_LOAD, PT_NOTE, NT_GNU_BUILD_ID = 1, 4, 3
PAGE = 4096
LC_SEGMENT_64, LC_UUID = 0x19, 0x1B
MH_MAGIC_64, FAT_MAGIC = b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe"
READ_MAX = 1 << 20
"""Headers and notes lie within so many bytes."""


class ImageFile(NamedTuple):
    """One image: its id in hex digits, and the address that its first byte is linked to."""

    id: str
    first: int


def read_image_file(path: str) -> list[ImageFile]:
    """Read what images a file holds: several for a universal binary, none if it is no image or not there."""
    try:
        with open_regular(path) as file:  # a ledger may name a pipe
            data = file.read(READ_MAX)
            if data[:4] == FAT_MAGIC:
                return [found for part in _slices(data) for found in _mach_o(_at(file, part))]
        return list(_elf(data)) if data[:4] == b"\x7fELF" else list(_mach_o(data))
    except (OSError, struct.error, ValueError):
        return []


def _at(file: BinaryIO, offset: int) -> bytes:
    file.seek(offset)
    return file.read(READ_MAX)


def _slices(data: bytes) -> Iterator[int]:
    (count,) = struct.unpack_from(">I", data, 4)
    for at in range(min(count, 16)):
        yield struct.unpack_from(">5I", data, 8 + 20 * at)[2]


def _mach_o(data: bytes) -> Iterator[ImageFile]:
    if data[:4] != MH_MAGIC_64:
        return
    (commands,) = struct.unpack_from("<I", data, 16)
    at, identity, first = 32, "", 0
    for _ in range(commands):
        command, size = struct.unpack_from("<II", data, at)
        if command == LC_UUID:
            identity = data[at + 8 : at + 24].hex()
        elif command == LC_SEGMENT_64 and data[at + 8 : at + 24].rstrip(b"\0") == b"__TEXT":
            (first,) = struct.unpack_from("<Q", data, at + 24)
        at += max(size, 8)
    yield ImageFile(identity, first)


def _elf(data: bytes) -> Iterator[ImageFile]:
    (table,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    identity, first = "", None
    for at in range(count):
        kind, _, offset, address, _, length, *_ = struct.unpack_from("<IIQQQQ", data, table + at * size)
        if kind == PT_LOAD:
            lowest = address // PAGE * PAGE
            first = lowest if first is None else min(first, lowest)
        elif kind == PT_NOTE and not identity:
            identity = _build_id(data[offset : offset + length])
    yield ImageFile(identity, first or 0)


def _build_id(notes: bytes) -> str:
    at = 0
    while at + 12 <= len(notes):
        name, body, kind = struct.unpack_from("<III", notes, at)
        begin = at + 12 + (name + 3) // 4 * 4
        if kind == NT_GNU_BUILD_ID and notes[at + 12 : at + 16] == b"GNU\0":
            return notes[begin : begin + body].hex()
        at = begin + (body + 3) // 4 * 4
    return ""
