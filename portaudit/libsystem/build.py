"""Building the stand-in for libSystem, which C programs are linked with."""

from pathlib import Path

from portaudit.libsystem import INCLUDE, SOURCE
from portaudit.libsystem.compiler import compile_c

NAME = "libmach.so"


def build_libsystem(folder: Path) -> Path:
    """Build the library into a folder. Raises NoCompiler where that cannot be done."""
    flags = ("-std=gnu11", "-O2", "-g", "-fno-omit-frame-pointer", "-shared", "-fPIC", f"-I{INCLUDE}")
    return compile_c((*flags, str(SOURCE), "-lpthread"), folder / NAME)
