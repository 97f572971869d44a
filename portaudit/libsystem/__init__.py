"""libSystem's Mach calls for C programs on a machine without Mach, over a stand-in kernel."""

from pathlib import Path

FOLDER = Path(__file__).parent
INCLUDE = FOLDER / "include"
SOURCE = FOLDER / "libsystem.c"

STACK_FLAGS = ("-g", "-fno-omit-frame-pointer")
"""What lets stacks of a C program be walked, and its lines be named."""

PROGRAM_FLAGS = (*STACK_FLAGS, f"-I{INCLUDE}")
"""What a C program that calls Mach is compiled with, beside the library."""
