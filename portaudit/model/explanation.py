"""A rule at length: what a finding of it means, why it happens, how to mend it and how to make sure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ExampleRow:
    """One row of an example: what a snapshot would hold."""

    task: str
    name: str
    right: str
    urefs: int
    object: str
    """`host` for the host's own port."""
    kobject: str
    description: str | None = None
    peer: str | None = None
    queued: int | None = None
    queue_limit: int | None = None
    make_send: int | None = None
    has_senders: bool | None = None
    in_set: bool | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The texts of one rule, short ones first."""

    id: str
    title: str
    cause: str
    fix: str
    derived: bool
    """Whether the rule comes from XNU's source alone, and was not seen on a Mac yet."""
    meaning: str
    before: tuple[ExampleRow, ...]
    after: tuple[ExampleRow, ...]
    causes: tuple[str, ...]
    c: str
    objective_c: str
    swift: str
    cases: tuple[str, ...]
    """Real cases: address, colon, what happened."""
    versions: str
    """Where versions of macOS differ."""
    lldb: tuple[str, ...]
    """Commands that show who takes and who releases; NAME stands for the port's name."""
