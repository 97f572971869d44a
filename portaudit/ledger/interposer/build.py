"""Building the interposer with the machine's compiler."""

import sys
from pathlib import Path

from portaudit.ledger.interposer import source
from portaudit.libsystem import INCLUDE
from portaudit.libsystem.compiler import compile_c

FLAGS = ("-std=gnu11", "-O2", "-g", "-fno-omit-frame-pointer", "-fvisibility=hidden")


def library_name() -> str:
    """Name the library as this system does."""
    return "libportaudit_ledger.dylib" if sys.platform == "darwin" else "libportaudit_ledger.so"


def build_interposer(folder: Path, *, frameworks: bool = False) -> Path:
    """Write the C file into a folder and build the library beside it; on a Mac for both architectures.

    `frameworks`: record IOKit and IOSurface as well, which loads these into the process. Raises NoCompiler
    where that cannot be done.
    """
    c_file = folder / "portaudit_ledger.c"
    c_file.write_text(source(), encoding="utf-8")
    return compile_c((*FLAGS, *_system(frameworks=frameworks), str(c_file)), folder / library_name())


def _system(*, frameworks: bool) -> tuple[str, ...]:
    if sys.platform != "darwin":
        return ("-shared", "-fPIC", f"-I{INCLUDE}")
    more = ("-DPORTAUDIT_FRAMEWORKS", "-framework", "IOKit", "-framework", "IOSurface") if frameworks else ()
    return ("-dynamiclib", "-arch", "arm64", "-arch", "x86_64", *more)
