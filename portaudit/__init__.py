"""A Mach port right auditor: the lsmp that you can diff.

`audit` audits a block of code; everything else is the command `portaudit`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portaudit.api import PortAudit, PortsOutOfBalance, audit
    from portaudit.version import __version__

__all__ = ["PortAudit", "PortsOutOfBalance", "__version__", "audit"]


def __getattr__(name: str) -> Any:  # noqa: ANN401  a module's own type hook
    # Imported when it is used: `import portaudit` costs nothing
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    module = "portaudit.version" if name == "__version__" else "portaudit.api"
    return getattr(import_module(module), name)
