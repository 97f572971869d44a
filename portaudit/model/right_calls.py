"""The C functions that give a task rights, take them, or pass them on: what a call does to user references.

One table for whoever watches calls: the recorders of a ledger, the checks of source code, the manual.
References are those of the calling task's own space. MACH_PORT_NULL and MACH_PORT_DEAD never count.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from portaudit.model.rights import Right


class Place(StrEnum):
    """Where a call hands a name over."""

    RESULT = "result"
    OUT = "out"  # through a pointer to one name
    LENT = "lent"  # through a pointer to an array that the callee allocated; its memory is another leak
    FILLED = "filled"  # in an array of the caller's
    GIVEN = "given"  # by value
    MESSAGE = "message"  # in a mach_msg_header_t and the descriptors behind it


class Library(StrEnum):
    """Which library exports a function."""

    SYSTEM = "libSystem"
    IOKIT = "IOKit"
    IOSURFACE = "IOSurface"
    COREFOUNDATION = "CoreFoundation"


@dataclass(frozen=True, slots=True)
class FromArgument:
    """A value that the argument of this name holds: a delta, or a MACH_PORT_RIGHT_*."""

    argument: str


@dataclass(frozen=True, slots=True)
class ByDisposition:
    """What sending a right as the MACH_MSG_TYPE_* in the argument of this name does.

    MOVE_* (16 to 18) takes it from the sender, COPY_SEND and MAKE_* (19 to 21) leave the sender what it has
    (osfmk/ipc/ipc_right.c:2163); whoever receives it has one reference more.
    """

    argument: str


EVERYTHING = "everything"
"""A change: all rights and references at the name go."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What one call does to the references of one name, or of each name of an array."""

    place: Place
    change: int | str | FromArgument | ByDisposition
    """References: 1, -1, 0 (a name without a reference of its own), EVERYTHING, or what an argument says."""
    right: Right | FromArgument | ByDisposition | None = Right.SEND
    """The kind of right; None: whichever user references the name has."""
    argument: str = ""
    """The argument that holds the name or array; "" for a result."""
    count: str = ""
    """The argument that points to the number of names in an array."""
    own_space: str = ""
    """The argument that says whose space it is: counted only if that is the caller's own."""
    flag: int = 0
    """Counted only if the structure behind the argument `flags_in` begins with a word that has these bits."""
    flags_in: str = ""
    even_refused: bool = False
    """The call takes the right along even if it is refused, unless it was refused for that very right."""


@dataclass(frozen=True, slots=True)
class RightCall:
    """A C function, and what it does to the caller's references."""

    prototype: str
    """As C declares it: result, name, typed and named arguments."""
    effects: tuple[Effect, ...]
    header: str = ""
    """The SDK header that declares it; "" if none does."""
    kobject: str | None = None
    """What the right is to, as lsmp spells it, where every call gives the same kind."""
    library: Library = Library.SYSTEM
    recorded: bool = True
    """Whether a ledger holds it: not what only lends a name, nor what another function here does inside."""
    interposed: bool = True
    """Whether a preloaded library can stand before it; else only a debugger sees its calls."""
    source: str = ""
    """Where the fact is from, if not from the header's own words."""
    trap: str = ""
    """What one is likely to get wrong."""

    @property
    def name(self) -> str:
        """The function's name."""
        return self.prototype.partition("(")[0].split()[-1].lstrip("*")

    @property
    def result(self) -> str:
        """The C type of its result."""
        return self.prototype.partition("(")[0].rpartition(self.name)[0].strip()

    @property
    def arguments(self) -> tuple[str, ...]:
        """The arguments' names in order."""
        listed = self.prototype.partition("(")[2].rpartition(")")[0]
        if listed == "void":
            return ()
        return tuple(re.findall(r"(?<!\w)(\w+)(?:\[\w*\])?(?:,|$)", listed))

    def position(self, argument: str) -> int:
        """Give an argument's place among the arguments, from 0."""
        return self.arguments.index(argument)


def _out(argument: str, right: Right | FromArgument = Right.SEND, *, own: str = "") -> Effect:
    return Effect(Place.OUT, 1, right, argument, own_space=own)


def _lent(argument: str) -> Effect:
    return Effect(Place.LENT, 1, Right.SEND, argument, f"{argument}Cnt")


def _filled(argument: str, count: str) -> Effect:
    return Effect(Place.FILLED, 1, Right.SEND, argument, count)


def _taken(
    argument: str,
    change: int | str | FromArgument = -1,
    right: Right | FromArgument | None = None,
    *,
    own: str = "",
    even_refused: bool = False,
) -> Effect:
    return Effect(Place.GIVEN, change, right, argument, own_space=own, even_refused=even_refused)


RESULT = (Effect(Place.RESULT, 1),)
RESULT_RECEIVE = (Effect(Place.RESULT, 1, Right.RECEIVE),)
LENT_NAME = (Effect(Place.RESULT, 0),)

