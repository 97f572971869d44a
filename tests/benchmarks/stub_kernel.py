"""The stub library of stub_kernel.c, compiled and declared: a kernel that takes no time."""

import ctypes
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

from portaudit.mach.library import Mach
from portaudit.mach.prototypes import PROTOTYPES

SOURCE = Path(__file__).with_suffix(".c")


def compiled(folder):
    """Compile the library into a folder and give its path; what it does not answer answers KERN_FAILURE."""
    written = SOURCE.read_text()
    missing = [name for name in PROTOTYPES if f" {name}(" not in written]
    source = folder / "stub.c"
    source.write_text(written + "".join(f"int {name}(void) {{ return 5; }}\n" for name in missing))
    library = folder / "stub.so"
    compiler = shutil.which("cc")
    assert compiler, "this benchmark needs a C compiler (cc)"
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-w", "-o", library, source], check=True)
    return library


def opened(library):
    """Declare the library as the audited machine's own."""
    return Mach(ctypes.CDLL(str(library), use_errno=True), "xnu")


@contextmanager
def space_of(mach, rows, kept_more=0):
    """Let the one task have so many rows, of which every hundredth send right kept references."""
    mach.library.stub_rows(rows, kept_more)
    yield mach.task_self
