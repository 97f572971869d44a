"""Stacks of a ledger as frames: addresses in images, and then functions and lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from portaudit.ledger.images import images_at
from portaudit.model.ledger import Frame, Stack

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

    from portaudit.model.ledger import Image, Ledger


class Address(NamedTuple):
    """A return address in an image, from its beginning."""

    image: Image
    offset: int


class Symbol(NamedTuple):
    """A function, and the line in it."""

    name: str
    file: str | None
    line: int | None


class Resolve(Protocol):
    """Turns addresses into symbols: several for one where functions were inlined, the innermost first."""

    def __call__(
        self, ledger: Ledger, addresses: Iterable[Address], /
    ) -> Mapping[Address, tuple[Symbol, ...]]:
        """Give the symbols of those addresses that are known."""


class Stacks:
    """The stacks of one ledger. An image is that which was there when the stack was first seen."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._first: dict[int, int] = {}
        for event in ledger.events:
            self._first.setdefault(event.stack, event.sequence)

    def resolved(self, wanted: Iterable[int], resolve: Resolve) -> dict[int, Stack]:
        """Give these stacks with what `resolve` knows of them."""
        places = self._places(wanted)
        addresses = {place for found in places.values() for place in found if isinstance(place, Address)}
        symbols = resolve(self._ledger, sorted(addresses, key=lambda one: (one.image.path, one.offset)))
        return {
            stack: tuple(frame for place in found for frame in _frames(place, symbols))
            for stack, found in places.items()
        }

    def functions(self, wanted: Iterable[int], resolve: Resolve) -> dict[int, Hashable]:
        """Say of each return address in these stacks which function it lies in, as far as that is known."""
        addresses = {
            place: address
            for stack, places in self._places(wanted).items()
            for place, address in zip(places, self._ledger.stacks[stack], strict=True)
            if isinstance(place, Address)
        }
        ordered = sorted(addresses, key=lambda one: (one.image.path, one.offset))
        return {
            addresses[place]: (place.image.path, symbols[-1].name)
            for place, symbols in resolve(self._ledger, ordered).items()
        }

    def _places(self, wanted: Iterable[int]) -> dict[int, list[Address | int]]:
        # The call before the return address: a function that ends with a call would else be its neighbour
        stacks = {stack: self._first.get(stack, 0) for stack in wanted}
        asked = {
            (address - 1, first) for stack, first in stacks.items() for address in self._ledger.stacks[stack]
        }
        images = images_at(self._ledger.images, asked)
        return {
            stack: [
                _place(address, images.get((address - 1, first))) for address in self._ledger.stacks[stack]
            ]
            for stack, first in stacks.items()
        }


def _place(address: int, image: Image | None) -> Address | int:
    return address if image is None else Address(image, address - image.base)


def _frames(place: Address | int, symbols: Mapping[Address, tuple[Symbol, ...]]) -> Iterable[Frame]:
    if isinstance(place, int):
        return [Frame("", place)]
    image = place.image
    known = symbols.get(place, ())
    if not known:
        return [Frame(image.path, place.offset, image.id)]
    return [Frame(image.path, place.offset, image.id, *symbol) for symbol in known]