MPO_INSERT_SEND_RIGHT = 0x10  # mach/port.h

TRAPS = "mach/mach_traps.h"
INIT = "mach/mach_init.h"
PORT = "mach/mach_port.h"
TASK = "mach/task.h"
THREAD = "mach/thread_act.h"
HOST = "mach/mach_host.h"
PRIV = "mach/host_priv.h"
PSET = "mach/processor_set.h"
MAP = "mach/vm_map.h"
MSG = "mach/message.h"
MACH = "mach/mach.h"
XPC = "xpc/xpc.h"
IOKITLIB = "IOKitUser IOKitLib.c; its headers are in no package here: unverified"

SELF = (
    RightCall(
        "mach_port_t mach_host_self(void)",
        RESULT,
        INIT,
        "HOST",
        trap="looks like mach_task_self(), and adds a reference at every call",
    ),
    RightCall("mach_port_t mach_thread_self(void)", RESULT, INIT, "THREAD-CONTROL", trap="adds one each"),
    RightCall("mach_port_t host_self(void)", RESULT, "", "HOST", source="libSystem.tbd"),
    RightCall("mach_port_t host_self_trap(void)", RESULT, "", "HOST", source="osfmk/mach/mach_traps.h"),
    RightCall("mach_port_t thread_self_trap(void)", RESULT, "", "THREAD-CONTROL", source="the same"),
    RightCall("mach_port_name_t task_self_trap(void)", RESULT, TRAPS, "TASK-CONTROL"),
    RightCall(
        "mach_port_t mach_task_self(void)",
        RESULT,
        INIT,
        "TASK-CONTROL",
        source="libsyscall/mach/mach_legacy.c:39",
        trap="the header's macro reads the variable mach_task_self_, which adds none; the function adds one",
    ),
    RightCall(
        "mach_port_t pthread_mach_thread_np(pthread_t thread)",
        LENT_NAME,
        "pthread.h",
        "THREAD-CONTROL",
        recorded=False,
        trap="gives no reference: a deallocate after it is an over-release",
    ),
    RightCall("mach_port_t mach_reply_port(void)", RESULT_RECEIVE, "", source="osfmk/mach/mach_traps.h:88"),
    RightCall(
        "mach_port_t mig_get_reply_port(void)",
        LENT_NAME,
        "mach/mig.h",
        recorded=False,
        trap="each thread keeps one: mach_reply_port made it",
    ),
    RightCall(
        "mach_port_name_t mk_timer_create(void)",
        RESULT_RECEIVE,
        "",
        "TIMER",
        source="osfmk/mach/mk_timer.h",
        trap="its end is mk_timer_destroy",
    ),
    RightCall("mach_port_name_t audit_session_self(void)", RESULT, "", "SESSIONPORT", source="bsm/audit.h"),
)

