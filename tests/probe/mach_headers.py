"""Mach headers for a machine without Mach, written from the tables that tests/headers holds against Apple's.

Each function is a pointer that the test sets, so the probe's calls go to any kernel that the test wants.
"""

import ctypes
from collections.abc import Iterator
from pathlib import Path

from portaudit.mach.c_types import STRUCTURES
from portaudit.mach.prototypes import PROTOTYPES, VARIABLES
from tests.headers.c_source import function_types, spell
from tests.headers.tables import enumerated_constants, scalars


def write_headers(folder: Path) -> None:
    """Write mach/mach.h, mach_debug/ipc_info.h, and mach_functions.h with the pointers themselves."""
    for name in ("mach", "mach_debug"):
        (folder / name).mkdir()
    declared = "\n".join([*_types(), *_constants(), *(f"extern {line}" for line in _functions())])
    (folder / "mach/mach.h").write_text(GUARDED.format(declared))
    (folder / "mach_debug/ipc_info.h").write_text("#include <mach/mach.h>\n")
    (folder / "mach_functions.h").write_text("\n".join(_functions()) + "\n")


GUARDED = """\
#ifndef STAND_IN_MACH_H
#define STAND_IN_MACH_H
#ifdef __cplusplus
extern "C" {{
#endif
{}
#ifdef __cplusplus
}}
#endif
#endif
"""


def _types() -> Iterator[str]:
    for name, c_type in scalars().items():
        if not issubclass(c_type, ctypes.Array):
            yield f"typedef {spell(c_type)[0]} {name};"
    for structure in STRUCTURES:
        if not any(bits for _, _, *bits in structure._fields_):
            yield f"typedef struct {{ {' '.join(_fields(structure))} }} {structure.__name__};"


def _fields(structure: type[ctypes.Structure]) -> Iterator[str]:
    for name, c_type, *_ in structure._fields_:
        if issubclass(c_type, ctypes.Array):
            yield f"{spell(c_type._type_)[0]} {name}[{c_type._length_}];"
        else:
            yield f"{spell(c_type)[0]} {name};"


def _constants() -> Iterator[str]:
    for name, value in enumerated_constants().items():
        yield f"#define {name} ({value})"


def _functions() -> Iterator[str]:
    for name, prototype in PROTOTYPES.items():
        result, arguments = function_types(prototype)[0].split(" (", 1)
        yield f"{result} (*{name})({arguments};"
    for name, c_type in VARIABLES.items():
        yield f"{spell(c_type)[0]} {name};"
