"""The same C API offered over anything that answers kernel calls.

Each function of the prototype table becomes a C function pointer whose body asks a KernelCalls. So a
stand-in kernel is called with the prototypes, out-parameters, structures and deallocation of a Mac. What it
answers is held against the C type that it is written into: the border of this process's memory.
"""

import ctypes
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from reprlib import repr  # noqa: A004  an answer may be millions of bytes long
from typing import Any

from portaudit.errors import KernelNonsense
from portaudit.mach import c_types as c
from portaudit.mach.calls import KernelCalls, Value
from portaudit.mach.constants import MACH_PORT_NULL, KernReturn, MsgOption
from portaudit.mach.messages import TRAILER
from portaudit.mach.prototypes import PROTOTYPES, Argument, Prototype, Way

UNSET = (Way.FILLED, Way.CHANGED, Way.LENT, Way.WORDS, Way.MESSAGE)


class Callbacks:
    """Mach's functions, or those of another table, as C function pointers over `calls`, one attribute each.

    `lent` holds the out-of-line memory that callers have not given back, address -> array: it must end
    empty. `faults` holds the exceptions that were raised inside a callback, where C would lose them.
    """

    def __init__(
        self, calls: KernelCalls, task_self_name: int, prototypes: Mapping[str, Prototype] = PROTOTYPES
    ) -> None:
        self.calls = calls
        self.lent: dict[int, Any] = {}
        self.faults: list[BaseException] = []
        self.mach_task_self_ = c.mach_port_t(task_self_name)
        self._strings: dict[int, bytes] = {}
        for name, prototype in prototypes.items():
            setattr(self, name, self._offer(name, prototype))

    def _offer(self, name: str, prototype: Prototype) -> Any:
        body: Callable[..., Any] = getattr(self, f"_{name}", partial(self._ask, name, prototype))
        # A callback may only return simple types: a string goes back as the address of its bytes
        result = ctypes.c_void_p if prototype.result is ctypes.c_char_p else prototype.result
        return ctypes.CFUNCTYPE(result, *prototype.argtypes, use_errno=True)(partial(self._guard, body))

    def _guard(self, body: Callable[..., Any], *arguments: Any) -> Any:
        # An exception that leaves a callback is lost, and the code that C then sees is uninitialised
        try:
            return body(*arguments)
        except BaseException as fault:  # noqa: BLE001  kept in faults, and raised by whoever called
            self.faults.append(fault)
            return KernReturn.KERN_FAILURE

    def _ask(self, name: str, prototype: Prototype, *arguments: Any) -> int:
        reply = self.calls.call(name, tuple(_inputs(prototype, arguments)))
        ctypes.set_errno(number(c.kern_return_t, reply.errno))
        code = number(c.kern_return_t, reply.code)
        pairs = list(zip(prototype.arguments, arguments, strict=True))
        slots = [index for index, (argument, _) in enumerate(pairs) if argument.way in UNSET]
        due = 1 if prototype.result is c.mach_port_t else len(slots)
        if len(reply.outputs) not in ((due, 0) if code else (due,)):
            raise KernelNonsense(f"{name} came back with {len(reply.outputs)} values for {due} places")
        if prototype.result is c.mach_port_t:
            return number(c.mach_port_t, reply.outputs[0]) if reply.outputs else MACH_PORT_NULL
        for index, output in zip(slots, reply.outputs, strict=False):
            self._hand_out(pairs, index, output)
        return code

    def _hand_out(self, pairs: list[tuple[Argument, Any]], index: int, output: Value) -> None:
        argument, place = pairs[index]
        if argument.way in (Way.FILLED, Way.CHANGED):
            _fill(place, argument.holds, output)
        elif argument.way is Way.LENT:
            self._lend(place, pairs[index + 1][1], array(argument.holds, output))
        elif argument.way is Way.WORDS:
            _write_words(place, pairs[index + 1][1], words(output))
        elif output is not None:
            rcv_size = next(value for argument, value in pairs if argument.name == "rcv_size")
            _write_message(place, rcv_size, output)

    def _lend(self, place: Any, count: Any, elements: Any) -> None:
        count[0] = len(elements)
        if len(elements):
            self.lent[ctypes.addressof(elements)] = elements
            pointer = ctypes.c_void_p.from_address(ctypes.addressof(place.contents))
            pointer.value = ctypes.addressof(elements)

    def _vm_deallocate(self, _task: int, address: int, size: int) -> int:
        lent = self.lent.get(address)
        if lent is None or ctypes.sizeof(lent) != size:
            return KernReturn.KERN_INVALID_ADDRESS
        del self.lent[address]
        return KernReturn.KERN_SUCCESS

    def _mach_error_string(self, code: int) -> int | None:
        try:
            text = KernReturn(code).name.encode()
        except ValueError:
            text = b"unknown error code"
        # The caller keeps a pointer to the text for as long as it likes, as with libSystem's table
        kept = self._strings.setdefault(code, text + b"\0")
        return ctypes.cast(ctypes.c_char_p(kept), ctypes.c_void_p).value