TASK_PORTS = (
    RightCall(
        "kern_return_t task_for_pid(mach_port_name_t target_tport, int pid, mach_port_name_t *t)",
        (_out("t"),),
        TRAPS,
        "TASK-CONTROL",
        trap="success with MACH_PORT_NULL or MACH_PORT_DEAD is possible",
    ),
    *(
        RightCall(
            f"kern_return_t {name}(mach_port_name_t target_tport, int pid, mach_port_name_t *t)",
            (_out("t"),),
            "",
            kobject,
            source="bsd/kern/syscalls.master 538, 539",
            trap="a BSD system call: -1 and errno where it fails",
        )
        for name, kobject in (("task_read_for_pid", "TASK-READ"), ("task_inspect_for_pid", "TASK-INSPECT"))
    ),
    RightCall(
        "kern_return_t task_name_for_pid(mach_port_name_t target_tport, int pid, mach_port_name_t *tn)",
        (_out("tn"),),
        TRAPS,
        "TASK-NAME",
    ),
    RightCall(
        "kern_return_t debug_control_port_for_pid(mach_port_name_t target_tport, int pid,"
        " mach_port_name_t *t)",
        (_out("t"),),
        TRAPS,
    ),
    RightCall(
        "kern_return_t task_identity_token_get_task_port(task_id_token_t token, task_flavor_t flavor,"
        " mach_port_t *task_port)",
        (_out("task_port"),),
        TASK,
    ),
    RightCall(
        "kern_return_t task_create_identity_token(task_t task, task_id_token_t *token)",
        (_out("token"),),
        TASK,
        "TASK_ID_TOKEN",
    ),
    RightCall(
        "kern_return_t task_get_special_port(task_inspect_t task, int which_port, mach_port_t *special_port)",
        (_out("special_port"),),
        TASK,
        trap="task_get_bootstrap_port, task_get_kernel_port are macros over it",
    ),
    RightCall(
        "kern_return_t task_generate_corpse(task_read_t task, mach_port_t *corpse_task_port)",
        (_out("corpse_task_port"),),
        TASK,
    ),
    RightCall(
        "kern_return_t task_suspend2(task_read_t target_task, task_suspension_token_t *suspend_token)",
        (_out("suspend_token"),),
        TASK,
        "TASK_RESUME",
    ),
    RightCall(
        "kern_return_t task_resume2(task_suspension_token_t suspend_token)",
        (_taken("suspend_token", even_refused=True),),
        TASK,
        "TASK_RESUME",
        source="osfmk/mach/task.defs: the token is moved into the call",
        trap="consumes the token: no deallocate after it",
    ),
    RightCall(
        "kern_return_t task_get_mach_voucher(task_read_t task, mach_voucher_selector_t which,"
        " ipc_voucher_t *voucher)",
        (_out("voucher"),),
        TASK,
        "VOUCHER",
    ),
    RightCall(
        "kern_return_t task_threads(task_inspect_t target_task, thread_act_array_t *act_list,"
        " mach_msg_type_number_t *act_listCnt)",
        (_lent("act_list"),),
        TASK,
        trap="one reference for each thread, and the array's memory",
    ),
    RightCall(
        "kern_return_t mach_ports_lookup(task_t target_task, mach_port_array_t *init_port_set,"
        " mach_msg_type_number_t *init_port_setCnt)",
        (_lent("init_port_set"),),
        TASK,
    ),
    RightCall(
        "kern_return_t mach_ports_register(task_t target_task, mach_port_array_t init_port_set,"
        " mach_msg_type_number_t init_port_setCnt)",
        (Effect(Place.GIVEN, 0, Right.SEND, "init_port_set"),),
        TASK,
        recorded=False,
        trap="copies: the caller keeps its references",
    ),
    RightCall(
        "kern_return_t thread_create(task_t parent_task, thread_act_t *child_act)",
        (_out("child_act"),),
        TASK,
        "THREAD-CONTROL",
    ),
    RightCall(
        "kern_return_t thread_create_running(task_t parent_task, thread_state_flavor_t flavor,"
        " thread_state_t new_state, mach_msg_type_number_t new_stateCnt, thread_act_t *child_act)",
        (_out("child_act"),),
        TASK,
        "THREAD-CONTROL",
    ),
    RightCall(
        "kern_return_t thread_get_special_port(thread_inspect_t thr_act, int which_port,"
        " mach_port_t *special_port)",
        (_out("special_port"),),
        THREAD,
    ),
    RightCall(
        "kern_return_t thread_get_mach_voucher(thread_read_t thr_act, mach_voucher_selector_t which,"
        " ipc_voucher_t *voucher)",
        (_out("voucher"),),
        THREAD,
        "VOUCHER",
    ),
)

_EXCEPTION_TAIL = (
    "exception_mask_array_t masks, mach_msg_type_number_t *masksCnt, exception_handler_array_t old_handlers,"
    " exception_behavior_array_t old_behaviors, exception_flavor_array_t old_flavors"
)
EXCEPTION_PORTS = tuple(
    RightCall(prototype, (_filled("old_handlers", "masksCnt"),), header)
    for owner, kind, header in (
        ("task", "task_t", TASK),
        ("thread", "thread_act_t", THREAD),
        ("host", "host_priv_t", PRIV),
    )
    for prototype in (
        (
            f"kern_return_t {owner}_get_exception_ports({kind} {owner}, exception_mask_t exception_mask,"
            f" {_EXCEPTION_TAIL})"
        ),
        (
            f"kern_return_t {owner}_swap_exception_ports({kind} {owner}, exception_mask_t exception_mask,"
            " mach_port_t new_port, exception_behavior_t behavior, thread_state_flavor_t new_flavor,"
            f" {_EXCEPTION_TAIL})"
        ),
    )
)
"""Each handler that is not null comes with a reference. Setting one costs the caller none."""

