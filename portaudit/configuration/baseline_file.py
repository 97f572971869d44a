"""The baseline file: JSON that a person fills the reasons into, one entry a fingerprint."""

from dataclasses import dataclass, fields
from typing import Annotated, Any

import msgspec

from portaudit.errors import BaselineFileError
from portaudit.model.check import Accepted, Baseline

FORMAT = "portaudit-baseline/1"

Times = Annotated[int, msgspec.Meta(ge=1)]


@dataclass(frozen=True, slots=True)
class _Known:
    """An entry of the file, in the order that a person reads it: what, where, how often, why."""

    rule: str
    title: str
    fingerprint: str
    role: str | None = None
    kobject: str | None = None
    description: str | None = None
    peer: str | None = None
    count: Times = 1
    amount: Times | None = None
    rate: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Document:
    format: str
    accepted: tuple[_Known, ...]


@dataclass(frozen=True, slots=True)
class _Header:
    format: str


COLUMNS = [field.name for field in fields(_Known)]


def decode_baseline(data: bytes, called: str) -> Baseline:
    """Read a baseline file that messages call so. Raises BaselineFileError, with the place, if it is none."""
    try:
        header = msgspec.json.decode(data, type=_Header)
        if header.format != FORMAT:
            raise BaselineFileError(
                f"{called} has the format {header.format!r}, and this version reads {FORMAT!r}"
            )
        document = msgspec.json.decode(data, type=_Document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BaselineFileError(f"{called} is no baseline: {error}") from error
    accepted = ({column: getattr(one, column) for column in COLUMNS} for one in document.accepted)
    return Baseline(tuple(Accepted(**one) for one in accepted), called)


def encode_baseline(baseline: Baseline) -> bytes:
    """Write a baseline as its file holds it: sorted, so that two recordings differ only in what changed."""
    ordered = sorted(
        baseline.accepted, key=lambda one: (one.rule, one.role or "", one.kobject or "", one.fingerprint)
    )
    known = (_Known(**{column: _plain(getattr(one, column)) for column in COLUMNS}) for one in ordered)
    document = _Document(FORMAT, tuple(known))
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def _plain(value: Any) -> Any:  # noqa: ANN401  a text or a number
    # Names come from the machine; half a surrogate pair is in no JSON
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value
