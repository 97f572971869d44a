"""The host: its port, its clocks (osfmk/kern/host.c, clock_oldops.c) and vouchers (osfmk/ipc/ipc_voucher.c).

A voucher is a set of attributes with a port. Of the attributes only user data is simulated: bytes of the
task's own choice, equal if they are the same.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from portaudit.mach.constants import (
    MACH_MSG_TYPE_PORT_SEND,
    MACH_PORT_NULL,
    KernReturn,
    KobjectType,
    PortType,
)
from portaudit.simulator.guard import RefusalError
from portaudit.simulator.kernel_objects import behind, make_port
from portaudit.simulator.message import Right
from portaudit.simulator.message_copyin import valid
from portaudit.simulator.port import Carried, Port
from portaudit.simulator.registry import Registry
from portaudit.simulator.right import translate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portaudit.simulator.port import Ipc
    from portaudit.simulator.space import Space
    from portaudit.simulator.task import Task

Attributes: TypeAlias = frozenset[tuple[int, bytes]]
"""What a voucher is of: the values of its keys; a key that is not there has its default."""

CLOCKS = 2  # SYSTEM_CLOCK and CALENDAR_CLOCK, mach/clock_types.h


class Host:
    """What there is once on a machine: its clocks, its registry of devices, its table of vouchers.

    XNU makes the ports of clocks and registry at boot; here each is made when it is first asked for.
    """

    def __init__(self, ipc: Ipc) -> None:
        # The kernel task and the host itself keep a send right each (recorded: 2 before any task)
        self.port = Port(ipc, kotype=KobjectType.HOST, kobject=self).make_send().copy_send()
        self.clocks: dict[int, Port] = {}
        self.main_device: Port | None = None
        self.vouchers: dict[Attributes, Port] = {}

    def forget_voucher(self, attributes: Attributes) -> None:
        """Hear that a voucher has died."""
        del self.vouchers[attributes]


def host_behind(port: Carried) -> Host:
    """Find the host behind its port, or refuse with KERN_INVALID_ARGUMENT."""
    host = behind(port, Host)
    if host is None:
        raise RefusalError(KernReturn.KERN_INVALID_ARGUMENT)
    return host


def host_named(space: Space, name: int) -> Port:
    """Find the host port under a name, or refuse with MACH_SEND_INVALID_DEST (osfmk/kern/ipc_host.c)."""
    try:
        port = translate(space, name, PortType.SEND).named_port
    except RefusalError as refusal:
        raise RefusalError(KernReturn.MACH_SEND_INVALID_DEST) from refusal
    if behind(port, Host) is None:
        raise RefusalError(KernReturn.MACH_SEND_INVALID_DEST)
    return port


def clock_service(host: Host, clock: int) -> tuple[Right]:
    """host_get_clock_service: a clock has one port, which nothing ends (osfmk/kern/ipc_clock.c:59,95)."""
    if not 0 <= clock < CLOCKS:
        raise RefusalError(KernReturn.KERN_INVALID_ARGUMENT)
    if clock not in host.clocks:
        host.clocks[clock] = Port(host.port.ipc, kotype=KobjectType.CLOCK)
    return (Right(host.clocks[clock].make_send(), MACH_MSG_TYPE_PORT_SEND),)


def io_main(host: Host) -> tuple[Right]:
    """host_get_io_main: a copy of the one send right to the device registry (osfmk/kern/host.c:1416)."""
    if host.main_device is None:
        ipc = host.port.ipc
        host.main_device = Port(ipc, kotype=KobjectType.MAIN_DEVICE, kobject=Registry(ipc)).make_send()
    return (Right(host.main_device.copy_send(), MACH_MSG_TYPE_PORT_SEND),)


RECIPE = struct.Struct("<IIII")  # key, command, previous voucher, content size: mach/mach_voucher_types.h
RECIPES_SIZE_MAX = 5120  # MACH_VOUCHER_ATTR_MAX_RAW_RECIPE_ARRAY_SIZE, in bytes
KEY_ALL = 0xFFFFFFFF
KEYS = range(1, 9)  # MACH_VOUCHER_ATTR_KEY_ATM to _TEST
USER_DATA_KEYS = (7, 8)  # MACH_VOUCHER_ATTR_KEY_USER_DATA and _TEST have one manager
COPY, REMOVE, SET_VALUE_HANDLE, REDEEM, STORE = 1, 2, 3, 10, 211  # MACH_VOUCHER_ATTR_*


@dataclass(frozen=True, slots=True)
class Voucher:
    """A voucher, which never changes."""

    attributes: Attributes


@dataclass(frozen=True, slots=True)
class Recipe:
    """One step in the making of a voucher."""

    key: int
    command: int
    previous: Voucher | None
    content: bytes


def create_voucher(host: Host, caller: Task, given: list[int]) -> tuple[Right]:
    """host_create_mach_voucher: the same attributes are the same voucher, and so the same port.

    It dies with its last send right. No recipe gives no voucher, successfully
    (osfmk/ipc/ipc_voucher.c:439,1286,1400).
    """
    if len(given) > RECIPES_SIZE_MAX:
        raise RefusalError(KernReturn.MIG_ARRAY_TOO_LARGE)
    if not given:
        return (Right(MACH_PORT_NULL, MACH_MSG_TYPE_PORT_SEND),)
    values: dict[int, bytes] = {}
    for recipe in _recipes(caller.space, bytes(number & 0xFF for number in given)):
        _follow(recipe, values)
    return (Right(_make_voucher(host, frozenset(values.items())), MACH_MSG_TYPE_PORT_SEND),)


def _make_voucher(host: Host, attributes: Attributes) -> Port:
    port = host.vouchers.get(attributes)
    if port is None:
        port = make_port(
            host.port.ipc,
            KobjectType.VOUCHER,
            Voucher(attributes),
            ended=partial(host.forget_voucher, attributes),
        )
        host.vouchers[attributes] = port
    return port.make_send()


def _recipes(space: Space, data: bytes) -> Iterator[Recipe]:
    while data:
        if len(data) < RECIPE.size:
            raise RefusalError(KernReturn.KERN_INVALID_ARGUMENT)
        key, command, name, size = RECIPE.unpack_from(data)
        end = RECIPE.size + size
        if len(data) < end:
            raise RefusalError(KernReturn.KERN_INVALID_ARGUMENT)
        yield Recipe(key, command, _voucher_named(space, name), data[RECIPE.size : end])
        data = data[end:]


def _voucher_named(space: Space, name: int) -> Voucher | None:
    """Find the voucher under a name; KERN_INVALID_CAPABILITY if it stands for anything else."""
    if name == MACH_PORT_NULL:
        return None
    try:
        port = translate(space, name, PortType.SEND).named_port if valid(name) else MACH_PORT_NULL
    except RefusalError:
        port = MACH_PORT_NULL
    voucher = behind(port, Voucher)
    if voucher is None:
        raise RefusalError(KernReturn.KERN_INVALID_CAPABILITY)
    return voucher


def _follow(recipe: Recipe, values: dict[int, bytes]) -> None:
    """Follow one recipe (ipc_execute_voucher_recipe_command, osfmk/ipc/ipc_voucher.c:1071)."""
    if recipe.command in {COPY, REMOVE}:
        if recipe.content:
            raise RefusalError(KernReturn.KERN_INVALID_ARGUMENT)
        for key in _keys(recipe):
            _copy(recipe, key, values) if recipe.command == COPY else _remove(recipe, key, values)
    elif recipe.command == SET_VALUE_HANDLE:
        raise RefusalError(KernReturn.KERN_INVALID_CAPABILITY)
    else:
        _ask_manager(recipe, values)


def _keys(recipe: Recipe) -> tuple[int, ...]:
    if recipe.key == KEY_ALL:
        return USER_DATA_KEYS
    if recipe.key not in KEYS and not (recipe.command == COPY and recipe.previous is None):
        raise RefusalError(KernReturn.KERN_INVALID_ARGUMENT)
    return (recipe.key,)


def _copy(recipe: Recipe, key: int, values: dict[int, bytes]) -> None:
    if recipe.previous is not None:
        _set(values, key, dict(recipe.previous.attributes).get(key, b""))


def _remove(recipe: Recipe, key: int, values: dict[int, bytes]) -> None:
    """Remove a value; with a previous voucher, only one that is the same there."""
    if recipe.previous is None or dict(recipe.previous.attributes).get(key) == values.get(key):
        values.pop(key, None)


def _ask_manager(recipe: Recipe, values: dict[int, bytes]) -> None:
    """Let the manager of user data make a value (user_data_get_value, osfmk/ipc/ipc_voucher.c:2600)."""
    key = recipe.key
    if key not in USER_DATA_KEYS:
        raise NotImplementedError(f"not simulated: the voucher attribute of key {key}")
    if recipe.command == STORE:
        _set(values, key, recipe.content)
    elif recipe.command == REDEEM:
        _copy(recipe, key, values)
    else:
        raise RefusalError(KernReturn.KERN_INVALID_ARGUMENT)


def _set(values: dict[int, bytes], key: int, value: bytes) -> None:
    """Set a value; the empty one is the default."""
    values.pop(key, None)
    if value:
        values[key] = value
