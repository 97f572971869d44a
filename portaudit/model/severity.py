"""How bad a finding is, and how sure its cause."""

from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is; notes never fail a check."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    __hash__ = str.__hash__  # as that of Kind


FAIL_ON = tuple(severity.value for severity in Severity)
"""The least severity that may fail a check; note: anything that changed."""


class Confidence(StrEnum):
    """How sure a cause is."""

    CERTAIN = "certain"
    LIKELY = "likely"
    HINT = "hint"

    __hash__ = str.__hash__  # as that of Kind