HOST_PORTS = (
    RightCall(
        "kern_return_t host_get_special_port(host_priv_t host_priv, int node, int which, mach_port_t *port)",
        (_out("port"),),
        PRIV,
    ),
    RightCall(
        "kern_return_t host_processor_set_priv(host_priv_t host_priv, processor_set_name_t set_name,"
        " processor_set_t *set)",
        (_out("set"),),
        PRIV,
        "PROCESSOR-SET",
    ),
    RightCall(
        "kern_return_t host_processor_sets(host_priv_t host_priv, processor_set_name_array_t *processor_sets,"
        " mach_msg_type_number_t *processor_setsCnt)",
        (_lent("processor_sets"),),
        PRIV,
    ),
    RightCall(
        "kern_return_t host_processors(host_priv_t host_priv, processor_array_t *out_processor_list,"
        " mach_msg_type_number_t *out_processor_listCnt)",
        (_lent("out_processor_list"),),
        PRIV,
    ),
    RightCall(
        "kern_return_t processor_set_default(host_t host, processor_set_name_t *default_set)",
        (_out("default_set"),),
        HOST,
    ),
    RightCall(
        "kern_return_t processor_set_tasks(processor_set_t processor_set, task_array_t *task_list,"
        " mach_msg_type_number_t *task_listCnt)",
        (_lent("task_list"),),
        PSET,
        trap="every task of the machine: hundreds of references a call",
    ),
    RightCall(
        "kern_return_t processor_set_tasks_with_flavor(processor_set_t processor_set,"
        " mach_task_flavor_t flavor, task_array_t *task_list, mach_msg_type_number_t *task_listCnt)",
        (_lent("task_list"),),
        PSET,
    ),
    RightCall(
        "kern_return_t processor_set_threads(processor_set_t processor_set, thread_act_array_t *thread_list,"
        " mach_msg_type_number_t *thread_listCnt)",
        (_lent("thread_list"),),
        PSET,
    ),
    RightCall(
        "kern_return_t host_get_clock_service(host_t host, clock_id_t clock_id, clock_serv_t *clock_serv)",
        (_out("clock_serv"),),
        HOST,
        "CLOCK",
    ),
    RightCall(
        "kern_return_t host_get_io_main(host_t host, io_main_t *io_main)",
        (_out("io_main"),),
        HOST,
        "MAIN-DEVICE",
    ),
    RightCall(
        "kern_return_t host_get_io_master(host_t host, mach_port_t *io_master)",
        (_out("io_master"),),
        "",
        "MAIN-DEVICE",
        source="libsyscall/mach/host.c:119",
    ),
    RightCall(
        "kern_return_t host_create_mach_voucher(host_t host, mach_voucher_attr_raw_recipe_array_t recipes,"
        " mach_msg_type_number_t recipesCnt, ipc_voucher_t *voucher)",
        (_out("voucher"),),
        HOST,
        "VOUCHER",
    ),
)

