"""The JSON Schemas of what portaudit prints, as they are published."""

from importlib import resources

SCHEMAS = {name: f"portaudit-{name}-1.schema.json" for name in ("check", "diff", "lint", "rows")}
"""What is described -> the file here that describes it."""


def published(name: str) -> str:
    """Give the text of one of the SCHEMAS."""
    return resources.files(__name__).joinpath(SCHEMAS[name]).read_text(encoding="utf-8")
