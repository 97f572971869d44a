"""Read guard exceptions out of crash reports, old (crash_text) and new (crash_ips), logs and sentences."""

from dataclasses import dataclass

from portaudit.collect.crash_facts import Facts, event_of, resource_of
from portaudit.collect.crash_ips import ips_reports, read_ips
from portaudit.collect.crash_mentions import mentioned, take_surroundings, wrapped_panic
from portaudit.collect.crash_text import TextReport
from portaudit.collect.not_understood import NotUnderstood
from portaudit.model.guard import GuardEvent
from portaudit.model.resource import ResourceEvent, ZonePanic
from portaudit.model.snapshot import Line


@dataclass(frozen=True, slots=True)
class GuardReading:
    """What a report or log says of guard exceptions, and of resources that ran out."""

    events: tuple[GuardEvent, ...]
    not_understood: tuple[Line, ...] = ()
    declined: str | None = None
    """Why there is nothing of it here; None if there is."""
    resources: tuple[ResourceEvent | ZonePanic, ...] = ()


def read_crash_report(data: bytes) -> GuardReading:
    """Read every guard exception of a crash report (.ips or text, whole or torn out) or a log.

    Never raises: what holds no guard exception says so in `declined`.
    """
    lost = NotUnderstood()
    report = TextReport(data, lost)
    of_today = [fact for before, part in ips_reports(data) if (fact := read_ips(part, before)).type]
    facts = of_today or report.read()
    mentions: list[Facts] = []
    if not report.resources and not any(map(_is_whole, facts)):
        mentions = list(mentioned(data))
        facts = _completed(facts, mentions)
    told = [fact for fact in facts if fact.type or fact.line]
    if len(told) == 1 and not of_today:
        take_surroundings(told[0], data)
    events = tuple(event for fact in facts for event in event_of(fact))
    panics_or_logged = report.resources or wrapped_panic(data)
    resources = (*filter(None, map(resource_of, facts)), *panics_or_logged)
    found = events or resources
    read = {fact.line for fact in mentions}
    not_understood = tuple(line for line in lost.lines() if line.line not in read)
    return GuardReading(events, not_understood, None if found else _why_none(facts, data), resources)


def _is_whole(facts: Facts) -> bool:
    """Whether it is told which exception it was, or that it was another than those that are read here."""
    if facts.type not in (None, "EXC_GUARD", "EXC_RESOURCE"):
        return True
    known = (event.guard and event.flavour for event in event_of(facts))
    resource = resource_of(facts)
    return any(known) or (resource is not None and resource.type is not None)


def _completed(facts: list[Facts], mentions: list[Facts]) -> list[Facts]:
    """Put what a text mentions in passing to the report in it, or take it alone."""
    spoken = [fact for fact in facts if fact.type]
    if len(spoken) == 1 and len(mentions) == 1 and spoken[0].type == mentions[0].type:
        spoken[0].complete(mentions[0])
        return facts
    return mentions or facts


def _why_none(facts: list[Facts], data: bytes) -> str:
    for fact in facts:
        if fact.type and fact.type != "EXC_GUARD":
            return f"this is a report of {fact.type}, not of a guard exception (EXC_GUARD)"
    for fact in facts:
        if fact.frames:
            return (
                f"there is a backtrace, innermost {fact.frames[0]}, but nothing that says which guard: "
                f"the lines Exception Type, Exception Codes and Termination Reason are needed"
            )
    for word in ("EXC_GUARD", "EXC_RESOURCE"):
        if word.encode() in data:
            return (
                f"it speaks of {word} and says neither type nor code: the lines Exception Subtype, Exception "
                f"Codes and Termination Reason of the report are needed, or the line of the kernel's log"
            )
    if b"panic(cpu" in data:
        return "this is a panic of the kernel, and not one for want of memory for ports"
    return "there is no guard exception (EXC_GUARD) in it, and none for ports that ran out (EXC_RESOURCE)"
