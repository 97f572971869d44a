"""A Mach port right auditor: the lsmp that you can diff."""
