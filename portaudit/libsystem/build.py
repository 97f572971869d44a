"""Building the stand-in for libSystem, which C programs are linked with."""

import shutil
from pathlib import Path

from portaudit.libsystem import INCLUDE, SOURCE
from portaudit.libsystem.compiler import compile_c

NAME = "libmach.so"

HEADERS = (
    *(
        "clock",
        "clock_types",
        "host_info",
        "host_priv",
        "kern_return",
        "mach_error",
        "mach_host",
        "mach_init",
    ),
    *("mach_port", "mach_traps", "mach_types", "message", "port", "semaphore", "task", "task_info"),
    *("task_special_ports", "thread_act", "thread_info", "vm_map", "vm_types"),
)
"""Apple's names for parts of what is in one header here."""


def build_libsystem(folder: Path) -> Path:
    """Build the library into a folder, where programs will look for it. Raises NoCompiler if it cannot be."""
    flags = ("-std=gnu11", "-O2", "-g", "-fno-omit-frame-pointer", "-shared", "-fPIC", f"-I{INCLUDE}")
    library = folder.resolve() / NAME
    named = ("-Xlinker", "-soname", "-Xlinker", str(library))
    return compile_c((*flags, *named, str(SOURCE), "-lpthread"), library)


def write_headers(folder: Path, *others: Path) -> Path:
    """Write all headers of the stand-in, and others beside them; give the folder to include.

    Those of Apple's names stand for <mach/mach.h>. They are copies, since the flags of a compiler that a
    shell takes from a command cannot name a folder with a blank, and portaudit may be installed in one.
    """
    written = folder / "mach-headers"
    shutil.copytree(INCLUDE, written, dirs_exist_ok=True)
    for name in HEADERS:
        (written / "mach" / f"{name}.h").write_text("#include <mach/mach.h>\n")
    for other in others:
        shutil.copy(other, written)
    return written
