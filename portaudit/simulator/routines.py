"""Every kernel call that is simulated: what flavour of task port it needs, and which function carries it out.

The flavours stand in XNU's osfmk/mach/mach_port.defs and task.defs.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from portaudit.mach.constants import (
    MACH_MSG_TYPE_PORT_SEND_ONCE,
    KernReturn,
    MsgType,
    TaskFlavor,
)
from portaudit.mach.messages import PortDescriptor
from portaudit.simulator import (
    arm,
    host,
    inspection,
    iokit,
    kernel_objects,
    port_guard,
    port_routines,
    task_routines,
)
from portaudit.simulator.guard import RefusalError
from portaudit.simulator.task_port import space_behind

if TYPE_CHECKING:
    from collections.abc import Callable

    from portaudit.simulator.dispatch import Answer
    from portaudit.simulator.host import Host
    from portaudit.simulator.message import Right
    from portaudit.simulator.port import Carried
    from portaudit.simulator.space import Space
    from portaudit.simulator.task import Task


class On(Enum):
    """What a call is made on: a space, reached by a task port of some flavour; the host; or the port itself.

    A port that is too weak gives KERN_INVALID_TASK where control or inspect is needed, and
    KERN_INVALID_ARGUMENT where read is (osfmk/kern/ipc_tt.c:2942).
    """

    CONTROL = (TaskFlavor.CONTROL, KernReturn.KERN_INVALID_TASK)
    READ = (TaskFlavor.READ, KernReturn.KERN_INVALID_ARGUMENT)
    INSPECT = (TaskFlavor.INSPECT, KernReturn.KERN_INVALID_TASK)
    HOST = "the host"
    PORT = "the port itself"


@dataclass(frozen=True, slots=True)
class Routine:
    """A kernel call.

    `inputs` are the C types of what follows the port: u and i for 32 bits without and with sign, g for 64
    bits, b for bytes, l for an array of numbers. `carries`: which of them names a right that travels with the
    call; its disposition stands behind it, or is always the same (`sent_as`). `carried_as`: the only type of
    right that the call takes, otherwise MIG_TYPE_ERROR. `trap`: libsystem tries a trap first, which works on
    the caller's own task only, and on the host. `wants_caller`: what the call does depends on who makes it.
    """

    on: On
    function: Callable[..., Any]
    inputs: str = ""
    trap: bool = False
    wants_caller: bool = False
    carries: int | None = None
    sent_as: MsgType | None = None
    carried_as: int | None = None

    def split(self, inputs: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[PortDescriptor, ...]]:
        """Part the rights that travel with the call from its plain inputs."""
        if self.carries is None:
            return inputs, ()
        before, given, behind = inputs[: self.carries], inputs[self.carries], inputs[self.carries + 1 :]
        if self.sent_as is None:
            return before, (PortDescriptor(given, behind[0]),)
        names = given if isinstance(given, list) else [given]
        return before + behind, tuple(PortDescriptor(name, self.sent_as) for name in names)

    def run(self, port: Carried, caller: Task, plain: tuple[Any, ...], rights: tuple[Right, ...]) -> Answer:
        """Carry the call out on what stands behind a port."""
        target = self.target(port)
        callers = (caller,) if self.wants_caller else ()
        answer: Answer = self.function(target, *callers, *plain, *rights)
        return answer

    def target(self, port: Carried) -> Space | Host | Carried:
        """Find what the call is made on behind a port."""
        if self.on is On.PORT:
            return port
        if self.on is On.HOST:
            return host.host_behind(port)
        flavor, code = self.on.value
        space = space_behind(port, flavor)
        if space is None:
            raise RefusalError(code)
        return space


SEND_ONCE = int(MACH_MSG_TYPE_PORT_SEND_ONCE)

ROUTINES: dict[str, Routine] = {
    "mach_port_names": Routine(On.CONTROL, port_routines.names),
    "mach_port_type": Routine(On.CONTROL, port_routines.port_type, "u", trap=True),
    "mach_port_allocate_name": Routine(On.CONTROL, port_routines.allocate_name, "uu"),
    "mach_port_allocate": Routine(On.CONTROL, port_routines.allocate, "u", trap=True),
    "mach_port_destroy": Routine(On.CONTROL, port_routines.destroy, "u"),
    "mach_port_deallocate": Routine(On.CONTROL, port_routines.deallocate, "u", trap=True),
    "mach_port_get_refs": Routine(On.CONTROL, port_routines.get_refs, "uu"),
    "mach_port_mod_refs": Routine(On.CONTROL, port_routines.mod_refs, "uui", trap=True),
    "mach_port_peek": Routine(On.CONTROL, inspection.peek, "uuu"),
    "mach_port_set_mscount": Routine(On.CONTROL, inspection.set_mscount, "uu"),
    "mach_port_get_set_status": Routine(On.READ, inspection.get_set_status, "u"),
    "mach_port_move_member": Routine(On.CONTROL, port_routines.move_member, "uu", trap=True),
    "mach_port_request_notification": Routine(
        On.CONTROL, arm.request_notification, "uiuuu", trap=True, carries=3, carried_as=SEND_ONCE
    ),
    "mach_port_insert_right": Routine(On.CONTROL, port_routines.insert_right, "uuu", trap=True, carries=1),
    "mach_port_extract_right": Routine(On.CONTROL, port_routines.extract_right, "uu", wants_caller=True),
    "mach_port_get_attributes": Routine(On.READ, inspection.get_attributes, "uiu", trap=True),
    "mach_port_set_attributes": Routine(On.CONTROL, inspection.set_attributes, "uil"),
    "mach_port_get_srights": Routine(On.CONTROL, inspection.get_srights, "u"),
    "mach_port_space_info": Routine(On.READ, inspection.space_info),
    "mach_port_dnrequest_info": Routine(On.CONTROL, inspection.dnrequest_info, "u"),
    "mach_port_insert_member": Routine(On.CONTROL, port_routines.insert_member, "uu", trap=True),
    "mach_port_extract_member": Routine(On.CONTROL, port_routines.extract_member, "uu", trap=True),
    "mach_port_get_context": Routine(On.READ, port_guard.get_context, "u"),
    "mach_port_kobject": Routine(On.READ, inspection.kobject, "u"),
    "mach_port_construct": Routine(On.CONTROL, port_guard.construct, "bg", trap=True, wants_caller=True),
    "mach_port_destruct": Routine(On.CONTROL, port_routines.destruct_port, "uig", trap=True),
    "mach_port_guard": Routine(On.CONTROL, port_guard.guard, "ugu", trap=True),
    "mach_port_unguard": Routine(On.CONTROL, port_guard.unguard, "ug", trap=True),
    "mach_port_space_basic_info": Routine(On.INSPECT, inspection.basic_info),
    "mach_port_kobject_description": Routine(On.READ, inspection.kobject_description, "u"),
    "task_terminate": Routine(On.PORT, task_routines.terminate),
    "task_threads": Routine(On.PORT, task_routines.threads, wants_caller=True),
    "task_get_special_port": Routine(On.PORT, task_routines.special_port, "i", wants_caller=True),
    "task_set_special_port": Routine(
        On.PORT, task_routines.set_special_port, "iu", carries=1, sent_as=MsgType.COPY_SEND
    ),
    "mach_ports_register": Routine(
        On.PORT, task_routines.register, "l", carries=0, sent_as=MsgType.COPY_SEND
    ),
    "mach_ports_lookup": Routine(On.PORT, task_routines.lookup),
    "task_get_exc_guard_behavior": Routine(On.PORT, task_routines.get_guard_behavior),
    "task_set_exc_guard_behavior": Routine(On.PORT, task_routines.set_guard_behavior, "u"),
    "semaphore_create": Routine(On.PORT, kernel_objects.semaphore_create, "ii"),
    "semaphore_destroy": Routine(
        On.PORT, kernel_objects.semaphore_destroy, "u", carries=0, sent_as=MsgType.MOVE_SEND
    ),
    "host_get_io_master": Routine(On.HOST, host.io_main),
    "host_get_clock_service": Routine(On.HOST, host.clock_service, "i"),
    "host_create_mach_voucher": Routine(On.HOST, host.create_voucher, "l", trap=True, wants_caller=True),
    "mach_make_memory_entry_64": Routine(
        On.PORT, kernel_objects.make_memory_entry, "ggiu", carries=3, sent_as=MsgType.COPY_SEND
    ),
    "io_iterator_next": Routine(On.PORT, iokit.iterator_next),
    "io_service_close": Routine(On.PORT, iokit.service_close),
    "io_service_open_extended": Routine(
        On.PORT, iokit.service_open, "uugl", wants_caller=True, carries=0, sent_as=MsgType.COPY_SEND
    ),
    "io_service_get_matching_service_bin": Routine(On.PORT, iokit.get_matching_service, "l"),
    "io_service_get_matching_services_bin": Routine(On.PORT, iokit.get_matching_services, "l"),
    "io_service_add_notification_bin": Routine(
        On.PORT, iokit.add_notification, "blul", carries=2, sent_as=MsgType.MAKE_SEND
    ),
}
