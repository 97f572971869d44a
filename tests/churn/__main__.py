"""False alarms and misses of portaudit on processes that live: `python -m tests.churn pair|series|close ...`.

python -m tests.churn pair [SEEDS]              a pair of readings, healthy and with faults, all models
python -m tests.churn series [ROUNDS] [SEEDS]   the healthy of all models, and the faults at four levels
python -m tests.churn close [SEEDS]             rounds half a second apart, which are judged as a pair
"""

import sys
import tempfile

from tests.churn.measure import Life, judged, table
from tests.churn.models import LEVELS, MODELS, PAIR, SERIES


def main():
    """Measure, and print the table as it grows."""
    what, *words = sys.argv[1:] or ["pair"]
    numbers = list(map(int, words))
    with tempfile.TemporaryDirectory(prefix="portaudit-churn-") as folder:
        if what == "series":
            rounds, seeds = (*numbers, *(10, 40)[len(numbers) :])
            _print(table(MODELS, (None,), rounds, range(seeds), folder))
            _print(table(LEVELS, SERIES[1:], rounds, range(seeds), folder))
        elif what == "close":
            _print(_close(range(*(numbers or [20])), folder))
        else:
            _print(table(MODELS, PAIR, 1, range(*(numbers or [100])), folder))


def _close(seeds, folder):
    for model in MODELS:
        ended = [judged(Life(model, seed, None, 10, pace=0.5), folder) for seed in seeds]
        noted = sum(
            any("closer than a second" in note for note in document["notes"]) for _, document in ended
        )
        false = sum(status != 0 for status, _ in ended)
        yield f" 10 {model:14} half a second apart   false {false}, noted {noted} of {len(seeds)}"


def _print(lines):
    for line in lines:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
