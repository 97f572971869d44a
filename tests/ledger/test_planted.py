"""A planted leak among thousands of balanced uses: the right stack is named."""

from collections import Counter

import pytest

from portaudit.ledger.pairing import pair
from portaudit.ledger.read import read_ledger
from portaudit.ledger.stacks import Stacks
from portaudit.ledger.symbols import Symbolizer

pytestmark = pytest.mark.whole


def kept_by_place(path):
    """Count the references that the ledger leaves by the function that asked for them."""
    ledger, symbols = read_ledger(path), Symbolizer()
    stacks = Stacks(ledger)
    functions = stacks.functions({event.stack for event in ledger.events}, symbols)
    kept: Counter[int] = Counter()
    for held in pair(ledger, ledger.events, functions).held.values():
        for source, sequences in held.open.items():
            kept[source.stack] += len(sequences)
    named = stacks.resolved(kept, symbols)
    places: Counter[str | None] = Counter()
    for stack, count in kept.items():
        places[named[stack][1].symbol] += count
    return places


@pytest.mark.parametrize("seed", range(6))
def test_a_leak_is_put_on_the_place_that_leaks(programs, tmp_path, seed):
    """Four threads, twelve places, one helper for all; the other eleven give all of theirs back, late.

    `python -m tests.ledger.planted 100` plays a hundred.
    """
    ran = programs.run("planted", seed, 4, 2000, ledger=tmp_path / "l", events=60_000)

    assert kept_by_place(tmp_path / "l") == {"leaks": int(ran.out)}
