"""Which variable a name means, block by block."""

from __future__ import annotations

from dataclasses import dataclass, field

from portaudit.lint.program import Place


@dataclass(slots=True)
class Scopes:
    """The variables in sight; one that hides another of its name is another place."""

    stack: list[dict[str, Place]] = field(default_factory=lambda: [{}])
    declared: dict[str, int] = field(default_factory=dict)

    def open(self) -> None:
        """Begin a block."""
        self.stack.append({})

    def close(self) -> None:
        """End the innermost block."""
        self.stack.pop()

    def declare(self, name: str, *, local: bool) -> Place:
        """Make a variable known; a local one ends with the function."""
        number = self.declared.get(name, 0)
        self.declared[name] = number + 1
        place = Place(f"{name}'{number}" if number else name, local)
        self.stack[-1][name] = place
        return place

    def find(self, name: str) -> Place:
        """Give the variable of this name; one that is not declared here does not end here."""
        return next((scope[name] for scope in reversed(self.stack) if name in scope), Place(name))
