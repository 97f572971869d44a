"""The C file that holds the tables against the headers that it includes: it compiles if they agree.

Each claim is a static assertion, or a call that the optimizer must be able to remove, so that the
compiler's complaint names what is wrong.
"""

import ctypes
from collections.abc import Iterator
from itertools import product

from portaudit.mach.prototypes import Prototype
from tests.headers.tables import CType, Tables

HEADERS = (
    "mach/mach.h",
    "mach/mach_error.h",
    "mach/mach_host.h",
    "mach/mach_port.h",
    "mach/mach_traps.h",
    "mach/mig_errors.h",
    "mach/notify.h",
    "mach/task_info.h",
    "mach/task_special_ports.h",
    "mach/vm_map.h",
    "mach_debug/ipc_info.h",
    "mach_debug/mach_debug_types.h",
)

PROLOGUE = """\
#define SAME(one, other) __builtin_types_compatible_p(one, other)
#define SIGNED(type) ((type)-1 < (type)0)
#define FIELD(structure, field) __typeof__(((structure *)0)->field)
"""

SPELLINGS: dict[CType, tuple[str, ...]] = {
    None: ("void",),
    ctypes.c_char: ("char",),
    ctypes.c_uint8: ("unsigned char",),
    ctypes.c_int32: ("int",),
    ctypes.c_uint32: ("unsigned int",),
    # vm_address_t is the one, mach_vm_address_t the other; on LP64 a call cannot tell them apart
    ctypes.c_uint64: ("unsigned long", "unsigned long long"),
    # Python's bytes may not be written to, so only a const parameter may be declared c_char_p
    ctypes.c_char_p: ("const char *",),
}
"""The C types that a ctypes type stands for: those that agree in width, sign, const and pointer depth."""

RESULT_SPELLINGS: dict[CType, tuple[str, ...]] = {**SPELLINGS, ctypes.c_char_p: ("char *",)}


def c_source(tables: Tables) -> str:
    """Write the C file for these tables."""
    includes = (f"#include <{header}>" for header in HEADERS)
    return "\n".join([*includes, PROLOGUE, *_claims(tables), ""])


def _claims(tables: Tables) -> Iterator[str]:
    for name, c_type in tables.scalars.items():
        yield from _scalar(name, c_type)
    for structure in tables.structures:
        yield from _structure(structure)
    yield from _declared(tables)
    for name in tables.undeclared:
        yield _undeclared(name)


def _declared(tables: Tables) -> Iterator[str]:
    functions = {name: function_types(prototype) for name, prototype in tables.functions.items()}
    variables = {name: spell(c_type) for name, c_type in tables.variables.items()}
    for name, value in tables.constants.items():
        if name not in tables.undeclared:
            yield _claim(f"(long long)({name}) == {value}", f"{name} is {value}")
    for name, types in (functions | variables).items():
        if name not in tables.undeclared:
            yield _same_type(name, types)


def _claim(condition: str, label: str) -> str:
    return f'_Static_assert({condition}, "{label}");'


def _same_type(name: str, types: tuple[str, ...]) -> str:
    same = " || ".join(f"SAME(__typeof__({name}), {c_type})" for c_type in types)
    return _claim(same, f"{name} is {types[0]}")


def _scalar(name: str, c_type: CType) -> Iterator[str]:
    yield _claim(f"sizeof({name}) == {ctypes.sizeof(c_type)}", f"{name} has {ctypes.sizeof(c_type)} bytes")
    if _is_integer(c_type) and name != "boolean_t":  # int on arm64, unsigned int on x86_64
        yield _claim(f"SIGNED({name}) == {_is_signed(c_type):d}", f"{name} is {_sign(c_type)}")


def _structure(structure: type[ctypes.Structure]) -> Iterator[str]:
    name, size = structure.__name__, ctypes.sizeof(structure)
    yield _claim(f"sizeof({name}) == {size}", f"{name} has {size} bytes")
    for field, c_type, *bits in structure._fields_:
        if bits:
            yield _bit_field(structure, field, bits[0])
        else:
            yield from _field(structure, field, c_type)


def _field(structure: type[ctypes.Structure], field: str, c_type: CType) -> Iterator[str]:
    name, place = structure.__name__, getattr(structure, field)
    c_field = f"{name}.{field}"
    yield _claim(
        f"__builtin_offsetof({name}, {field}) == {place.offset}", f"{c_field} stands at {place.offset}"
    )
    yield _claim(f"sizeof(FIELD({name}, {field})) == {place.size}", f"{c_field} has {place.size} bytes")
    if _is_integer(c_type):
        # boolean_t's sign differs between the architectures, and a claim must hold on both
        yield _claim(
            f"SIGNED(FIELD({name}, {field})) == {_is_signed(c_type):d} "
            f"|| SAME(FIELD({name}, {field}), boolean_t)",
            f"{c_field} is {_sign(c_type)}",
        )


def _bit_field(structure: type[ctypes.Structure], field: str, bits: int) -> str:
    """Claim that setting the field to ones sets the bytes that it sets in ctypes: C has no offsetof here."""
    name, filled = structure.__name__, structure()
    setattr(filled, field, -1)
    ones = ", ".join(str(byte) for byte in bytes(filled))
    return f"""
extern void {name}_{field}(void) __attribute__((error("{name}.{field} has other bits")));
void check_{name}_{field}(void);
void check_{name}_{field}(void) {{
  static const unsigned char expected[] = {{{ones}}};
  union {{ {name} is; unsigned char bytes[sizeof({name})]; }} seen;
  unsigned char other = 0;
  __builtin_memset(&seen, 0, sizeof seen);
  seen.is.{field} = ({1 << bits} - 1);
  for (unsigned i = 0; i < sizeof seen; i++) other |= seen.bytes[i] ^ expected[i];
  if (other) {name}_{field}();
}}"""


def _undeclared(name: str) -> str:
    return f"""
#ifdef {name}
#error {name} is declared by the SDK
#endif
typedef struct undeclared {name};"""


def function_types(prototype: Prototype) -> tuple[str, ...]:
    """Spell a function's type in C, in each way that ctypes cannot tell from the others."""
    arguments = [spell(c_type) for c_type in prototype.argtypes]
    return tuple(
        f"{result} ({', '.join(chosen) or 'void'})"
        for result in spell(prototype.result, RESULT_SPELLINGS)
        for chosen in product(*arguments)
    )


def spell(c_type: CType, spellings: dict[CType, tuple[str, ...]] = SPELLINGS) -> tuple[str, ...]:
    """Spell a ctypes type in C."""
    if c_type in spellings:
        return spellings[c_type]
    if issubclass(c_type, ctypes._Pointer):
        return tuple(f"{inner} *" for inner in spell(c_type._type_))
    return (c_type.__name__,)


def _is_integer(c_type: CType) -> bool:
    return c_type in (ctypes.c_int32, ctypes.c_uint32, ctypes.c_uint64)


def _is_signed(c_type: CType) -> bool:
    return bool(c_type(-1).value < 0)


def _sign(c_type: CType) -> str:
    return "signed" if _is_signed(c_type) else "unsigned"
