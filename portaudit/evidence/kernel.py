"""Claims about this process and its kernel: symbols, structures, kinds, and what a reading leaves behind."""

import ctypes
import time
from collections.abc import Iterator
from contextlib import contextmanager

from portaudit.collect.names import read_names
from portaudit.collect.space_info import read_space
from portaudit.errors import KernelUnavailable
from portaudit.evidence import about
from portaudit.evidence.claim import Claim, Seen
from portaudit.evidence.scene import Scene
from portaudit.kernels import open_kernel
from portaudit.mach import c_types as c
from portaudit.mach.constants import MsgType, PortRight, PortType
from portaudit.mach.library import Mach
from portaudit.model.rights import RIGHTS_MASK
from portaudit.model.snapshot import Entries

READINGS = 100
COUNTED = int(PortType.SEND | PortType.DEAD_NAME)
EXPECTED = {"task": {2}, "host": {3, 4}, "thread": {1}}
"""Kobject types (osfmk/kern/ipc_kobject.h:86); root is given the host's privileged port."""


@contextmanager
def _mach(scene: Scene) -> Iterator[Mach]:
    with open_kernel(scene.kernel) as kernel:
        yield kernel.mach


def _symbols(scene: Scene) -> Seen:
    try:
        with _mach(scene) as mach:
            return Seen(holds=True, words=f"every function of the table is there; kind {mach.kind}")
    except KernelUnavailable as missing:
        return Seen(holds=False, words=str(missing))


@contextmanager
def _a_plain_port(mach: Mach) -> Iterator[int]:
    name = c.mach_port_name_t()
    mach.mach_port_allocate(mach.task_self, PortRight.RECEIVE, ctypes.byref(name))
    try:
        mach.mach_port_insert_right(mach.task_self, name.value, name.value, MsgType.MAKE_SEND)
        yield name.value
    finally:
        mach.mach_port_destroy(mach.task_self, name.value)


def _kobject_type(mach: Mach, name: int) -> int:
    kind, address = c.natural_t(), c.mach_vm_address_t()
    mach.mach_port_kobject(mach.task_self, name, ctypes.byref(kind), ctypes.byref(address))
    return kind.value


def _rows(entries: Entries) -> dict[int, tuple[int, int | None]]:
    """Give rights and references by name; only send rights and dead names are counted alike."""
    return {
        name: (kind & RIGHTS_MASK, urefs if kind & COUNTED else 0)
        for name, kind, urefs in zip(entries.name, entries.type, entries.urefs, strict=True)
    }


def _two_ways(scene: Scene) -> Seen:
    with _mach(scene) as mach:
        by_names, by_info = _rows(read_names(mach, mach.task_self)), _rows(read_space(mach, mach.task_self))
    differ = sorted(
        name for name in by_names.keys() | by_info.keys() if by_names.get(name) != by_info.get(name)
    )
    shown = ", ".join(f"0x{name:x}: {by_names.get(name)} and {by_info.get(name)}" for name in differ[:5])
    return Seen(not differ, f"{len(by_info)} names, {len(differ)} differ{': ' if shown else ''}{shown}")


def _object_ids(scene: Scene) -> Seen:
    with _mach(scene) as mach:
        entries = read_space(mach, mach.task_self)
    told = sum(map(bool, entries.object))
    return Seen(told > 0, f"{told} of {len(entries)} names have one")


def _plain_port(scene: Scene) -> Seen:
    with _mach(scene) as mach, _a_plain_port(mach) as name:
        number = _kobject_type(mach, name)
        entries = read_space(mach, mach.task_self)
        told = entries.kobject[list(entries.name).index(name)]
    return Seen(told == 0, f"mach_port_kobject says {number} (0x{number & 0xFFFFFFFF:x}); read as {told}")


def _kinds(scene: Scene) -> Seen:
    with _mach(scene) as mach:
        host, thread = mach.mach_host_self(), mach.mach_thread_self()
        found = {
            "task": _kobject_type(mach, mach.task_self),
            "host": _kobject_type(mach, host),
            "thread": _kobject_type(mach, thread),
        }
        for name in (host, thread):
            mach.mach_port_deallocate(mach.task_self, name)
    as_expected = all(found[kind] in EXPECTED[kind] for kind in EXPECTED)
    return Seen(as_expected, ", ".join(f"{kind} {number}" for kind, number in found.items()))


def _footprint(scene: Scene) -> Seen:
    with _mach(scene) as mach:
        read_space(mach, mach.task_self)  # the thread's reply port comes with the first call
        before = _rows(read_space(mach, mach.task_self))
        started = time.perf_counter()
        for _ in range(READINGS):
            read_space(mach, mach.task_self)
            read_names(mach, mach.task_self)
        took = (time.perf_counter() - started) / READINGS
        after = _rows(read_space(mach, mach.task_self))
    changed = sum(before.get(name) != after.get(name) for name in before.keys() | after.keys())
    words = f"{changed} of {len(before)} names changed in {READINGS} readings each way"
    words += f", {took * 1e3:.1f} ms a pair"
    return Seen(not changed, words)


CLAIMS = (
    Claim("symbols", about.SYMBOLS, "libSystem has every function that portaudit calls", _symbols),
    Claim(
        "own-space", about.SYMBOLS, "the ways space-info and names read the same of one process", _two_ways
    ),
    Claim("object-ids", about.SYMBOLS, "the kernel tells object ids", _object_ids),
    Claim(
        "kinds",
        about.SYMBOLS,
        "task, host and thread ports have the kobject types 2, 3 (root: 4) and 1",
        _kinds,
    ),
    Claim("plain-port", about.PLAIN_PORT, "a plain port is read as a message queue", _plain_port),
    Claim("footprint", about.FOOTPRINT, "readings of one's own space leave it as it was", _footprint),
)