NAMES = (
    RightCall(
        "kern_return_t mach_port_allocate(ipc_space_t task, mach_port_right_t right, mach_port_name_t *name)",
        (_out("name", FromArgument("right"), own="task"),),
        PORT,
    ),
    RightCall(
        "kern_return_t mach_port_allocate_name(ipc_space_t task, mach_port_right_t right,"
        " mach_port_name_t name)",
        (_taken("name", 1, FromArgument("right"), own="task"),),
        PORT,
    ),
    RightCall(
        "kern_return_t mach_port_allocate_qos(ipc_space_t task, mach_port_right_t right,"
        " mach_port_qos_t *qos, mach_port_name_t *name)",
        (_out("name", FromArgument("right"), own="task"),),
        PORT,
    ),
    RightCall(
        "kern_return_t mach_port_allocate_full(ipc_space_t task, mach_port_right_t right, mach_port_t proto,"
        " mach_port_qos_t *qos, mach_port_name_t *name)",
        (_out("name", FromArgument("right"), own="task"),),
        PORT,
    ),
    RightCall(
        "kern_return_t mach_port_construct(ipc_space_t task, mach_port_options_ptr_t options,"
        " mach_port_context_t context, mach_port_name_t *name)",
        (
            _out("name", Right.RECEIVE, own="task"),
            Effect(
                Place.OUT,
                1,
                Right.SEND,
                "name",
                own_space="task",
                flag=MPO_INSERT_SEND_RIGHT,
                flags_in="options",
            ),
        ),
        PORT,
    ),
    RightCall(
        "kern_return_t mach_port_insert_right(ipc_space_t task, mach_port_name_t name, mach_port_t poly,"
        " mach_msg_type_name_t polyPoly)",
        (
            Effect(
                Place.GIVEN,
                ByDisposition("polyPoly"),
                ByDisposition("polyPoly"),
                "poly",
                even_refused=True,
            ),
            Effect(Place.GIVEN, 1, ByDisposition("polyPoly"), "name", own_space="task"),
        ),
        PORT,
        source="osfmk/ipc/mach_kernelrpc.c:262, osfmk/ipc/mach_port.c:1620",
        trap="MAKE_SEND and COPY_SEND add a reference to the caller's own name",
    ),
    RightCall(
        "kern_return_t mach_port_extract_right(ipc_space_t task, mach_port_name_t name,"
        " mach_msg_type_name_t msgt_name, mach_port_t *poly, mach_msg_type_name_t *polyPoly)",
        (
            Effect(
                Place.GIVEN, ByDisposition("msgt_name"), ByDisposition("msgt_name"), "name", own_space="task"
            ),
            Effect(Place.OUT, 1, ByDisposition("msgt_name"), "poly"),
        ),
        PORT,
    ),
    RightCall(
        "kern_return_t mach_port_request_notification(ipc_space_t task, mach_port_name_t name,"
        " mach_msg_id_t msgid, mach_port_mscount_t sync, mach_port_t notify, mach_msg_type_name_t notifyPoly,"
        " mach_port_t *previous)",
        (
            Effect(
                Place.GIVEN,
                ByDisposition("notifyPoly"),
                ByDisposition("notifyPoly"),
                "notify",
                even_refused=True,
            ),
            _out("previous", Right.SEND_ONCE),
        ),
        PORT,
        trap="the port's death adds a reference where this is armed; the notification's receiver owns it",
    ),
    RightCall(
        "kern_return_t mach_port_deallocate(ipc_space_t task, mach_port_name_t name)",
        (_taken("name", own="task"),),
        PORT,
        trap="destroys a port set; never takes a receive right; at 65535 it changes nothing",
    ),
    RightCall(
        "kern_return_t mach_port_mod_refs(ipc_space_t task, mach_port_name_t name, mach_port_right_t right,"
        " mach_port_delta_t delta)",
        (_taken("name", FromArgument("delta"), FromArgument("right"), own="task"),),
        PORT,
    ),
    RightCall(
        "kern_return_t mach_port_destroy(ipc_space_t task, mach_port_name_t name)",
        (_taken("name", EVERYTHING, own="task"),),
        PORT,
        trap="takes the references of every other owner, too; deprecated",
    ),
    RightCall(
        "kern_return_t mach_port_destruct(ipc_space_t task, mach_port_name_t name, mach_port_delta_t srdelta,"
        " mach_port_context_t guard)",
        (
            _taken("name", -1, Right.RECEIVE, own="task"),
            _taken("name", FromArgument("srdelta"), Right.SEND, own="task"),
        ),
        PORT,
    ),
    RightCall(
        "mach_right_recv_t mach_right_recv_construct(mach_right_flags_t flags, mach_right_send_t *sr,"
        " uintptr_t ctx)",
        (Effect(Place.RESULT, 1, Right.RECEIVE), _out("sr")),
        "",
        source="libsyscall/mach/mach_right.c",
    ),
    RightCall(
        "void mach_right_recv_destruct(mach_right_recv_t r, mach_right_send_t *s, uintptr_t ctx)",
        (_taken("r", -1, Right.RECEIVE), Effect(Place.OUT, -1, Right.SEND, "s")),
        "",
        source="libsyscall/mach/mach_right.c",
    ),
    RightCall(
        "mach_right_send_t mach_right_send_create(mach_right_recv_t r)",
        RESULT,
        source="libsyscall/mach/mach_right.c",
    ),
    RightCall(
        "mach_right_send_t mach_right_send_retain(mach_right_send_t s)",
        RESULT,
        source="libsyscall/mach/mach_right.c",
    ),
    RightCall(
        "void mach_right_send_release(mach_right_send_t s)",
        (_taken("s"),),
        source="libsyscall/mach/mach_right.c",
    ),
    RightCall(
        "mach_right_send_once_t mach_right_send_once_create(mach_right_recv_t r)",
        (Effect(Place.RESULT, 1, Right.SEND_ONCE),),
        source="libsyscall/mach/mach_right.c",
    ),
    RightCall(
        "void mach_right_send_once_consume(mach_right_send_once_t so)",
        (_taken("so", -1, Right.SEND_ONCE),),
        source="libsyscall/mach/mach_right.c",
    ),
)

OBJECTS = (
    RightCall(
        "kern_return_t semaphore_create(task_t task, semaphore_t *semaphore, int policy, int value)",
        (_out("semaphore"),),
        TASK,
        "SEMAPHORE",
        trap="given back by semaphore_destroy or by mach_port_deallocate, never by both",
    ),
    RightCall(
        "kern_return_t semaphore_destroy(task_t task, semaphore_t semaphore)",
        (_taken("semaphore", even_refused=True),),
        TASK,
        "SEMAPHORE",
        source="osfmk/mach/mach_types.defs:617 (semaphore_consume_ref_t)",
        trap="moves the right into the call: gone even where it answers KERN_INVALID_ARGUMENT",
    ),
    RightCall(
        "kern_return_t mk_timer_destroy(mach_port_name_t name)",
        (_taken("name", -1, Right.RECEIVE),),
        "",
        "TIMER",
        source="osfmk/kern/mk_timer.c",
    ),
    RightCall(
        "kern_return_t mach_make_memory_entry_64(vm_map_t target_task, memory_object_size_t *size,"
        " memory_object_offset_t offset, vm_prot_t permission, mach_port_t *object_handle,"
        " mem_entry_name_port_t parent_entry)",
        (_out("object_handle"),),
        MAP,
        "NAMED-MEMORY",
        trap="vm_map with it takes no reference",
    ),
    RightCall(
        "kern_return_t mach_make_memory_entry(vm_map_t target_task, vm_size_t *size, vm_offset_t offset,"
        " vm_prot_t permission, mem_entry_name_port_t *object_handle, mem_entry_name_port_t parent_entry)",
        (_out("object_handle"),),
        MAP,
        "NAMED-MEMORY",
    ),
    RightCall(
        "int fileport_makeport(int fd, mach_port_t *port)",
        (_out("port"),),
        "",
        "FILEPORT",
        source="bsd/sys/fileport.h:49",
        trap="fileport_makefd takes no reference",
    ),
    RightCall(
        "kern_return_t mach_voucher_deallocate(mach_port_name_t voucher)",
        (_taken("voucher"),),
        MSG,
        "VOUCHER",
    ),
)

