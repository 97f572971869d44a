"""The lines of a text, one at a time: only a newline ends one, and none is kept."""

from collections.abc import Iterator


class Lines:
    """Iterates over lines and knows where it stands; process names may hold any other separator."""

    def __init__(self, data: bytes) -> None:
        """Stand before the first line."""
        self._data = data
        self.begin = 0
        self.end = -1
        self.number = 0

    def __iter__(self) -> Iterator[bytes]:
        while self.end < len(self._data):
            self._go_to(self.end + 1)
            if self.begin < len(self._data):
                yield self._data[self.begin : self.end]

    def _go_to(self, begin: int) -> None:
        end = self._data.find(b"\n", begin)
        self.begin, self.end = begin, len(self._data) if end < 0 else end
        self.number += 1

    def skip_run(self, end: int, lines: int) -> None:
        """Make the last of so many lines the current one, which ends before this offset."""
        self.begin = self.end = end - 1
        self.number += lines - 1

    def skip_to(self, offset: int) -> None:
        """Make the line that holds this offset the current one."""
        while self.end < offset:
            self._go_to(self.end + 1)