def _inputs(prototype: Prototype, arguments: tuple[Any, ...]) -> Iterator[Value]:
    values = dict(zip((argument.name for argument in prototype.arguments), arguments, strict=True))
    for index, argument in enumerate(prototype.arguments):
        value = arguments[index]
        if argument.way is Way.GIVEN:
            yield value
        elif argument.way is Way.CHANGED:
            yield value[0]
        elif argument.way is Way.SHOWN:
            yield list(value[: arguments[index + 1]])
        elif argument.way is Way.WORDS:
            yield arguments[index + 1][0]
        elif argument.way is Way.MESSAGE:
            sends = values["option"] & MsgOption.SEND_MSG
            yield ctypes.string_at(value, values["send_size"]) if sends else None


def _fill(place: Any, c_type: Any, output: Value) -> None:
    if output is None:
        return
    if issubclass(c_type, ctypes.Structure | ctypes.Array):
        if not isinstance(output, bytes):
            raise KernelNonsense(f"a kernel answered {repr(output)} where a {c_type.__name__} belongs")
        ctypes.memmove(place, image(c_type, output), len(output))
    else:
        place[0] = number(c_type, output)


def _write_words(place: Any, count: Any, told: list[int]) -> None:
    written = told[: count[0]]
    for index, word in enumerate(written):
        place[index] = ctypes.c_int32(word).value
    count[0] = len(written)


def _write_message(place: Any, size: int, message: Value) -> None:
    if not isinstance(message, bytes) or len(message) > size:
        raise KernelNonsense(f"a kernel answered {repr(message)} as a message of at most {size} bytes")
    data = (message + TRAILER.pack(0, TRAILER.size))[:size]
    ctypes.memmove(place, data, len(data))


WORD = range(-(2**31), 2**32)


def number(c_type: Any, value: object) -> int:
    """Give a number that fits the integer type. Raises KernelNonsense for anything else."""
    if not isinstance(value, int) or isinstance(value, bool) or c_type(value).value != value:
        raise KernelNonsense(f"a kernel answered {repr(value)} where a {c_type.__name__} belongs")
    return value


def numbers(c_type: Any, value: object) -> list[int]:
    """Give a list of numbers that all fit. Raises KernelNonsense for anything else."""
    if not isinstance(value, list):
        raise KernelNonsense(f"a kernel answered {repr(value)} where numbers belong")
    return [number(c_type, one) for one in value]


def words(value: object) -> list[int]:
    """Give 32-bit words, signed or not, as a port's status has both. Raises KernelNonsense otherwise."""
    if not isinstance(value, list) or not all(isinstance(one, int) and one in WORD for one in value):
        raise KernelNonsense(f"a kernel answered {repr(value)} where 32-bit words belong")
    return value


def image(c_type: Any, value: bytes) -> bytes:
    """Give the bytes of a structure, which has one size, or of a text, which ends with a zero byte.

    Raises KernelNonsense if they would not fill the structure, or not end within the text's buffer.
    """
    size = ctypes.sizeof(c_type)
    if issubclass(c_type, ctypes.Array):
        if len(value) > size or not value.endswith(b"\0"):
            raise KernelNonsense(f"a kernel answered a text of {len(value)} bytes for a buffer of {size}")
    elif len(value) != size:
        raise KernelNonsense(f"a kernel answered {len(value)} bytes where {c_type.__name__} has {size}")
    return value


def array(c_type: Any, value: object) -> Any:
    """Give a C array of these elements: the bytes of whole ones, or numbers.

    Raises KernelNonsense if they are neither.
    """
    if isinstance(value, bytes):
        size = ctypes.sizeof(c_type)
        if len(value) % size:
            raise KernelNonsense(f"a kernel answered {len(value)} bytes as elements of {size} bytes")
        return (c_type * (len(value) // size)).from_buffer_copy(value)
    if issubclass(c_type, ctypes.Structure):
        if value:
            raise KernelNonsense(f"a kernel answered {repr(value)} where {c_type.__name__} belong")
        return (c_type * 0)()
    elements = numbers(c_type, [] if value is None else value)
    return (c_type * len(elements))(*elements)
