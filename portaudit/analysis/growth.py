"""From readings to growth: references of each class, since the beginning and a minute."""

from collections import Counter, deque
from collections.abc import Iterator

from portaudit.model.rights import RIGHTS_MASK, Right, rights_of
from portaudit.model.snapshot import Entries
from portaudit.model.watch import ClassGrowth

ClassKey = tuple[Right, int | None]
WINDOW = 60
"""Readings that a rate is made of."""
ENOUGH = 10
"""Fewer readings give no rate: one port that comes would make 60 a minute of a second."""
SHOWN = 20
"""Numbers of a sparkline."""
COUNTED = (Right.SEND, Right.DEAD_NAME)


def references_of(entries: Entries) -> tuple[Counter[ClassKey], Counter[ClassKey]]:
    """Count references and names of each class of a space."""
    alike = Counter(zip(map(RIGHTS_MASK.__and__, entries.type), entries.kobject, entries.urefs, strict=True))
    references: Counter[ClassKey] = Counter()
    counted: Counter[ClassKey] = Counter()
    for (bits, kobject, urefs), number in alike.items():
        for right in rights_of(bits):
            counted[right, kobject] += number
            references[right, kobject] += number * ((urefs or 0) if right in COUNTED else 1)
    return references, counted


class Growth:
    """The references of each class of one process, reading after reading; it never grows itself."""

    def __init__(self) -> None:
        self._first: Counter[ClassKey] | None = None
        self._window: deque[tuple[float, Counter[ClassKey]]] = deque(maxlen=WINDOW)
        self._names: Counter[ClassKey] = Counter()
        self._counted: object = None

    def add(self, moment: float, entries: Entries) -> bool:
        """Take in a reading, its moment in seconds; gives whether a class has changed."""
        columns = entries.type, entries.kobject, entries.urefs
        if columns == self._counted:
            references = self._window[-1][1]
        else:
            references, self._names = references_of(entries)
            self._counted = columns
        changed = not self._window or references != self._window[-1][1]
        if self._first is None:
            self._first = references
        self._window.append((moment, references))
        return changed

    def classes(self) -> tuple[ClassGrowth, ...]:
        """Give every class that there is or was, the fastest growing first."""
        return tuple(sorted(self._classes(), key=_fastest_first))

    def _classes(self) -> Iterator[ClassGrowth]:
        if self._first is None:
            return
        now = self._window[-1][1]
        for key in {**now, **self._first}:
            recent = [references[key] for _, references in self._window]
            yield ClassGrowth(
                *key,
                self._names[key],
                now[key],
                now[key] - self._first[key],
                self._rate(recent),
                tuple(recent[-SHOWN:]),
            )

    def _rate(self, recent: list[int]) -> float | None:
        seconds = self._window[-1][0] - self._window[0][0]
        if len(recent) < ENOUGH or seconds <= 0:
            return None
        return (recent[-1] - recent[0]) * 60 / seconds


def _fastest_first(growth: ClassGrowth) -> tuple[float, int, str, int]:
    return -(growth.rate or 0), -growth.change, growth.right, growth.kobject or 0
