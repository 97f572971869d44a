"""A watch for people and programs: a table that is drawn in place, lines with a time, or JSON lines."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from portaudit.harmless import safe
from portaudit.model.kobject import label_of
from portaudit.model.watch import ClassGrowth, WatchState
from portaudit.render.json_text import json_text
from portaudit.render.style import aligned, hang
from portaudit.render.words import counted, moment

FORMAT = "portaudit-watch/1"
BLOCKS = "▁▂▃▄▅▆▇█"
CLASSES_SHOWN = 12
"""Classes of one process that a table has room for."""
HEADERS = ("class", " names", "  refs", "change", "           rate", "")
CLASSES_TOLD = 4
"""Classes that a line names."""


def table(states: Iterable[WatchState], width: int) -> str:
    """Draw all processes: growth of each class since the beginning, a sparkline, the rate a minute."""
    lines = [line for state in states for line in _block(state, width)]
    return "\n".join(lines) + "\n"


def _block(state: WatchState, width: int) -> Iterator[str]:
    names = "not read" if state.names is None else counted(state.names, "name")
    over = f"  {safe(state.over, 1000)}" if state.over else ""
    title = f"{moment(state.time)}  {_title(state)}  {names}  {counted(state.readings, 'reading')}{over}"
    yield from hang("", title, width)
    if state.left_out:
        yield from hang("    ", _left_out(state), width)
    shown = state.classes[:CLASSES_SHOWN]
    if shown:
        yield from aligned([HEADERS, *map(_cells, shown)], width)
    if len(shown) < len(state.classes):
        yield f"    ... and {len(state.classes) - len(shown)} more that grow less"


def _left_out(state: WatchState) -> str:
    return f"not counted: {safe(state.left_out or '', 1000)}" if state.left_out else ""


def _title(state: WatchState) -> str:
    return f"{safe(state.process.name or 'process')} ({state.process.pid})"


def _cells(growth: ClassGrowth) -> tuple[str, ...]:
    return (
        growth.label,
        f"{growth.names:>6}",
        f"{growth.references:>6}",
        f"{growth.change:>+6}" if growth.change else f"{0:>6}",
        f"{_rate(growth):>15}",
        sparkline(growth.recent),
    )


def _rate(growth: ClassGrowth) -> str:
    return "" if growth.rate is None else f"{growth.rate:+.1f} a minute" if growth.rate else "0 a minute"


def sparkline(values: tuple[int, ...]) -> str:
    """Draw numbers as blocks between their least and their greatest; a flat line stays low."""
    low, high = min(values, default=0), max(values, default=0)
    steps = len(BLOCKS) - 1
    return "".join(BLOCKS[(value - low) * steps // (high - low) if high > low else 0] for value in values)


def line(state: WatchState) -> str:
    """Say one process at one look in a line: what has changed since the beginning, most first."""
    grown = [growth for growth in state.classes if growth.change]
    grown.sort(key=lambda growth: -abs(growth.change))
    told = [
        f"{growth.label} {growth.references} ({growth.change:+d}{_pace(growth)})"
        for growth in grown[:CLASSES_TOLD]
    ]
    names = "not read" if state.names is None else counted(state.names, "name")
    parts = (moment(state.time), _title(state), names, *told, _left_out(state), safe(state.over or "", 1000))
    return "  ".join(filter(None, parts))


def _pace(growth: ClassGrowth) -> str:
    return f", {growth.rate:+.1f} a minute" if growth.rate else ""


def alarms(state: WatchState) -> Iterator[str]:
    """Say what rang, and which files were kept."""
    for alarm in state.alarms:
        growth = alarm.growth
        kept = f"; kept: portaudit diff {' '.join(map(safe, alarm.files))}" if alarm.files else ""
        yield f"{moment(state.time)}  ALARM  {_title(state)}  {growth.label}{_pace(growth)}{kept}"


def _class(growth: ClassGrowth) -> dict[str, Any]:
    columns: dict[str, Any] = msgspec.to_builtins(growth)
    return columns | {"kobject": label_of(growth.kobject), "class": growth.label}


def as_json(state: WatchState) -> str:
    """Give one process at one look as one line of JSON."""
    document = {
        "format": FORMAT,
        "time": state.time,
        "pid": state.process.pid,
        "process": state.process.name,
        "names": state.names,
        "readings": state.readings,
        "over": state.over,
        "unread": state.unread,
        "left_out": state.left_out,
        "classes": [_class(growth) for growth in state.classes],
        "alarms": [{"class": alarm.growth.label, "files": alarm.files} for alarm in state.alarms],
    }
    return json_text(document, indent=0)
