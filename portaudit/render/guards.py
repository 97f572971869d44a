"""Decoded guard and resource exceptions for people, and for programs."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from portaudit.harmless import safe
from portaudit.model.guard import Decoded, DecodedEvent, Joined
from portaudit.model.resource import DecodedResource, LargestKinds
from portaudit.render.json_text import json_text
from portaudit.render.style import Style, hang
from portaudit.render.words import counted, name

FORMAT = "portaudit-guards/1"

LABELS = {
    "declined": "Declined",
    "flavour": "Flavour",
    "payload": "Payload",
    "mistake": "Means",
    "call": "Call",
    "happened": "Here",
    "third_party": "Third party",
    "platform": "Platform",
    "cause": "Likely",
    "fix": "Fix",
    "otherwise": "Or",
}
RESOURCE_LABELS = {
    "declined": "Declined",
    "resource": "Resource",
    "meaning": "Means",
    "number": "Names",
    "thread": "Thread",
    "happened": "Here",
    "full": "Full at",
    "next": "Next",
    "otherwise": "Or",
}
LABEL_COLUMNS = 13


def text(decoded: Decoded, style: Style) -> str:
    """Print each guard exception: what it is, what the call did wrong, who is killed for it, the fix."""
    blocks = ["\n".join(_event(event, style)) for event in decoded.events]
    blocks += ["\n".join(_resource(resource, style)) for resource in decoded.resources]
    if decoded.not_understood:
        lines = (f"  line {line.line}: {safe(line.text)}" for line in decoded.not_understood)
        blocks.append("\n".join((f"{counted(len(decoded.not_understood), 'line')} not understood:", *lines)))
    return "\n\n".join(blocks) + "\n"


def _event(decoded: DecodedEvent, style: Style) -> Iterator[str]:
    words = decoded.description
    yield safe(words.title, 1000)
    yield from _told(words, LABELS, style)
    for contradiction in words.contradictions:
        yield from _labelled("Note", contradiction, style)
    for joined in decoded.joined:
        yield from _labelled("Snapshot", _row(joined), style)


def _told(words: object, labels: dict[str, str], style: Style) -> Iterator[str]:
    for field, label in labels.items():
        told = getattr(words, field)
        if told:
            yield from _labelled(label, told, style)


def _resource(decoded: DecodedResource, style: Style) -> Iterator[str]:
    yield safe(decoded.description.title, 1000)
    yield from _told(decoded.description, RESOURCE_LABELS, style)
    for largest in decoded.largest:
        yield from _labelled("Snapshot", _kinds(largest), style)


def _kinds(largest: LargestKinds) -> str:
    kinds = ", ".join(f"{kind.names:,} {kind.kind}" for kind in largest.kinds)
    return f"{largest.task.title} has {counted(largest.names, 'name')}; most of them: {kinds or 'none'}"


def _labelled(label: str, text: str, style: Style) -> Iterator[str]:
    return hang(f"    {label + ':':<{LABEL_COLUMNS}}", safe(text, 2000), style.width)


def _row(joined: Joined) -> str:
    title = safe(joined.task.title)
    if joined.entry is None:
        return f"{title} has no such name: it was gone when the snapshot was taken"
    entry = joined.entry
    kind = f" {entry.kobject_label}" if entry.kobject_label else ""
    return f"{title} {name(entry.name)} {','.join(entry.rights)}{kind}, {entry.urefs} user references"


def document(decoded: Decoded, _style: Style) -> str:
    """Give the guard exceptions as JSON."""
    return json_text(
        {
            "format": FORMAT,
            "events": [_as_json(event) for event in decoded.events],
            "resources": [_resource_as_json(resource) for resource in decoded.resources],
            "not_understood": [asdict(line) for line in decoded.not_understood],
        }
    )


def _as_json(decoded: DecodedEvent) -> dict[str, Any]:
    event = decoded.event
    return {
        "guard": event.guard,
        "flavour": event.flavour,
        "target": event.target,
        "payload": event.payload,
        "code": None if event.code is None else f"0x{event.code:016x}",
        "process": event.process,
        "pid": event.pid,
        "killed": event.killed,
        "fatal": event.fatal,
        "words": asdict(decoded.description),
        "in_snapshot": [_joined(joined) for joined in decoded.joined],
    }


def _resource_as_json(decoded: DecodedResource) -> dict[str, Any]:
    return {
        **asdict(decoded.event),
        "words": asdict(decoded.description),
        "in_snapshot": [
            {
                "role": largest.task.role,
                "pid": largest.task.process.pid,
                "process": largest.task.process.name,
                "names": largest.names,
                "largest": [asdict(kind) for kind in largest.kinds],
            }
            for largest in decoded.largest
        ],
    }


def _joined(joined: Joined) -> dict[str, Any]:
    entry = joined.entry
    return {
        "role": joined.task.role,
        "pid": joined.task.process.pid,
        "process": joined.task.process.name,
        "rights": list(entry.rights) if entry else None,
        "urefs": entry.urefs if entry else None,
        "kobject": entry.kobject_label if entry else None,
    }
