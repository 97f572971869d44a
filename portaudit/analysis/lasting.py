"""What of a finding is the same in every run and on every machine: no name, no pid, no object id."""

import re
from dataclasses import dataclass, replace
from hashlib import sha256

from portaudit.model.difference import Change
from portaudit.model.finding import Finding, Report
from portaudit.model.rights import Right

RUN_NUMBER = re.compile(r"\b(?:0x[0-9a-fA-F]+|\d+)\b")
"""Numbers that stand alone in a description are pids and addresses; those within a word are its name."""

MESSAGE_QUEUE = "message-queue"
FINGERPRINT_DIGITS = 16


@dataclass(frozen=True, slots=True, order=True)
class Lasting:
    """The class of a row: all of it that lasts. An empty text stands for what is not known."""

    role: str
    kobject: str
    description: str
    peer: str


def lasting(row: Change) -> Lasting:
    """Give what lasts of a row."""
    return Lasting(role_of(row), kind_of(row), RUN_NUMBER.sub("#", row.description or ""), peer_of(row) or "")


def role_of(row: Change) -> str:
    """Give the role of a row's task, or its process name where it has none."""
    return row.role or row.process.name or ""


def kind_of(row: Change) -> str:
    """Give the kobject type of a send right as lsmp spells it, or the kind of any other right."""
    if row.right is not Right.SEND:
        return row.right
    return row.kobject_label or MESSAGE_QUEUE


def peer_of(row: Change) -> str | None:
    """Give the name of the process that receives, where the source told it."""
    peers = (entry.peer for entry in (row.now, row.was) if entry is not None)
    return next((peer.process for peer in peers if peer is not None and peer.process), None)


def fingerprint(finding: Finding) -> str:
    """Give 16 hexadecimal digits: the rule and the classes of its rows, however many rows a class has."""
    classes = sorted({lasting(row) for row in finding.rows})
    parts = [(row.role, row.kobject, row.description, row.peer) for row in classes]
    told = repr((finding.rule, parts)).encode("utf-8", "backslashreplace")
    return sha256(told).hexdigest()[:FINGERPRINT_DIGITS]


def with_fingerprints(report: Report) -> Report:
    """Give the report with the fingerprint of everything found and everything open."""
    return replace(
        report,
        findings=tuple(map(_marked, report.findings)),
        undecided=tuple(map(_marked, report.undecided)),
    )


def _marked(finding: Finding) -> Finding:
    return replace(finding, fingerprint=fingerprint(finding))
