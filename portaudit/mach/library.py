"""A library that speaks Mach: declares the prototypes on it and turns return codes into exceptions.

And what the kernel lends, rights and memory: each is given back at the end of its `with` block.
"""

import ctypes
import errno
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Literal, NewType

from portaudit.errors import AuditError, KernelUnavailable, NotReadable
from portaudit.mach import c_types as c
from portaudit.mach.calls import SYSTEM_CALL_FAILED
from portaudit.mach.constants import MACH_PORT_DEAD, MACH_PORT_NULL, KernReturn
from portaudit.mach.prototypes import PROTOTYPES, VARIABLES, Prototype
from portaudit.mach.system import LIBSYSTEM, libsystem

if TYPE_CHECKING:
    from portaudit.mach.functions import Functions
else:
    Functions = object  # what the table declares becomes attributes


class KernError(AuditError):
    """A kernel call answered something else than KERN_SUCCESS; carries the function and the code."""

    def __init__(self, function: str, code: int, error: int = 0) -> None:
        """`error` is errno where the function is a BSD system call, which answers -1 and no Mach code."""
        self.function = function
        self.code = code
        self.errno = error
        said = f": {errno_name(error)}" if error else f" answered {code_name(code)}"
        super().__init__(f"{function}{said}")


def code_name(code: int) -> str:
    """Name a kern_return_t, with its number: KERN_INVALID_NAME (15)."""
    try:
        return f"{KernReturn(code).name} ({code})"
    except ValueError:
        return f"an unknown code {code} (0x{code & 0xFFFFFFFF:08x})"


def errno_name(error: int) -> str:
    """Say an errno in the system's words, and its name: Operation not permitted (EPERM)."""
    return f"{os.strerror(error)} ({errno.errorcode.get(error, error)})"


class Mach(Functions):
    """A Mach kernel as C sees it: every function of the table (or of another one), checked and counted.

    A call that does not return KERN_SUCCESS raises KernError. `counts` says how often each function
    was called. `kind` says which kernel answers: xnu, simulated or gnumach.
    """

    def __init__(self, library: Any, kind: str, prototypes: Mapping[str, Prototype] = PROTOTYPES) -> None:
        self.kind = kind
        self.library = library
        self.counts: Counter[str] = Counter()
        for name, prototype in prototypes.items():
            setattr(self, name, self._declare(name, prototype))
        self._task_self = (
            VARIABLES["mach_task_self_"].in_dll(library, "mach_task_self_")
            if isinstance(library, ctypes.CDLL)
            else library.mach_task_self_
        )

    @property
    def task_self(self) -> int:
        """The name of this process's own task port.

        Read from the variable: the exported function adds a user reference at every call
        (XNU libsyscall/mach/mach_legacy.c:39-45).
        """
        return int(self._task_self.value)

    def _declare(self, name: str, prototype: Prototype) -> Callable[..., Any]:
        try:
            function = getattr(self.library, name)
        except AttributeError:
            raise KernelUnavailable(
                f"the system library has no function {name}; is this macOS 11 or newer?"
            ) from None
        function.argtypes = prototype.argtypes
        function.restype = prototype.result
        function.errcheck = self._checker(name, checked=prototype.result is c.kern_return_t)
        return function  # type: ignore[no-any-return]  # ctypes has no types for its functions

    def _checker(self, name: str, *, checked: bool) -> Callable[[Any, Any, Any], Any]:
        # It runs after every single call: what can be looked up once is
        counts = self.counts
        faults: list[BaseException] = getattr(self.library, "faults", [])

        def check(result: Any, _function: Any, _arguments: Any) -> Any:
            counts[name] += 1
            if faults:
                raise _as_audit_error(faults.pop())
            if checked and result:
                raise KernError(name, result, ctypes.get_errno() if result == SYSTEM_CALL_FAILED else 0)
            return result

        return check


def _as_audit_error(fault: BaseException) -> BaseException:
    return KernelUnavailable(str(fault)) if isinstance(fault, NotImplementedError) else fault


def load_libsystem() -> Mach:
    """Open macOS's own libSystem. Raises KernelUnavailable where there is none."""
    try:
        return Mach(libsystem(), "xnu")
    except OSError as error:
        raise KernelUnavailable(f"{LIBSYSTEM} cannot be loaded, so this is no macOS: {error}") from error


GivesTaskPort = Literal["task_for_pid", "task_read_for_pid", "task_inspect_for_pid"]
"""The functions that give a port of another task, each of its own flavour."""

Lent = NewType("Lent", object)
"""Where a call puts the address of an array of its own."""
Count = NewType("Count", object)
"""Where it puts how many elements the array has."""


class OutOfLine:
    """The out-parameters of one out-of-line array: pass `pointer` and `count` to the call."""

    def __init__(self, c_type: Any) -> None:
        self._size = ctypes.sizeof(c_type)
        self._array = ctypes.POINTER(c_type)()
        self._count = c.mach_msg_type_number_t(0)
        self.pointer = Lent(ctypes.byref(self._array))
        self.count = Count(ctypes.byref(self._count))

    def __len__(self) -> int:
        return self._count.value

    @property
    def raw(self) -> bytes:
        """A copy of the array's bytes."""
        return ctypes.string_at(self._array, len(self) * self._size) if self._array else b""

    def give_back(self, mach: Mach) -> None:
        """Return the kernel's memory, if the call lent any."""
        # Not by ctypes.cast: what that is given refers to itself, and waits for the garbage collector
        if self._array and len(self):
            address = ctypes.addressof(self._array.contents)
            mach.vm_deallocate(mach.task_self, address, len(self) * self._size)


@contextmanager
def out_of_line(mach: Mach, *c_types: Any) -> Iterator[tuple[OutOfLine, ...]]:
    """Lend one OutOfLine for each type; whatever a call puts there goes back to the kernel."""
    arrays = tuple(OutOfLine(c_type) for c_type in c_types)
    try:
        yield arrays
    finally:
        for array in arrays:
            array.give_back(mach)


@contextmanager
def task_port(mach: Mach, function: GivesTaskPort, pid: int) -> Iterator[int]:
    """Lend the port of process `pid` that `function` (task_read_for_pid and the like) gives.

    Raises KernError if the kernel refuses, NotReadable if it answers with no port at all: success
    with MACH_PORT_NULL or MACH_PORT_DEAD is possible (XNU bsd/kern/kern_proc.c:5486-5489).
    """
    port = c.mach_port_name_t(MACH_PORT_NULL)
    getattr(mach, function)(mach.task_self, pid, ctypes.byref(port))
    if port.value in (MACH_PORT_NULL, MACH_PORT_DEAD):
        raise NotReadable(f"{function} gave no port for process {pid}; it is exiting")
    with held(mach, port.value) as name:
        yield name


@contextmanager
def held(mach: Mach, name: int) -> Iterator[int]:
    """Lend a right that the caller has just received; one user reference goes back at the end."""
    try:
        yield name
    finally:
        # The peer's death turns the right into a dead name, which deallocate takes as well; only a
        # kernel that has gone cannot take it back
        with suppress(KernError):
            mach.mach_port_deallocate(mach.task_self, name)
