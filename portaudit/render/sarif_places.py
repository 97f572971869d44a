"""Where something is, as SARIF 2.1.0 says it: files as URIs, and the stacks of a ledger."""

from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from portaudit.model.finding import Finding
from portaudit.model.ledger import Frame
from portaudit.render.facts import sentence
from portaudit.render.origins import stacks_of

Json = dict[str, Any]


def uri(path: str) -> str:
    """Write a path as a URI: relative as it is, or file://; every odd byte is spelled %XX."""
    spelled = quote(PurePath(path).as_posix().encode("utf-8", "backslashreplace"))
    return f"file://{spelled}" if PurePath(path).is_absolute() else spelled


def stacks(finding: Finding) -> Json:
    """Give the stacks of a ledger, and as code flows, outermost first, what of them has lines."""
    told = [
        (sentence(heading), [frame for frame in stack if frame.image])
        for heading, stack in stacks_of(finding)
    ]
    flows = [(heading, [frame for frame in stack if frame.line]) for heading, stack in told]
    found: Json = {}
    if any(stack for _, stack in told):
        found["stacks"] = [
            {"message": {"text": heading}, "frames": [_frame(frame) for frame in stack]}
            for heading, stack in told
        ]
    if any(stack for _, stack in flows):
        found["codeFlows"] = [
            {
                "message": {"text": heading},
                "threadFlows": [{"locations": [{"location": _line(frame)} for frame in reversed(stack)]}],
            }
            for heading, stack in flows
            if stack
        ]
    return found


def _frame(frame: Frame) -> Json:
    told: Json = {"module": sentence(frame.image_name)}
    return told | {"location": _line(frame)}


def _line(frame: Frame) -> Json:
    location: Json = {"message": {"text": sentence(str(frame))}}
    if frame.file:
        location["physicalLocation"] = {
            "artifactLocation": {"uri": uri(frame.file)},
            "region": {"startLine": frame.line or 1},
        }
    return location
