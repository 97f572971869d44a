"""The interposer: one C file that a process carries along, built here, and which records its calls."""

import hashlib
import sys
from pathlib import Path

from portaudit.cache import once, own_cache
from portaudit.ledger.interposer.wrappers import wrappers
from portaudit.libsystem import INCLUDE, check_folder, compile_c

PLACE_OF_WRAPPERS = "/*@ WRAPPERS @*/"
FLAGS = ("-std=gnu11", "-O2", "-g", "-fno-omit-frame-pointer", "-fvisibility=hidden")


def source() -> str:
    """Give the whole C file: what is written by hand, with what is written from the table in its place."""
    core = Path(__file__).with_name("portaudit_ledger.c").read_text(encoding="utf-8")
    return core.replace(PLACE_OF_WRAPPERS, wrappers())


def library_name() -> str:
    """Name the library as this system does."""
    return "libportaudit_ledger.dylib" if sys.platform == "darwin" else "libportaudit_ledger.so"


def kept_interposer() -> Path | None:
    """Give the library from the user's cache, built there when it is first asked for; None without a cache.

    Never one that lies in the working folder or in a run's: whoever wrote the repository may have put it
    there. Raises NoCompiler where it cannot be built.
    """
    cache = own_cache()
    if cache is None:
        return None
    folder = cache / f"ledger-{hashlib.sha256(source().encode()).hexdigest()[:16]}"
    if not folder.is_dir():
        once(folder, build_interposer)
    library = folder / library_name()
    return library if library.exists() else build_interposer(folder)


def build_interposer(folder: Path, *, frameworks: bool = False) -> Path:
    """Write the C file into a folder and build the library beside it; on a Mac for both architectures.

    `frameworks`: record IOKit and IOSurface as well, which loads these into the process. Raises NoCompiler
    where that cannot be done, UsageError where others could put theirs in its place.
    """
    c_file, library = folder / "portaudit_ledger.c", folder / library_name()
    check_folder(folder)
    library.unlink(missing_ok=True)
    c_file.unlink(missing_ok=True)
    c_file.write_text(source(), encoding="utf-8")
    return compile_c((*FLAGS, *_system(frameworks=frameworks), str(c_file)), library)


def _system(*, frameworks: bool) -> tuple[str, ...]:
    if sys.platform != "darwin":
        return ("-shared", "-fPIC", f"-I{INCLUDE}")
    more = ("-DPORTAUDIT_FRAMEWORKS", "-framework", "IOKit", "-framework", "IOSurface") if frameworks else ()
    return ("-dynamiclib", "-arch", "arm64", "-arch", "x86_64", *more)
