"""What Swift's expressions need of the statements around them: closures that run where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tree_sitter import Node

    from portaudit.lint.program import Expression


class Host(Protocol):
    """What expressions ask of the statements around them."""

    def inline(self, closure: Node) -> Expression:
        """Read the body of a closure that runs here, and give its value."""

    def each(self, node: Node, closure: Node, collection: Expression) -> None:
        """Read a closure that runs for each element."""

    def attempt(self, node: Node) -> None:
        """Note that an error may be thrown here."""

    def nested(self, node: Node) -> None:
        """Note a closure that runs some other time."""

    def block(self, node: Node) -> None:
        """Read a statement that stands where a value is wanted."""