SERVICES = (
    RightCall(
        "kern_return_t bootstrap_look_up(mach_port_t bp, const char *service_name, mach_port_t *sp)",
        (_out("sp"),),
        "servers/bootstrap.h",
    ),
    RightCall(
        "kern_return_t bootstrap_look_up2(mach_port_t bp, const char *service_name, mach_port_t *sp,"
        " pid_t target_pid, uint64_t flags)",
        (_out("sp"),),
        source="launchd's bootstrap_priv.h",
    ),
    RightCall(
        "kern_return_t bootstrap_look_up3(mach_port_t bp, const char *service_name, mach_port_t *sp,"
        " pid_t target_pid, const unsigned char *instance_id, uint64_t flags)",
        (_out("sp"),),
        source="launchd's bootstrap_priv.h",
    ),
    RightCall(
        "kern_return_t bootstrap_check_in(mach_port_t bp, const char *service_name, mach_port_t *sp)",
        (_out("sp", Right.RECEIVE),),
        "servers/bootstrap.h",
    ),
    RightCall(
        "kern_return_t bootstrap_check_in2(mach_port_t bp, const char *service_name, mach_port_t *sp,"
        " uint64_t flags)",
        (_out("sp", Right.RECEIVE),),
        source="launchd's bootstrap_priv.h",
    ),
    RightCall(
        "kern_return_t bootstrap_check_in3(mach_port_t bp, const char *service_name, mach_port_t *sp,"
        " const unsigned char *instance_id, uint64_t flags)",
        (_out("sp", Right.RECEIVE),),
        source="launchd's bootstrap_priv.h",
    ),
    RightCall(
        "mach_port_t xpc_dictionary_copy_mach_send(xpc_object_t xdict, const char *key)",
        RESULT,
        XPC,
        trap="the caller owns one reference each time; MACH_PORT_NULL if there is none",
    ),
    RightCall(
        "mach_port_t xpc_array_copy_mach_send(xpc_object_t xarray, size_t index)",
        RESULT,
        source="libSystem.tbd",
    ),
    RightCall("mach_port_t xpc_mach_send_copy_right(xpc_object_t xsend)", RESULT, source="libSystem.tbd"),
    RightCall(
        "mach_port_t xpc_mach_send_get_right(xpc_object_t xsend)",
        LENT_NAME,
        recorded=False,
        source="libSystem.tbd",
        trap="gives no reference",
    ),
    RightCall(
        "mach_port_t xpc_mach_send_once_extract_right(xpc_object_t xsend_once)",
        (Effect(Place.RESULT, 1, Right.SEND_ONCE),),
        source="libSystem.tbd",
    ),
    RightCall(
        "mach_port_t xpc_dictionary_extract_mach_recv(xpc_object_t xdict, const char *key)",
        RESULT_RECEIVE,
        source="libSystem.tbd",
    ),
    RightCall(
        "mach_port_t xpc_mach_recv_extract_right(xpc_object_t xrecv)", RESULT_RECEIVE, source="libSystem.tbd"
    ),
    RightCall(
        "void xpc_dictionary_set_mach_send(xpc_object_t xdict, const char *key, mach_port_t p)",
        (Effect(Place.GIVEN, 0, Right.SEND, "p"),),
        XPC,
        recorded=False,
        trap="copies: the caller keeps its reference; the dictionary may hold one of its own while it lives",
    ),
)

