"""What `portaudit ledger` prints: what a record holds, and which functions give rights and take them."""

from collections import Counter
from datetime import UTC, datetime

from tabulate import tabulate

from portaudit.harmless import safe
from portaudit.model.ledger import Ledger
from portaudit.model.right_calls import (
    EVERYTHING,
    RIGHT_CALLS,
    ByDisposition,
    Effect,
    FromArgument,
    Place,
)


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


def render_right_calls() -> str:
    """List every function with its effects and what one is likely to get wrong."""
    rows = [
        [call.name, "; ".join(map(effect_words, call.effects)), call.kobject or "", call.trap]
        for call in RIGHT_CALLS
    ]
    return (
        tabulate(rows, ("function", "references", "to", "trap"), "simple", maxcolwidths=[None, 38, 14, 44])
        + "\n"
    )


def effect_words(effect: Effect) -> str:
    """Say what a call does to one name."""
    where = {
        Place.RESULT: "the result",
        Place.OUT: f"*{effect.argument}",
        Place.LENT: f"each of *{effect.argument}",
        Place.FILLED: f"each of {effect.argument}",
        Place.GIVEN: effect.argument,
        Place.MESSAGE: "the message's rights",
    }[effect.place]
    even = ", even if refused" if effect.even_refused else ""
    return f"{where}: {_change(effect)}{_kind(effect)}{even}"


def _change(effect: Effect) -> str:
    if effect.place is Place.MESSAGE:
        return "as their dispositions say" if effect.change == 1 else "given back"
    if effect.change == EVERYTHING:
        return "all go"
    if isinstance(effect.change, FromArgument):
        return f"by {effect.change.argument}"
    if isinstance(effect.change, ByDisposition):
        return f"-1 if {effect.change.argument} moves it"
    return f"{effect.change:+d}" if effect.change else "none"


def _kind(effect: Effect) -> str:
    if effect.right is None or isinstance(effect.right, FromArgument | ByDisposition):
        return ""
    return f" {effect.right}"
