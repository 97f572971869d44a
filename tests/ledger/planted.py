"""Plays the planted leak for many seeds, and prints how many were right: tests.ledger.planted [SEEDS]."""

import sys
import tempfile
from pathlib import Path

from tests.ledger.programs import build_programs
from tests.ledger.test_planted import kept_by_place


def main(seeds: int) -> int:
    """Say how often all references were put on the place that leaks them."""
    right = 0
    with tempfile.TemporaryDirectory() as folder:
        programs = build_programs(Path(folder))
        for seed in range(seeds):
            ledger = Path(folder) / f"l{seed}"
            ran = programs.run("planted", seed, 4, 2000, ledger=ledger, events=60_000)
            right += kept_by_place(ledger) == {"leaks": int(ran.out)}
            ledger.unlink()
    sys.stdout.write(f"{right} of {seeds}\n")
    return 0 if right >= seeds * 0.99 else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