MESSAGES = (
    RightCall(
        "mach_msg_return_t mach_msg(mach_msg_header_t *msg, mach_msg_option_t option,"
        " mach_msg_size_t send_size, mach_msg_size_t rcv_size, mach_port_name_t rcv_name,"
        " mach_msg_timeout_t timeout, mach_port_name_t notify)",
        (Effect(Place.MESSAGE, 1, None, "msg"),),
        MSG,
    ),
    RightCall(
        "mach_msg_return_t mach_msg_overwrite(mach_msg_header_t *msg, mach_msg_option_t option,"
        " mach_msg_size_t send_size, mach_msg_size_t rcv_size, mach_port_name_t rcv_name,"
        " mach_msg_timeout_t timeout, mach_port_name_t notify, mach_msg_header_t *rcv_msg,"
        " mach_msg_size_t rcv_limit)",
        (Effect(Place.MESSAGE, 1, None, "msg"),),
        MSG,
    ),
    RightCall(
        "mach_msg_return_t mach_msg_send(mach_msg_header_t *header)",
        (Effect(Place.MESSAGE, 1, None, "header"),),
        MACH,
    ),
    RightCall(
        "mach_msg_return_t mach_msg_receive(mach_msg_header_t *header)",
        (Effect(Place.MESSAGE, 1, None, "header"),),
        MACH,
    ),
    RightCall(
        "mach_msg_return_t mach_msg2_internal(void *data, uint64_t option64, uint64_t bits_and_send_size,"
        " uint64_t remote_and_local, uint64_t voucher_and_id, uint64_t count_and_rcv_name,"
        " uint64_t rcv_size_and_priority, uint64_t timeout)",
        (Effect(Place.MESSAGE, 1, None, "data"),),
        interposed=False,
        source="libsyscall/mach/mach_msg.c; what libxpc and libdispatch call",
    ),
    RightCall(
        "void mach_msg_destroy(mach_msg_header_t *msg)",
        (Effect(Place.MESSAGE, -1, None, "msg"),),
        MACH,
        source="libsyscall/mach/mach_msg.c: what the header and the descriptors name is given back",
    ),
)
"""What calls back (mach_msg_server, CFRunLoopRun, dispatch_main) is not listed: it would hide its callees."""

IOKIT = tuple(
    RightCall(prototype, effects, "IOKit/IOKitLib.h", kobject, Library.IOKIT, source=IOKITLIB, trap=trap)
    for prototype, effects, kobject, trap in (
        (
            "io_service_t IOServiceGetMatchingService(mach_port_t mainPort, CFDictionaryRef matching)",
            RESULT,
            "IOKIT-OBJECT",
            "it is the dictionary that is consumed, not a port",
        ),
        (
            (
                "kern_return_t IOServiceGetMatchingServices(mach_port_t mainPort, CFDictionaryRef matching,"
                " io_iterator_t *existing)"
            ),
            (_out("existing"),),
            "IOKIT-OBJECT",
            "",
        ),
        (
            (
                "kern_return_t IOServiceAddMatchingNotification(IONotificationPortRef notifyPort,"
                " const char *notificationType, CFDictionaryRef matching, IOServiceMatchingCallback callback,"
                " void *refCon, io_iterator_t *notification)"
            ),
            (_out("notification"),),
            "IOKIT-OBJECT",
            "",
        ),
        (
            (
                "kern_return_t IOServiceAddInterestNotification(IONotificationPortRef notifyPort,"
                " io_service_t service, const char *interestType, IOServiceInterestCallback callback,"
                " void *refCon, io_object_t *notification)"
            ),
            (_out("notification"),),
            "IOKIT-OBJECT",
            "",
        ),
        (
            (
                "kern_return_t IOServiceOpen(io_service_t service, task_port_t owningTask, uint32_t type,"
                " io_connect_t *connect)"
            ),
            (_out("connect"),),
            "IOKIT-CONNECT",
            "",
        ),
        (
            "kern_return_t IOServiceClose(io_connect_t connect)",
            (_taken("connect", even_refused=True),),
            "IOKIT-CONNECT",
            "releases the connection's send right as well: no IOObjectRelease after it",
        ),
        ("io_object_t IOIteratorNext(io_iterator_t iterator)", RESULT, "IOKIT-OBJECT", ""),
        ("kern_return_t IOObjectRelease(io_object_t object)", (_taken("object"),), None, ""),
        (
            "kern_return_t IOObjectRetain(io_object_t object)",
            (_taken("object", 1, Right.SEND),),
            None,
            "",
        ),
        (
            "kern_return_t IOConnectAddRef(io_connect_t connect)",
            (_taken("connect", 1, Right.SEND),),
            "IOKIT-CONNECT",
            "",
        ),
        (
            "kern_return_t IOConnectRelease(io_connect_t connect)",
            (_taken("connect", -1, Right.SEND),),
            "IOKIT-CONNECT",
            "",
        ),
        ("io_registry_entry_t IORegistryGetRootEntry(mach_port_t mainPort)", RESULT, "IOKIT-OBJECT", ""),
        (
            "io_registry_entry_t IORegistryEntryFromPath(mach_port_t mainPort, const char *path)",
            RESULT,
            "IOKIT-OBJECT",
            "",
        ),
        (
            (
                "kern_return_t IORegistryCreateIterator(mach_port_t mainPort, const char *plane,"
                " uint32_t options, io_iterator_t *iterator)"
            ),
            (_out("iterator"),),
            "IOKIT-OBJECT",
            "",
        ),
        (
            (
                "kern_return_t IORegistryEntryCreateIterator(io_registry_entry_t entry, const char *plane,"
                " uint32_t options, io_iterator_t *iterator)"
            ),
            (_out("iterator"),),
            "IOKIT-OBJECT",
            "",
        ),
        (
            (
                "kern_return_t IORegistryEntryGetChildIterator(io_registry_entry_t entry, const char *plane,"
                " io_iterator_t *iterator)"
            ),
            (_out("iterator"),),
            "IOKIT-OBJECT",
            "",
        ),
        (
            (
                "kern_return_t IORegistryEntryGetParentIterator(io_registry_entry_t entry, const char *plane,"
                " io_iterator_t *iterator)"
            ),
            (_out("iterator"),),
            "IOKIT-OBJECT",
            "",
        ),
        (
            (
                "kern_return_t IORegistryEntryGetChildEntry(io_registry_entry_t entry, const char *plane,"
                " io_registry_entry_t *child)"
            ),
            (_out("child"),),
            "IOKIT-OBJECT",
            "",
        ),
        (
            (
                "kern_return_t IORegistryEntryGetParentEntry(io_registry_entry_t entry, const char *plane,"
                " io_registry_entry_t *parent)"
            ),
            (_out("parent"),),
            "IOKIT-OBJECT",
            "",
        ),
        (
            "kern_return_t IOMainPort(mach_port_t bootstrapPort, mach_port_t *mainPort)",
            (_out("mainPort"),),
            "MAIN-DEVICE",
            "kIOMainPortDefault costs nothing",
        ),
        (
            "kern_return_t IOMasterPort(mach_port_t bootstrapPort, mach_port_t *mainPort)",
            (_out("mainPort"),),
            "MAIN-DEVICE",
            "the older name of IOMainPort",
        ),
    )
)

