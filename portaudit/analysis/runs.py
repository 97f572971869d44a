"""Where two ascending lists agree, run by run: slices are compared, not elements."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence


def common_runs(one: Sequence[int], other: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Give each run of numbers that stand in both: its place in the one, in the other, and its length.

    Both lists ascend. What lies between the runs stands in one list only.
    """
    here, there = 0, 0
    while here < len(one) and there < len(other):
        if one[here] == other[there]:
            length = _length(one, here, other, there)
            yield here, there, length
            here, there = here + length, there + length
        elif one[here] < other[there]:
            here = bisect_left(one, other[there], here)
        else:
            there = bisect_left(other, one[here], there)


def _length(one: Sequence[int], here: int, other: Sequence[int], there: int) -> int:
    """Count how far the lists agree from two places on: in steps that double, then halve."""
    most = min(len(one) - here, len(other) - there)
    length, step = 1, 1
    while length + step <= most and _agree(one, here + length, other, there + length, step):
        length, step = length + step, step * 2
    while step:
        if length + step <= most and _agree(one, here + length, other, there + length, step):
            length += step
        step //= 2
    return length


def _agree(one: Sequence[int], here: int, other: Sequence[int], there: int, step: int) -> bool:
    return one[here : here + step] == other[there : there + step]
