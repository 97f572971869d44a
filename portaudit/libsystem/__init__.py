"""libSystem's Mach calls for C programs on a machine without Mach, over a stand-in kernel.

What C programs are linked with is built here, with the machine's compiler.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from portaudit.errors import NoCompiler, UsageError
from portaudit.trust import may_build_in

FOLDER = Path(__file__).parent
INCLUDE = FOLDER / "include"
SOURCE = FOLDER / "libsystem.c"

STACK_FLAGS = ("-g", "-fno-omit-frame-pointer")
"""What lets stacks of a C program be walked, and its lines be named."""

PROGRAM_FLAGS = (*STACK_FLAGS, f"-I{INCLUDE}")
"""What a C program that calls Mach is compiled with, beside the library."""


PATIENCE = 300.0
"""A compiler that takes longer hangs."""


def find_compiler() -> str:
    """Find the C compiler: what CC says, else cc, clang or gcc. Raises NoCompiler if there is none."""
    for name in (os.environ.get("CC"), "cc", "clang", "gcc"):
        found = shutil.which(name) if name else None
        if found:
            return found
    raise NoCompiler(
        "no C compiler is here (CC, cc, clang, gcc): xcode-select --install on a Mac, "
        "apt-get install gcc libc6-dev elsewhere"
    )


def check_folder(folder: Path) -> None:
    """Raise UsageError for a folder where others could put something in the place of what is built."""
    if not may_build_in(folder):
        raise UsageError(
            f"others may write in {folder}, and what is built there is run: name a folder of your own"
        )


def compile_c(arguments: Sequence[str], output: Path) -> Path:
    """Compile with these arguments into a file.

    Raises NoCompiler, with the first complaint, and UsageError for a folder where others could put theirs.
    """
    check_folder(output.parent)
    compiler = find_compiler()
    words = [compiler, *arguments, "-o", str(output)]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoCompiler(f"{compiler} cannot be run: {error}") from error
    if done.returncode:
        said = next((line for line in done.stderr.splitlines() if "error" in line), done.stderr.strip()[:200])
        raise NoCompiler(f"{compiler} cannot make {output.name}: {said}")
    return output


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