IOSURFACE = (
    RightCall(
        "mach_port_t IOSurfaceCreateMachPort(IOSurfaceRef buffer)",
        RESULT,
        "IOSurface/IOSurfaceRef.h",
        library=Library.IOSURFACE,
        source="its header's own words; in no package here: unverified",
    ),
)

CF = "CoreFoundation's CFMachPort.c and CFMessagePort.c; their headers are in no package here: unverified"

COREFOUNDATION = tuple(
    RightCall(
        prototype,
        effects,
        library=Library.COREFOUNDATION,
        recorded=False,
        source=CF,
        trap=trap,
    )
    for prototype, effects, trap in (
        (
            (
                "CFMachPortRef CFMachPortCreate(CFAllocatorRef allocator, CFMachPortCallBack callout,"
                " CFMachPortContext *context, Boolean *shouldFreeInfo)"
            ),
            LENT_NAME,
            "holds a receive and a send right of its own: CFMachPortInvalidate before the last CFRelease",
        ),
        (
            (
                "CFMachPortRef CFMachPortCreateWithPort(CFAllocatorRef allocator, mach_port_t portNum,"
                " CFMachPortCallBack callout, CFMachPortContext *context, Boolean *shouldFreeInfo)"
            ),
            (Effect(Place.GIVEN, 0, None, "portNum"),),
            "takes no reference: whoever has the right gives it back, once, after CFMachPortInvalidate",
        ),
        (
            "mach_port_t CFMachPortGetPort(CFMachPortRef port)",
            LENT_NAME,
            "gives no reference: a deallocate after it is an over-release",
        ),
        (
            "void CFMachPortInvalidate(CFMachPortRef port)",
            (Effect(Place.GIVEN, 0, None, "port"),),
            "ends what CFMachPortCreate made, and no right that CFMachPortCreateWithPort was given",
        ),
        (
            (
                "CFMessagePortRef CFMessagePortCreateLocal(CFAllocatorRef allocator, CFStringRef name,"
                " CFMessagePortCallBack callout, CFMessagePortContext *context, Boolean *shouldFreeInfo)"
            ),
            LENT_NAME,
            "holds a receive right, checked in with launchd, until CFMessagePortInvalidate",
        ),
        (
            "CFMessagePortRef CFMessagePortCreateRemote(CFAllocatorRef allocator, CFStringRef name)",
            LENT_NAME,
            "holds a send right to the other side until it is invalidated or released",
        ),
        (
            "void CFMessagePortInvalidate(CFMessagePortRef ms)",
            (Effect(Place.GIVEN, 0, None, "ms"),),
            "",
        ),
    )
)
"""Objects that own rights. The calls that they make inside are in a ledger of lldb, these in their stacks."""

RIGHT_CALLS: tuple[RightCall, ...] = (
    *SELF,
    *TASK_PORTS,
    *EXCEPTION_PORTS,
    *HOST_PORTS,
    *NAMES,
    *OBJECTS,
    *SERVICES,
    *MESSAGES,
    *IOKIT,
    *IOSURFACE,
    *COREFOUNDATION,
)
"""Every function, by what it is about. A ledger names its own functions: their numbers are no places here."""
