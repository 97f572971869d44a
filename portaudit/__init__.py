"""A Mach port right auditor: the lsmp that you can diff."""

__version__ = "0.1.0"
