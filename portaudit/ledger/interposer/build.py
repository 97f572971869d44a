"""Building the interposer with the machine's compiler."""

import sys
from pathlib import Path

from portaudit.ledger.interposer import source
from portaudit.libsystem import INCLUDE
from portaudit.libsystem.build import compile_c

FLAGS = ("-std=gnu11", "-O2", "-g", "-fno-omit-frame-pointer", "-fvisibility=hidden")


def library_name() -> str:
    """Name the library as this system does."""
    return "libportaudit_ledger.dylib" if sys.platform == "darwin" else "libportaudit_ledger.so"


def build_interposer(folder: Path, *, frameworks: bool = False) -> Path:
    """Write the C file into a folder and build the library beside it; on a Mac for both architectures.

    `frameworks`: record IOKit and IOSurface as well, which loads these into the process. Raises NoCompiler
    where that cannot be done.
    """
    c_file, library, text = folder / "portaudit_ledger.c", folder / library_name(), source()
    if not frameworks and library.exists() and c_file.exists() and c_file.read_text(encoding="utf-8") == text:
        return library
    library.unlink(missing_ok=True)
    c_file.write_text(text, encoding="utf-8")
    return compile_c((*FLAGS, *_system(frameworks=frameworks), str(c_file)), library)


def _system(*, frameworks: bool) -> tuple[str, ...]:
    if sys.platform != "darwin":
        return ("-shared", "-fPIC", f"-I{INCLUDE}")
    more = ("-DPORTAUDIT_FRAMEWORKS", "-framework", "IOKit", "-framework", "IOSurface") if frameworks else ()
    return ("-dynamiclib", "-arch", "arm64", "-arch", "x86_64", *more)
