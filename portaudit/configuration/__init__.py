"""What a project declares in pyproject.toml or portaudit.toml, and its baseline file, as values."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portaudit.configuration.baseline_file import decode_baseline, encode_baseline
    from portaudit.configuration.file import read_file
    from portaudit.configuration.search import find_file
    from portaudit.configuration.sections import read_configuration

PLACES = {
    "decode_baseline": "baseline_file",
    "encode_baseline": "baseline_file",
    "find_file": "search",
    "read_configuration": "sections",
    "read_file": "file",
}
"""What is offered -> its module. Imported when it is used: most folders declare nothing."""

__all__ = ["decode_baseline", "encode_baseline", "find_file", "read_configuration", "read_file"]


def __getattr__(name: str) -> Any:  # noqa: ANN401  a module's own type hook
    if name in PLACES:
        return getattr(import_module(f"portaudit.configuration.{PLACES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
