"""What a ledger holds: whose it is, from when, and how often each function gave or took."""

from collections import Counter
from datetime import UTC, datetime

from tabulate import tabulate

from portaudit.harmless import safe
from portaudit.model.ledger import Ledger


def render_ledger(ledger: Ledger) -> str:
    """Say it in a few lines and a table."""
    counts: Counter[tuple[str, str]] = Counter()
    for event in ledger.events:
        kind = "unfinished" if event.begun_only else "refused" if not event.done else ""
        counts[event.function, kind or ("gave" if event.change > 0 else "took")] += 1
    functions = sorted({function for function, _ in counts})
    kinds = ("gave", "took", "refused", "unfinished")
    rows = [[safe(function), *(counts[function, kind] or "" for kind in kinds)] for function in functions]
    began = datetime.fromtimestamp(ledger.started, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    ended = "to its end" if ledger.ended else "which was killed, or still runs"
    threads, stacks = len({event.thread for event in ledger.events}), len(ledger.stacks) - 1
    lines = [
        f"process {ledger.pid}, recorded by {ledger.recorder} on {ledger.architecture} from {began}, {ended}",
        f"{len(ledger.events)} events on {threads} threads, {stacks} stacks, {len(ledger.images)} images",
    ]
    if ledger.dropped:
        lines.append(f"it was full: {ledger.dropped} events are missing")
    return "\n".join([*lines, "", tabulate(rows, ("function", *kinds), "simple")]) + "\n"
