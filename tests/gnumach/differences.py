"""Where GNU Mach and XNU differ by design, as rules: each with its reason.

Seen on Debian's GNU Mach 1.8+git20221224; XNU's side from apple-oss-distributions/xnu at 11417.101.15.
"""

from portaudit.mach.constants import MACH_PORT_DEAD, MACH_PORT_NULL, KernReturn
from tests.gnumach.operations import Name, Operation

NO_NAMES = (MACH_PORT_NULL, MACH_PORT_DEAD)

MOST_REFERENCES = 60000
"""Below both limits: 65534 in GNU Mach, which then refuses; 65535 in XNU, which then stops counting."""

OF_NO_NAME = {
    "mach_port_deallocate": (KernReturn.KERN_SUCCESS,),
    "mach_port_destroy": (KernReturn.KERN_SUCCESS,),
    "mach_port_extract_right": (KernReturn.KERN_INVALID_RIGHT,),
    "mach_port_request_notification": (KernReturn.KERN_INVALID_RIGHT, KernReturn.KERN_INVALID_ARGUMENT),
    "mach_port_get_refs": (KernReturn.KERN_SUCCESS,),
    "mach_port_mod_refs": (KernReturn.KERN_SUCCESS,),
    "mach_port_move_member": (KernReturn.KERN_INVALID_RIGHT,),
    "mach_port_set_mscount": (KernReturn.KERN_INVALID_RIGHT,),
}
TAKES_A_RIGHT = frozenset({"mach_port_insert_right", "mach_port_request_notification"})
NEEDS_A_RECEIVE_RIGHT = frozenset(
    {
        "mach_port_extract_right",
        "mach_port_move_member",
        "mach_port_request_notification",
        "mach_port_set_mscount",
    }
)
WRONG = (KernReturn.KERN_INVALID_NAME, KernReturn.KERN_INVALID_RIGHT, KernReturn.KERN_INVALID_CAPABILITY)


def codes_agree(operation: Operation, simulated: int, live: int) -> bool:
    """Whether the two return codes are those that the two systems must give."""
    if simulated == live:
        return True
    rules = (of_no_name, of_a_dead_name, nothing_to_withdraw, both_wrong, by_trap, nothing_by_trap)
    return any(rule(operation, simulated, live) for rule in rules)


def of_no_name(operation: Operation, simulated: int, live: int) -> bool:
    """MACH_PORT_NULL and _DEAD are looked up by GNU Mach, which finds nothing.

    XNU answers before it looks (osfmk/ipc/mach_port.c:739, 799).
    """
    codes = OF_NO_NAME.get(operation.function, ())
    return _names_nothing(operation) and simulated in codes and live == KernReturn.KERN_INVALID_NAME


def of_a_dead_name(operation: Operation, simulated: int, live: int) -> bool:
    """A dead name where a receive right is needed has the wrong right for GNU Mach.

    For XNU it is no name (osfmk/ipc/ipc_right.c:188).
    """
    codes = (KernReturn.KERN_INVALID_NAME, KernReturn.KERN_INVALID_RIGHT)
    dead = any(isinstance(value, Name) and value.is_dead for value in operation.inputs[1:])
    return dead and operation.function in NEEDS_A_RECEIVE_RIGHT and (simulated, live) == codes


def nothing_to_withdraw(operation: Operation, simulated: int, live: int) -> bool:
    """A request is withdrawn that was never armed, on a name that could have none.

    GNU Mach looks at the right first, XNU at the request (osfmk/ipc/ipc_right.c:425).
    """
    request = operation.function == "mach_port_request_notification"
    return request and _names_nothing(operation) and simulated == KernReturn.KERN_SUCCESS and live in WRONG


def both_wrong(operation: Operation, simulated: int, live: int) -> bool:
    """Of a member without a receive right and a set that is none, GNU Mach tells the member's fault.

    XNU looks both names up before it looks at their rights (osfmk/ipc/mach_port.c, mach_port_move_member).
    """
    return operation.function == "mach_port_move_member" and simulated in WRONG and live in WRONG


def by_trap(operation: Operation, simulated: int, live: int) -> bool:
    """A wrong right among the inputs is a send error in GNU Mach, which takes it by message.

    On a task's own space XNU takes it by trap, as an error of the call (osfmk/ipc/mach_kernelrpc.c:181-417).
    """
    return _own(operation) and live == KernReturn.MACH_SEND_INVALID_RIGHT and simulated in WRONG


def nothing_by_trap(operation: Operation, simulated: int, live: int) -> bool:
    """MACH_PORT_NULL or _DEAD for the right: a message carries it to the kernel, a trap looks it up."""
    refused = live in (KernReturn.KERN_INVALID_CAPABILITY, KernReturn.KERN_INVALID_VALUE)
    found_nothing = simulated == KernReturn.KERN_INVALID_NAME
    return _own(operation) and refused and found_nothing and _names_nothing(operation)


def _own(operation: Operation) -> bool:
    return operation.caller is operation.target and operation.function in TAKES_A_RIGHT


def _names_nothing(operation: Operation) -> bool:
    return any(isinstance(value, Name) and value.name in NO_NAMES for value in operation.inputs[1:])
