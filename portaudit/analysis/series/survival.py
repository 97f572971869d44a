"""Names that stay from every round, told from a pool whose names come and go by any law.

survivors[a] counts the names that came `a` rounds before the last reading and live; departed[a] counts the
names
of the first reading that went in round a + 1. In churn that is in balance both have the same mean for every
`a`,
whatever the law of the lives: births a round, times the share that outlives `a` rounds. That mean never
rises with
`a`. A leak adds the same to every survivors[a], to the oldest as well, and nothing to departed[a]. The
score is the
logarithm of the likelihood ratio between "a leak beside churn" and "churn alone".
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, exp, inf, lgamma, log, sqrt

Limits = tuple[tuple[int, float], ...]
"""(rounds at least, limit): the last that speaks of so many rounds counts; of fewer, none is enough."""

EACH_ROUND: Limits = ((5, 9.0), (7, 8.5), (9, 7.0), (15, 6.0))
"""Scores that a leak in nearly each round must reach: just above the largest of 1,500 healthy series."""

SOME_ROUNDS: Limits = ((10, 8.0), (15, 6.5))
"""The same for a leak in fewer rounds than OFTEN; it is not told of fewer than ten rounds."""

OFTEN = 0.8
"""Share of the rounds from which on a leak is called one of each round."""

CLASSES = 20
"""Each class that moves is a chance for a false alarm; the limits are for so many, and fall where there are
fewer."""

EVENTS = 4
"""Rounds that must leak where not each does."""

GROWTH = 0.5
"""Of what is said to have leaked the class must have grown by this share: a pool of a constant size has
not."""

SIGMA = 2.0
"""Standard deviations of what came and went by which a busy class may have grown less than what leaked."""

LEAST_MEAN = 0.02
"""Names a round: a mean of 0 would make anything impossible that happens once."""

STEPS = 8
"""Steps of the estimate, which changes no more after a few."""


@dataclass(frozen=True, slots=True)
class Lives:
    """The names of one class through a series, by the rounds in which they came and went."""

    survivors: tuple[int, ...]
    """By age at the end, the youngest first."""
    departed: tuple[int, ...]
    """Of those that stood in the first reading, by round."""


@dataclass(frozen=True, slots=True)
class Leak:
    """What is likeliest to have leaked beside the churn of a class."""

    count: int
    """Names that a leaking round leaves."""
    share: float
    """Share of the rounds that leak."""
    score: float
    """Logarithm of the likelihood ratio against churn alone."""

    @property
    def rate(self) -> float:
        """Names a round."""
        return self.count * self.share


def lives_of(rows: Sequence[Sequence[int]]) -> Lives:
    """Count the survivors and the departed among the references of rows, in each reading."""
    rounds = len(rows[0]) - 1 if rows else 0
    survivors, departed = [0] * rounds, [0] * rounds
    for numbers in rows:
        if 0 not in numbers:
            continue
        if numbers[-1]:
            survivors[numbers[::-1].index(0) - 1] += 1
        if numbers[0]:
            departed[numbers.index(0) - 1] += 1
    return Lives(tuple(survivors), tuple(departed))


def leak_of(lives: Lives, moving: int) -> Leak | None:
    """Give the leak that a class shows; None where churn explains it. `moving`: classes that move."""
    if not (_is_steady(lives) and _is_spread(lives, 1)):
        return None  # before the likeliest is looked for, which takes its time
    best = likeliest(lives)
    rounds = len(lives.survivors)
    if best is None or best.score < _limit(best, lives, rounds) + ease(moving):
        return None
    return best if _is_spread(lives, best.count) and _has_grown(lives, best) else None


def ease(moving: int) -> float:
    """Give by how much limits change where fewer classes move than they were made for: never above 0."""
    return min(0.0, log(max(1, moving) / CLASSES))


def _limit(leak: Leak, lives: Lives, rounds: int) -> float:
    return limit(EACH_ROUND if _is_each(lives, leak.count) else SOME_ROUNDS, rounds)


def limit(table: Limits, rounds: int) -> float:
    """Give the limit for so many rounds; infinity where the table says that they are too few."""
    return next((value for least, value in reversed(table) if rounds >= least), inf)


def _is_each(lives: Lives, count: int) -> bool:
    return sum(number >= count for number in lives.survivors) >= OFTEN * len(lives.survivors)


def _is_steady(lives: Lives) -> bool:
    """Whether the older half leaves no more than the younger: a cache that fills leaves less and less."""
    half = len(lives.survivors) // 2
    young, old = sum(lives.survivors[:half]), sum(lives.survivors[len(lives.survivors) - half :])
    return old <= young + sqrt(young)


def _is_spread(lives: Lives, count: int) -> bool:
    """Whether each third of the rounds leaks, and the oldest sixth: what a trigger opens may live long."""
    rounds = len(lives.survivors)
    parts = [lives.survivors[place * rounds // 3 : (place + 1) * rounds // 3] for place in range(3)]
    parts.append(lives.survivors[rounds - ceil(rounds / 6) :])
    return all(any(number >= count for number in part) for part in parts)


def _has_grown(lives: Lives, leak: Leak) -> bool:
    came, went = sum(lives.survivors), sum(lives.departed)
    leaked = leak.rate * len(lives.survivors)
    return came - went >= min(GROWTH * leaked, leaked - SIGMA * sqrt(came + went + 1))


def likeliest(lives: Lives) -> Leak | None:
    """Give the leak with the highest score, whatever the score is; None where no name survives."""
    return max(_possible(lives), key=lambda leak: leak.score, default=None)


def _possible(lives: Lives) -> Iterator[Leak]:
    both = [young + gone for young, gone in zip(lives.survivors, lives.departed, strict=True)]
    churn = falling([number / 2 for number in both])
    alone = sum(
        log_poisson(young, mean) + log_poisson(gone, mean)
        for young, gone, mean in zip(lives.survivors, lives.departed, churn, strict=True)
    )
    for count in range(1, max(lives.survivors, default=0) + 1):
        each = _is_each(lives, count)
        events = sum(number >= count for number in lives.survivors)
        if not each and (count > 1 or events < EVENTS):
            return
        share, beside = _beside_churn(lives, both, count)
        yield Leak(count, 1.0 if share > 0.99 else share, beside - alone)  # noqa: PLR2004  as good as each


def _beside_churn(lives: Lives, both: list[int], count: int) -> tuple[float, float]:
    """Give the share of rounds that leak `count` names each, and the log likelihood with it."""
    share, total = 0.9, -inf
    leaks = [min(1.0, number / count) for number in lives.survivors]
    for _ in range(STEPS):
        means = falling([(n - count * z) / 2 for n, z in zip(both, leaks, strict=True)])
        leaks, total = [], 0.0
        for young, gone, mean in zip(lives.survivors, lives.departed, means, strict=True):
            leaking = log(share) + log_poisson(young - count, mean) if young >= count else -inf
            quiet = log(1 - share) + log_poisson(young, mean)
            top = max(leaking, quiet)
            either = top + log(exp(leaking - top) + exp(quiet - top))
            leaks.append(exp(leaking - either))
            total += either + log_poisson(gone, mean)
        share = min(0.995, max(0.02, sum(leaks) / len(leaks)))
    return share, total


def falling(values: Sequence[float]) -> list[float]:
    """Give the nearest numbers that never rise (isotonic regression, by pooling adjacent violators)."""
    blocks: list[tuple[float, int]] = []
    for value in values:
        mean, size = value, 1
        while blocks and blocks[-1][0] < mean:
            other, weight = blocks.pop()
            mean, size = (other * weight + mean * size) / (weight + size), weight + size
        blocks.append((mean, size))
    return [mean for mean, size in blocks for _ in range(size)]


def log_poisson(count: int, mean: float) -> float:
    """Give the logarithm of the chance of `count` events where `mean` are usual."""
    mean = max(mean, LEAST_MEAN)
    return count * log(mean) - mean - lgamma(count + 1)


def sizes(rows: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """Count the names that are there in each reading, among rows that changed."""
    return tuple(len(rows) - reading.count(0) for reading in zip(*rows, strict=True))


def steps(numbers: Sequence[int]) -> tuple[int, ...]:
    """Give the change in each round."""
    return tuple(after - before for before, after in pairwise(numbers))
