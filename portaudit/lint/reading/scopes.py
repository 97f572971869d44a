"""Which variable a name means, block by block."""

from __future__ import annotations

from dataclasses import dataclass, field

from portaudit.lint.program import Place


@dataclass(slots=True)
class Scopes:
    """The variables in sight; one that hides another of its name is another place."""

    stack: list[dict[str, Place]] = field(default_factory=lambda: [{}])
    declared: dict[str, int] = field(default_factory=dict)
    twins: dict[tuple[int, str], Place] = field(default_factory=dict)
    """What another branch of the preprocessor has declared here: the same variable, written twice."""

    def open(self) -> None:
        """Begin a block."""
        self.stack.append({})

    def close(self) -> None:
        """End the innermost block."""
        self.stack.pop()

    def declare(self, name: str, *, local: bool) -> Place:
        """Make a variable known; a local one ends with the function."""
        place = self.twins.get((len(self.stack), name))
        if place is None or place.local is not local:
            number = self.declared.get(name, 0)
            self.declared[name] = number + 1
            place = Place(f"{name}'{number}" if number else name, local)
        self.stack[-1][name] = place
        return place

    def in_sight(self) -> dict[str, Place]:
        """Give the variables of the innermost block."""
        return dict(self.stack[-1])

    def declared_since(self, before: dict[str, Place]) -> dict[tuple[int, str], Place]:
        """Give what the innermost block has got since then, for the branch that stands in its place."""
        depth = len(self.stack)
        return {(depth, name): place for name, place in self.stack[-1].items() if before.get(name) != place}

    def find(self, name: str) -> Place:
        """Give the variable of this name; one that is not declared here does not end here."""
        return next((scope[name] for scope in reversed(self.stack) if name in scope), Place(name))
