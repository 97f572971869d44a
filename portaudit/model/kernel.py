"""The kinds of Mach that answer, by the words that name them."""

XNU = "xnu"
"""A Mac's own kernel."""
SIMULATED = "simulated"
"""A Mach kernel in Python."""
GNUMACH = "gnumach"
"""GNU Mach, in QEMU."""
STAND_INS = (SIMULATED, GNUMACH)
"""Kinds that another process serves on a socket: KIND:SOCKET names such a kernel."""
