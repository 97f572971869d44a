"""portaudit for lldb: the port space of the stopped process, and a ledger of where its rights come and go.

    (lldb) command script import portaudit_lldb.py
    (lldb) portaudit snapshot before.json [--role host]    a probe record of the stopped process
    (lldb) portaudit record ledger.bin [--events N]        from now on, until it exits or `portaudit end`
    (lldb) portaudit go [--until SYMBOL]                   run on; or just `continue`
    (lldb) portaudit end                                   no more recording; the process goes on undisturbed

It stands alone: Python 3.7 or newer, the standard library, and lldb's own module.
The formats are those of portaudit's probe record and of portaudit-ledger(5).
"""

from __future__ import annotations

import json
import mmap
import shlex
import struct
import time
from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

import lldb

# fmt: off
# ---- from portaudit's table of functions ----
CALLS = {
    "mach_host_self": (False, (('result', -1, -1, 1, 0, -1, (-1, 0), False),)),
    "mach_thread_self": (False, (('result', -1, -1, 1, 0, -1, (-1, 0), False),)),
    "host_self": (False, (('result', -1, -1, 1, 0, -1, (-1, 0), False),)),
    "host_self_trap": (False, (('result', -1, -1, 1, 0, -1, (-1, 0), False),)),
    "thread_self_trap": (False, (('result', -1, -1, 1, 0, -1, (-1, 0), False),)),
    "task_self_trap": (False, (('result', -1, -1, 1, 0, -1, (-1, 0), False),)),
    "mach_task_self": (False, (('result', -1, -1, 1, 0, -1, (-1, 0), False),)),
    "mach_reply_port": (False, (('result', -1, -1, 1, 1, -1, (-1, 0), False),)),
    "mk_timer_create": (False, (('result', -1, -1, 1, 1, -1, (-1, 0), False),)),
    "audit_session_self": (False, (('result', -1, -1, 1, 0, -1, (-1, 0), False),)),
    "task_for_pid": (True, (('out', 2, -1, 1, 0, -1, (-1, 0), False),)),
    "task_read_for_pid": (True, (('out', 2, -1, 1, 0, -1, (-1, 0), False),)),
    "task_inspect_for_pid": (True, (('out', 2, -1, 1, 0, -1, (-1, 0), False),)),
    "task_name_for_pid": (True, (('out', 2, -1, 1, 0, -1, (-1, 0), False),)),
    "debug_control_port_for_pid": (True, (('out', 2, -1, 1, 0, -1, (-1, 0), False),)),
    "task_identity_token_get_task_port": (True, (('out', 2, -1, 1, 0, -1, (-1, 0), False),)),
    "task_create_identity_token": (True, (('out', 1, -1, 1, 0, -1, (-1, 0), False),)),
    "task_get_special_port": (True, (('out', 2, -1, 1, 0, -1, (-1, 0), False),)),
    "task_generate_corpse": (True, (('out', 1, -1, 1, 0, -1, (-1, 0), False),)),
    "task_suspend2": (True, (('out', 1, -1, 1, 0, -1, (-1, 0), False),)),
    "task_resume2": (True, (('given', 0, -1, -1, 255, -1, (-1, 0), True),)),
    "task_get_mach_voucher": (True, (('out', 2, -1, 1, 0, -1, (-1, 0), False),)),
    "task_threads": (True, (('lent', 1, 2, 1, 0, -1, (-1, 0), False),)),
    "mach_ports_lookup": (True, (('lent', 1, 2, 1, 0, -1, (-1, 0), False),)),
    "thread_create": (True, (('out', 1, -1, 1, 0, -1, (-1, 0), False),)),
    "thread_create_running": (True, (('out', 4, -1, 1, 0, -1, (-1, 0), False),)),
    "thread_get_special_port": (True, (('out', 2, -1, 1, 0, -1, (-1, 0), False),)),
    "thread_get_mach_voucher": (True, (('out', 2, -1, 1, 0, -1, (-1, 0), False),)),
    "task_get_exception_ports": (True, (('filled', 4, 3, 1, 0, -1, (-1, 0), False),)),
    "task_swap_exception_ports": (True, (('filled', 7, 6, 1, 0, -1, (-1, 0), False),)),
    "thread_get_exception_ports": (True, (('filled', 4, 3, 1, 0, -1, (-1, 0), False),)),
    "thread_swap_exception_ports": (True, (('filled', 7, 6, 1, 0, -1, (-1, 0), False),)),
    "host_get_exception_ports": (True, (('filled', 4, 3, 1, 0, -1, (-1, 0), False),)),
    "host_swap_exception_ports": (True, (('filled', 7, 6, 1, 0, -1, (-1, 0), False),)),
    "host_get_special_port": (True, (('out', 3, -1, 1, 0, -1, (-1, 0), False),)),
    "host_processor_set_priv": (True, (('out', 2, -1, 1, 0, -1, (-1, 0), False),)),
    "host_processor_sets": (True, (('lent', 1, 2, 1, 0, -1, (-1, 0), False),)),
    "host_processors": (True, (('lent', 1, 2, 1, 0, -1, (-1, 0), False),)),
    "processor_set_default": (True, (('out', 1, -1, 1, 0, -1, (-1, 0), False),)),
    "processor_set_tasks": (True, (('lent', 1, 2, 1, 0, -1, (-1, 0), False),)),
    "processor_set_tasks_with_flavor": (True, (('lent', 2, 3, 1, 0, -1, (-1, 0), False),)),
    "processor_set_threads": (True, (('lent', 1, 2, 1, 0, -1, (-1, 0), False),)),
    "host_get_clock_service": (True, (('out', 2, -1, 1, 0, -1, (-1, 0), False),)),
    "host_get_io_main": (True, (('out', 1, -1, 1, 0, -1, (-1, 0), False),)),
    "host_get_io_master": (True, (('out', 1, -1, 1, 0, -1, (-1, 0), False),)),
    "host_create_mach_voucher": (True, (('out', 3, -1, 1, 0, -1, (-1, 0), False),)),
    "mach_port_allocate": (True, (('out', 2, -1, 1, ('argument', 1), 0, (-1, 0), False),)),
    "mach_port_allocate_name": (True, (('given', 2, -1, 1, ('argument', 1), 0, (-1, 0), False),)),
    "mach_port_allocate_qos": (True, (('out', 3, -1, 1, ('argument', 1), 0, (-1, 0), False),)),
    "mach_port_allocate_full": (True, (('out', 4, -1, 1, ('argument', 1), 0, (-1, 0), False),)),
    "mach_port_construct": (True, (('out', 3, -1, 1, 1, 0, (-1, 0), False), ('out', 3, -1, 1, 0, 0, (1, 16), False))),
    "mach_port_insert_right": (True, (('given', 2, -1, ('disposition', 3), ('disposition', 3), -1, (-1, 0), True), ('given', 1, -1, 1, ('disposition', 3), 0, (-1, 0), False))),
    "mach_port_extract_right": (True, (('given', 1, -1, ('disposition', 2), ('disposition', 2), 0, (-1, 0), False), ('out', 3, -1, 1, ('disposition', 2), -1, (-1, 0), False))),
    "mach_port_request_notification": (True, (('given', 4, -1, ('disposition', 5), ('disposition', 5), -1, (-1, 0), True), ('out', 6, -1, 1, 2, -1, (-1, 0), False))),
    "mach_port_deallocate": (True, (('given', 1, -1, -1, 255, 0, (-1, 0), False),)),
    "mach_port_mod_refs": (True, (('given', 1, -1, ('argument', 3), ('argument', 2), 0, (-1, 0), False),)),
    "mach_port_destroy": (True, (('given', 1, -1, 'everything', 255, 0, (-1, 0), False),)),
    "mach_port_destruct": (True, (('given', 1, -1, -1, 1, 0, (-1, 0), False), ('given', 1, -1, ('argument', 2), 0, 0, (-1, 0), False))),
    "mach_right_recv_construct": (False, (('result', -1, -1, 1, 1, -1, (-1, 0), False), ('out', 1, -1, 1, 0, -1, (-1, 0), False))),
    "mach_right_recv_destruct": (False, (('given', 0, -1, -1, 1, -1, (-1, 0), False), ('out', 1, -1, -1, 0, -1, (-1, 0), False))),
    "mach_right_send_create": (False, (('result', -1, -1, 1, 0, -1, (-1, 0), False),)),
    "mach_right_send_retain": (False, (('result', -1, -1, 1, 0, -1, (-1, 0), False),)),
    "mach_right_send_release": (False, (('given', 0, -1, -1, 255, -1, (-1, 0), False),)),
    "mach_right_send_once_create": (False, (('result', -1, -1, 1, 2, -1, (-1, 0), False),)),
    "mach_right_send_once_consume": (False, (('given', 0, -1, -1, 2, -1, (-1, 0), False),)),
    "semaphore_create": (True, (('out', 1, -1, 1, 0, -1, (-1, 0), False),)),
    "semaphore_destroy": (True, (('given', 1, -1, -1, 255, -1, (-1, 0), True),)),
    "mk_timer_destroy": (True, (('given', 0, -1, -1, 1, -1, (-1, 0), False),)),
    "mach_make_memory_entry_64": (True, (('out', 4, -1, 1, 0, -1, (-1, 0), False),)),
    "mach_make_memory_entry": (True, (('out', 4, -1, 1, 0, -1, (-1, 0), False),)),
    "fileport_makeport": (True, (('out', 1, -1, 1, 0, -1, (-1, 0), False),)),
    "mach_voucher_deallocate": (True, (('given', 0, -1, -1, 255, -1, (-1, 0), False),)),
    "bootstrap_look_up": (True, (('out', 2, -1, 1, 0, -1, (-1, 0), False),)),
    "bootstrap_look_up2": (True, (('out', 2, -1, 1, 0, -1, (-1, 0), False),)),
    "bootstrap_look_up3": (True, (('out', 2, -1, 1, 0, -1, (-1, 0), False),)),
    "bootstrap_check_in": (True, (('out', 2, -1, 1, 1, -1, (-1, 0), False),)),
    "bootstrap_check_in2": (True, (('out', 2, -1, 1, 1, -1, (-1, 0), False),)),
    "bootstrap_check_in3": (True, (('out', 2, -1, 1, 1, -1, (-1, 0), False),)),
    "xpc_dictionary_copy_mach_send": (False, (('result', -1, -1, 1, 0, -1, (-1, 0), False),)),
    "xpc_array_copy_mach_send": (False, (('result', -1, -1, 1, 0, -1, (-1, 0), False),)),
    "xpc_mach_send_copy_right": (False, (('result', -1, -1, 1, 0, -1, (-1, 0), False),)),
    "xpc_mach_send_once_extract_right": (False, (('result', -1, -1, 1, 2, -1, (-1, 0), False),)),
    "xpc_dictionary_extract_mach_recv": (False, (('result', -1, -1, 1, 1, -1, (-1, 0), False),)),
    "xpc_mach_recv_extract_right": (False, (('result', -1, -1, 1, 1, -1, (-1, 0), False),)),
    "mach_msg": (True, (('message', 0, -1, 1, 255, -1, (-1, 0), False),)),
    "mach_msg_overwrite": (True, (('message', 0, -1, 1, 255, -1, (-1, 0), False),)),
    "mach_msg_send": (True, (('message', 0, -1, 1, 255, -1, (-1, 0), False),)),
    "mach_msg_receive": (True, (('message', 0, -1, 1, 255, -1, (-1, 0), False),)),
    "mach_msg2_internal": (True, (('message', 0, -1, 1, 255, -1, (-1, 0), False),)),
    "mach_msg_destroy": (False, (('message', 0, -1, -1, 255, -1, (-1, 0), False),)),
    "IOServiceGetMatchingService": (False, (('result', -1, -1, 1, 0, -1, (-1, 0), False),)),
    "IOServiceGetMatchingServices": (True, (('out', 2, -1, 1, 0, -1, (-1, 0), False),)),
    "IOServiceAddMatchingNotification": (True, (('out', 5, -1, 1, 0, -1, (-1, 0), False),)),
    "IOServiceAddInterestNotification": (True, (('out', 5, -1, 1, 0, -1, (-1, 0), False),)),
    "IOServiceOpen": (True, (('out', 3, -1, 1, 0, -1, (-1, 0), False),)),
    "IOServiceClose": (True, (('given', 0, -1, -1, 255, -1, (-1, 0), True),)),
    "IOIteratorNext": (False, (('result', -1, -1, 1, 0, -1, (-1, 0), False),)),
    "IOObjectRelease": (True, (('given', 0, -1, -1, 255, -1, (-1, 0), False),)),
    "IOObjectRetain": (True, (('given', 0, -1, 1, 0, -1, (-1, 0), False),)),
    "IOConnectAddRef": (True, (('given', 0, -1, 1, 0, -1, (-1, 0), False),)),
    "IOConnectRelease": (True, (('given', 0, -1, -1, 0, -1, (-1, 0), False),)),
    "IORegistryGetRootEntry": (False, (('result', -1, -1, 1, 0, -1, (-1, 0), False),)),
    "IORegistryEntryFromPath": (False, (('result', -1, -1, 1, 0, -1, (-1, 0), False),)),
    "IORegistryCreateIterator": (True, (('out', 3, -1, 1, 0, -1, (-1, 0), False),)),
    "IORegistryEntryCreateIterator": (True, (('out', 3, -1, 1, 0, -1, (-1, 0), False),)),
    "IORegistryEntryGetChildIterator": (True, (('out', 2, -1, 1, 0, -1, (-1, 0), False),)),
    "IORegistryEntryGetParentIterator": (True, (('out', 2, -1, 1, 0, -1, (-1, 0), False),)),
    "IORegistryEntryGetChildEntry": (True, (('out', 2, -1, 1, 0, -1, (-1, 0), False),)),
    "IORegistryEntryGetParentEntry": (True, (('out', 2, -1, 1, 0, -1, (-1, 0), False),)),
    "IOMainPort": (True, (('out', 1, -1, 1, 0, -1, (-1, 0), False),)),
    "IOMasterPort": (True, (('out', 1, -1, 1, 0, -1, (-1, 0), False),)),
    "IOSurfaceCreateMachPort": (False, (('result', -1, -1, 1, 0, -1, (-1, 0), False),)),
}
# ---- to here ----
# fmt: on

DEPTH, NOTES_SIZE, EVERYTHING, ANY_RIGHT = 19, 1 << 20, -(1 << 31), 255
BEGUN, DONE, REFUSED = 1, 2, 3
HEADER = struct.Struct("<8s8I6Q2I4Q")
EVENT = struct.Struct("<IiQQIiIHBB%dQ" % DEPTH)
NOTE = struct.Struct("<IHHQQQ20sB3x")
WITHOUT_SIGNATURE = 0x00007FFFFFFFFFFF  # arm64e signs return addresses
NUMBERS = {name: number for number, name in enumerate(sorted(CALLS), 1)}
NOT_NAMES = (0, 0xFFFFFFFF)

ARGUMENTS = {
    "x86_64": ("rdi", "rsi", "rdx", "rcx", "r8", "r9"),
    "arm64": ("x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7"),
}
ALIASES = {"fp": "x29", "lr": "x30"}


class Failed(Exception):
    """What the user is told, in a sentence."""


def architecture_of(target: Any) -> str:
    """Name the architecture as a ledger does. Raises Failed for one that is not known."""
    cpu = target.GetTriple().split("-")[0]
    if cpu.startswith(("arm64", "aarch64")):
        return "arm64"
    if cpu.startswith("x86_64"):
        return "x86_64"
    raise Failed("this is for x86_64 and arm64, and the process is %s" % cpu)


def register(frame: Any, name: str) -> int:
    """Read a register."""
    value = frame.FindRegister(name)
    if not value.IsValid() and name in ALIASES:
        value = frame.FindRegister(ALIASES[name])
    return int(value.GetValueAsUnsigned())


def signed(number: int) -> int:
    """Read 32 bits with their sign."""
    number &= 0xFFFFFFFF
    return number - (1 << 32) if number >> 31 else number


def read_memory(process: Any, address: int, size: int) -> bytes:
    """Read memory. Raises Failed if that cannot be done."""
    error = lldb.SBError()
    data = process.ReadMemory(address, size, error) if size else b""
    if error.Fail() or data is None or len(data) < size:
        raise Failed("%d bytes at 0x%x cannot be read: %s" % (size, address, error.GetCString()))
    return bytes(data)


def read_word(process: Any, address: int, size: int = 4) -> int:
    """Read a number; 0 where that cannot be done."""
    number = process.ReadUnsignedFromMemory(address, size, lldb.SBError()) if address else 0
    return int(number)


# ---- symbols ----

PREFERRED = ("libsystem_kernel.dylib", "libsystem_c.dylib")


def addresses_of(target: Any, name: str, kind: int) -> List[int]:
    """Find where a symbol is loaded, the system's own first. An image that re-exports it lists it as well."""
    found: List[Tuple[bool, int]] = []
    for context in target.FindSymbols(name):
        symbol = context.GetSymbol()
        at = symbol.GetStartAddress().GetLoadAddress(target)
        if (
            at != lldb.LLDB_INVALID_ADDRESS
            and symbol.GetType() == kind
            and at not in [place for _, place in found]
        ):
            found.append((context.GetModule().GetFileSpec().GetFilename() not in PREFERRED, at))
    return [at for _, at in sorted(found, key=lambda pair: pair[0])]


def needed(target: Any, name: str, kind: int) -> int:
    """Find a symbol that has to be there. Raises Failed if it is not."""
    found = addresses_of(target, name, kind)
    if not found:
        raise Failed("the process has no %s: has it loaded libSystem yet? run it to main first" % name)
    return found[0]


# ---- a snapshot. Expressions get addresses: a name that two images define is ambiguous to them ----

SPACE = """
struct pa_answer { unsigned long long rows; unsigned count, code; };
unsigned pa_info[6]; void *pa_table = 0, *pa_tree = 0; unsigned pa_count = 0, pa_none = 0;
typedef int (*pa_space)(unsigned, void *, void **, unsigned *, void **, unsigned *);
int pa_code = ((pa_space)%(mach_port_space_info)s)(%(self)du, pa_info, &pa_table, &pa_count, &pa_tree, &pa_none);
struct pa_answer pa_out = {(unsigned long long)pa_table, pa_count, (unsigned)pa_code};
pa_out
"""
DETAILS = """
struct pa_row { unsigned name; int collision; unsigned type, urefs, object, next, hash; };
struct pa_more { unsigned known, kind, words; int status[10]; char text[76]; };
typedef int (*pa_kind)(unsigned, unsigned, unsigned *, unsigned long long *, char *);
typedef int (*pa_queue)(unsigned, unsigned, int, int *, unsigned *);
struct pa_row *pa_rows = (struct pa_row *)%(rows)dull;
struct pa_more *pa_all = (struct pa_more *)%(more)dull;
for (unsigned pa_i = 0; pa_i < %(count)du; pa_i++) {
  unsigned long long pa_address = 0; char pa_text[512]; pa_text[0] = 0;
  struct pa_more *pa_one = pa_all + pa_i;
  pa_one->known = 0; pa_one->kind = 0; pa_one->words = 10; pa_one->text[0] = 0;
  if (pa_rows[pa_i].type & 0x30000)
    pa_one->known = ((pa_kind)%(mach_port_kobject_description)s)(%(self)du, pa_rows[pa_i].name, &pa_one->kind, &pa_address, pa_text) == 0;
  for (unsigned pa_j = 0; pa_j < 75 && pa_text[pa_j]; pa_j++) { pa_one->text[pa_j] = pa_text[pa_j]; pa_one->text[pa_j + 1] = 0; }
  if (!(pa_rows[pa_i].type & 0x20000) ||
      ((pa_queue)%(mach_port_get_attributes)s)(%(self)du, pa_rows[pa_i].name, 2, pa_one->status, &pa_one->words) != 0)
    pa_one->words = 0;
}
0
"""
GIVE_BACK = (
    "((int (*)(unsigned, unsigned long, unsigned long))%(vm_deallocate)s)(%(self)du, %(rows)dul, %(size)dul)"
)
TEXT = """
unsigned long pa_size = 256;
((int (*)(const char *, void *, unsigned long *, void *, unsigned long))%(function)s)("%(name)s", (void *)%(at)dull, &pa_size, 0, 0)
"""
STARTED = """
int pa_names[4] = {1, 14, 1, %(pid)d}; unsigned long pa_size = 1024;
((int (*)(int *, unsigned, void *, unsigned long *, void *, unsigned long))%(function)s)(pa_names, 4, (void *)%(at)dull, &pa_size, 0, 0)
"""
CALLED = (
    "mach_port_space_info",
    "mach_port_kobject_description",
    "mach_port_get_attributes",
    "vm_deallocate",
)
COLUMNS = (
    "name", "type", "urefs", "object", "kobject_type", "description", "queued", "queue_limit", "make_send",
    "send_once", "has_senders", "no_senders_request", "port_destroyed_request", "in_set", "flags",
)  # fmt: skip
ROW, MORE = struct.Struct("<IiIIIII"), struct.Struct("<3I10i76s")


def evaluate(process: Any, text: str) -> Any:
    """Evaluate C in the stopped process; nothing else of it may run meanwhile. Raises Failed."""
    options = lldb.SBExpressionOptions()
    options.SetIgnoreBreakpoints(True)  # the recorder's own lie on the functions that are called
    options.SetTryAllThreads(False)
    options.SetStopOthers(True)
    options.SetUnwindOnError(True)
    options.SetLanguage(lldb.eLanguageTypeC_plus_plus)
    options.SetTimeoutInMicroSeconds(10 * 1000 * 1000)
    options.SetSuppressPersistentResult(True)
    frame = process.GetSelectedThread().GetFrameAtIndex(0)
    value = frame.EvaluateExpression(text, options)
    error = value.GetError()
    if error.Fail() and error.GetCString() and "unknown error" not in error.GetCString():
        raise Failed("the process cannot be asked: %s" % error.GetCString().strip().splitlines()[0])
    return value


class Room:
    """Memory in the process, for as long as a snapshot takes."""

    def __init__(self, process: Any, size: int) -> None:
        self.process, error = process, lldb.SBError()
        self.at = process.AllocateMemory(
            max(size, 1), lldb.ePermissionsReadable | lldb.ePermissionsWritable, error
        )
        if error.Fail():
            raise Failed("no memory in the process: %s" % error.GetCString())

    def __enter__(self) -> int:
        return int(self.at)

    def __exit__(self, *_: object) -> None:
        self.process.DeallocateMemory(self.at)


def snapshot(process: Any, role: Optional[str]) -> Dict[str, Any]:
    """Read the port space of the stopped process, as its own probe would write it."""
    target = process.GetTarget()
    words: Dict[str, Any] = {name: "0x%xull" % needed(target, name, lldb.eSymbolTypeCode) for name in CALLED}
    words["self"] = read_word(process, needed(target, "mach_task_self_", lldb.eSymbolTypeData))
    # A thread's first call gets it a reply port: the first reading is for that alone
    ask_for_space(process, words)
    evaluate(process, GIVE_BACK % words)
    taken = time.time()
    rows = ask_for_space(process, words)
    with Room(process, words["count"] * MORE.size) as more:
        evaluate(process, DETAILS % dict(words, more=more))
        details = read_memory(process, more, words["count"] * MORE.size)
    evaluate(process, GIVE_BACK % words)
    record: Dict[str, Any] = {"portaudit_probe": 1, "pid": process.GetProcessID()}
    record["process"] = target.GetExecutable().GetFilename()
    record.update(machine(process), role=role, taken=round(taken, 6), kernel="xnu", task_self=words["self"])
    record.update(method="mach_port_space_info", columns=list(COLUMNS), rows=list(space_rows(rows, details)))
    return record


def ask_for_space(process: Any, words: Dict[str, Any]) -> bytes:
    """Ask the kernel for the table; `words` says afterwards where in the process it lies. Raises Failed."""
    value = evaluate(process, SPACE % words)
    words.update(
        (name, value.GetChildMemberWithName(name).GetValueAsUnsigned()) for name in ("rows", "count", "code")
    )
    if words["code"]:
        raise Failed("mach_port_space_info answered %d" % signed(words["code"]))
    words["size"] = words["count"] * ROW.size
    return read_memory(process, words["rows"], words["size"])


def space_rows(rows: bytes, details: bytes) -> Iterator[List[Any]]:
    """Give the rows of a probe record. What the kernel does not tell of a name is null."""
    for row, more in zip(ROW.iter_unpack(rows), MORE.iter_unpack(details)):
        name, _, bits, urefs, port, _, _ = row
        known, kind, words, in_set, _, made, limit, queued, once, senders, destroyed, none, flags, text = more
        if not bits & 0x1F0000:
            continue
        told = text.split(b"\0")[0].decode(errors="replace") or None
        queue = [queued, limit, made, once, bool(senders), bool(none), bool(destroyed), bool(in_set), flags]
        yield [name, bits, urefs, port or None, kind if known else None, told if known else None] + (
            queue if words else [None] * 9
        )


def machine(process: Any) -> Dict[str, Any]:
    """Ask when the process started, and of which boot, system and model the machine is; null where nobody tells."""
    target, told = process.GetTarget(), {"start_time": None, "boot": None, "os": None, "model": None}  # type: Any, Dict[str, Any]
    by_name, plain = (addresses_of(target, name, lldb.eSymbolTypeCode) for name in ("sysctlbyname", "sysctl"))
    if not by_name or not plain:
        return told
    with Room(process, 1024) as at:
        for key, name in (("boot", "kern.bootsessionuuid"), ("os", "kern.osversion"), ("model", "hw.model")):
            value = evaluate(process, TEXT % {"function": "0x%xull" % by_name[0], "name": name, "at": at})
            if value.GetValueAsSigned() == 0:
                told[key] = read_memory(process, at, 256).split(b"\0")[0].decode(errors="replace")
        asked = {"function": "0x%xull" % plain[0], "pid": process.GetProcessID(), "at": at}
        if evaluate(process, STARTED % asked).GetValueAsSigned() == 0:
            seconds, micro = struct.unpack("<qi", read_memory(process, at, 12))
            told["start_time"] = seconds + micro / 1e6
    return told


# ---- the file ----


class Ledger:
    """A ledger as portaudit-ledger(5) has it. Raises Failed if the file cannot be made."""

    def __init__(self, path: str, process: Any, capacity: int, task_self: int) -> None:
        size = HEADER.size + NOTES_SIZE + capacity * EVENT.size
        try:
            with open(path, "xb+") as file:
                file.truncate(size)
                self.map = mmap.mmap(file.fileno(), size)
        except OSError as error:
            raise Failed("%s cannot be written: %s" % (path, error.strerror)) from error
        self.capacity, self.head, self.notes, self.ended = capacity, 0, 0, 0
        self.pid, self.task_self, self.started = process.GetProcessID(), task_self, time.time_ns()
        self.architecture = 2 if architecture_of(process.GetTarget()) == "arm64" else 1
        self.seen: Set[Tuple[int, str]] = set()
        self.write_header()
        for name, number in NUMBERS.items():
            self.note(1, number, name, (0, 0), b"")

    def write_header(self) -> None:
        """Write everything that the header has."""
        sizes = (HEADER.size, EVENT.size, NOTES_SIZE, 2, self.architecture, self.task_self)
        counts = (self.capacity, self.head, self.notes, self.pid, self.started, 0)
        HEADER.pack_into(self.map, 0, b"PALEDGR1", 0x01020304, 1, *sizes, *counts, 1, 1, self.ended, 0, 0, 0)

    def note(self, kind: int, function: int, text: str, where: Tuple[int, int], identity: bytes) -> None:
        """Write a note: a function's number, or where an image was loaded and how long it is."""
        body = text.encode(errors="replace")
        size = (NOTE.size + len(body) + 8) // 8 * 8
        at = HEADER.size + self.notes
        if self.notes + size > NOTES_SIZE:
            return
        self.map[at + NOTE.size : at + NOTE.size + len(body)] = body
        identity = identity[:20]
        NOTE.pack_into(
            self.map, at, size, kind, function, self.head, where[0], where[1], identity, len(identity)
        )
        self.notes += size
        struct.pack_into("<Q", self.map, 56, self.notes)

    def note_images(self, target: Any) -> None:
        """Note what is loaded and was not noted yet."""
        for module in target.module_iter():
            base = module.GetObjectFileHeaderAddress().GetLoadAddress(target)
            key = (base, module.GetUUIDString() or "")
            if base == lldb.LLDB_INVALID_ADDRESS or key in self.seen:
                continue
            self.seen.add(key)
            identity = bytes.fromhex(key[1].replace("-", ""))
            self.note(2, 0, str(module.GetFileSpec()), (base, length_of(module, target, base)), identity)

    def begin(self, call: "Call", name: int, change: int, right: int) -> int:
        """Take a place for an event that has begun."""
        place, self.head = self.head, self.head + 1
        call.first = place if call.first is None else call.first
        struct.pack_into("<Q", self.map, 48, self.head)
        if place < self.capacity:
            frames = (call.stack + [0] * DEPTH)[:DEPTH]
            what = (
                call.thread,
                name,
                change,
                call.first,
                NUMBERS[call.function],
                right,
                min(len(call.stack), DEPTH),
            )
            at = HEADER.size + NOTES_SIZE + place * EVENT.size
            EVENT.pack_into(self.map, at, BEGUN, 0, time.time_ns() - self.started, *what, *frames)
        return place

    def finish(self, place: int, code: int, state: int) -> None:
        """Say how the call of an event ended."""
        if place < self.capacity:
            struct.pack_into(
                "<Ii", self.map, HEADER.size + NOTES_SIZE + place * EVENT.size, state, signed(code)
            )


def length_of(module: Any, target: Any, base: int) -> int:
    """Give the bytes from an image's header to the end of its code; on ELF of all that is loaded."""
    apple, length = module.FindSection("__TEXT").IsValid(), 0
    for section in module.section_iter():
        at = section.GetLoadAddress(target)
        loaded = at != lldb.LLDB_INVALID_ADDRESS and at >= base
        if loaded and (not apple or section.GetName() == "__TEXT"):
            length = max(length, at + section.GetByteSize() - base)
    return length


# ---- one call ----


class Call:
    """A recorded function that has not returned: its arguments at its first instruction, and who called it."""

    def __init__(self, process: Any, frame: Any, function: str) -> None:
        self.process, self.function, self.first = process, function, None  # type: Any, str, Optional[int]
        self.thread = frame.GetThread().GetThreadID()
        architecture = architecture_of(process.GetTarget())
        self.linked = architecture == "arm64"
        self.sp = register(frame, "sp" if self.linked else "rsp")
        self.back = (
            register(frame, "lr") if self.linked else read_word(process, self.sp, 8)
        ) & WITHOUT_SIGNATURE
        self.frame, self.names = frame, ARGUMENTS[architecture]
        last = max([9 if function == "mach_msg_overwrite" else 0, *used_arguments(function)])
        self.arguments = [self.argument_now(at) for at in range(last + 1)]
        self.stack = walk(process, register(frame, "fp" if self.linked else "rbp"), self.back)
        self.taken: List[Tuple[int, bool, bool]] = []  # place, gone even where refused, in a message's header

    def argument_now(self, at: int) -> int:
        """Read an argument: in a register, or on the stack behind the return address."""
        if at < len(self.names):
            return register(self.frame, self.names[at])
        place = self.sp + 8 * (at - len(self.names) + (0 if self.linked else 1))
        return read_word(self.process, place, 8)

    def value(self, cell: Any, default: int) -> int:
        """Give what a cell of the table says, or what the argument holds that it names."""
        if isinstance(cell, tuple):
            return signed(self.arguments[cell[1]]) if cell[0] == "argument" else default
        return int(cell)


def used_arguments(function: str) -> Iterator[int]:
    """Name the places of the arguments that the table speaks of."""
    yield 7 if function == "mach_msg2_internal" else 2
    for _, argument, count, change, right, own, flag, _ in CALLS[function][1]:
        for cell in (argument, count, own, flag[0]):
            yield cell
        for value in (change, right):
            yield value[1] if isinstance(value, tuple) else 0


def walk(process: Any, frame: int, back: int) -> List[int]:
    """Follow the frame pointers, as the interposer does: the same addresses, and few packets."""
    found, at, error = [back], frame, lldb.SBError()
    while len(found) < DEPTH and at and at % 8 == 0:
        data = process.ReadMemory(at, 16, error)
        if error.Fail() or not data or len(data) < 16:
            break
        up, pc = struct.unpack("<QQ", data)
        pc &= WITHOUT_SIGNATURE
        if pc < 4096:
            break
        found.append(pc)
        if up <= at:
            break
        at = up
    return found


def kind_of(disposition: int) -> int:
    """Say which right a MACH_MSG_TYPE_* carries, as MACH_PORT_RIGHT_*."""
    return 1 if disposition == 16 else 2 if disposition in (18, 21) else 0


def consumed(code: int) -> bool:
    """Say whether what a call takes along is gone though it was refused: not if that very right was."""
    return code not in (15, 17) and code & 0xFFFFC000 != 0x10000000


# ---- messages ----


def message_of(call: Call, sending: bool) -> Optional[Tuple[List[int], int, int]]:
    """Find a message: its header (bits, remote, local, voucher), where it lies, and its size; None if there is none."""
    process, given = call.process, call.arguments
    at, size = given[0], None  # type: int, Optional[int]
    if call.function == "mach_msg2_internal":
        if given[1] & (1 << 32):  # MACH64_MSG_VECTOR
            address, other = read_word(process, at, 8), read_word(process, at + 8, 8)
            at = address if sending or not other else other
        if sending:
            low = [part & 0xFFFFFFFF for part in given[2:5]]
            return [low[0], low[1], given[3] >> 32, low[2]], at, given[2] >> 32
    elif call.function == "mach_msg_overwrite" and not sending and given[7]:
        at = given[7]
    if sending and call.function in ("mach_msg", "mach_msg_overwrite"):
        size = given[2] & 0xFFFFFFFF
    bits, told, remote, local, voucher, _ = struct.unpack("<6I", read_memory(process, at, 24))
    return [bits, remote, local, voucher], at, told if size is None else size


def rights_in(
    call: Call, message: Tuple[List[int], int, int], with_local: bool
) -> Iterator[Tuple[int, int, bool]]:
    """Give each right that a message moves: name, disposition, whether it stands in the header."""
    (bits, remote, local, voucher), at, size = message
    carried = [
        (remote, bits & 0x1F),
        (local, bits >> 8 & 0x1F if with_local else 0),
        (voucher, bits >> 16 & 0x1F),
    ]
    for name, disposition in carried:
        if name not in NOT_NAMES and 16 <= disposition <= 18:
            yield name, disposition, True
    if bits & 0x80000000 and size >= 28:
        for name, disposition in described(call.process, at + 24, at + min(size, 1 << 24)):
            if name not in NOT_NAMES and 16 <= disposition <= 18:
                yield name, disposition, False


def described(process: Any, here: int, end: int) -> Iterator[Tuple[int, int]]:
    """Give name and disposition of each right in a message's descriptors, arrays among them."""
    count, here = read_word(process, here), here + 4
    for _ in range(count):
        if here + 12 > end:
            return
        head = read_memory(process, here, 12)
        disposition, kind = head[10], head[11]
        size = 12 if kind == 0 else 16
        if here + size > end:
            return
        if kind == 0:
            yield struct.unpack_from("<I", head)[0], disposition
        elif kind == 4:
            yield read_word(process, here + 12), disposition
        elif kind == 2:
            names, address = min(read_word(process, here + 12), 1 << 20), struct.unpack_from("<Q", head)[0]
            if address:
                for name in struct.unpack("<%dI" % names, read_memory(process, address, names * 4)):
                    yield name, disposition
        here += size


GIVEN_BACK = (
    0x10000004,
    0x10000007,
    0x1000000D,
)  # no room, interrupted, no buffer: received back by the sender


def send_counts(code: int, in_header: bool) -> bool:
    """Say whether a right that was sent is gone, from the code that the send ended with."""
    if code & 0xFFFFC000 != 0x10000000:
        return True
    return code in GIVEN_BACK or (in_header and code == 0x1000000A)


# ---- recording: two stops a call, at its first instruction and where it returns to ----


class Recorder:
    """Writes a ledger of one process while it runs."""

    def __init__(self, target: Any, path: str, capacity: int) -> None:
        self.target, self.process = target, target.GetProcess()
        self.linked = architecture_of(target) == "arm64"
        self.own = read_word(self.process, needed(target, "mach_task_self_", lldb.eSymbolTypeData))
        self.open: Dict[int, Call] = {}  # thread -> its outermost call that has not returned
        self.entries: Dict[int, str] = {}
        self.returns: Set[int] = set()
        self.breakpoints: Set[int] = set()
        self.missing: List[str] = []
        self.stops, self.driven, self.images = 0, False, 0
        self.ledger = Ledger(path, self.process, capacity, self.own)
        self.look_for_images()
        for name in CALLS:
            places = addresses_of(target, name, lldb.eSymbolTypeCode)
            for at in places:
                if at not in self.entries:
                    self.entries[at] = name
                    self.stop_at(at)
            if not places:
                self.missing.append(name)

    def stop_at(self, address: int) -> None:
        """Stop at a symbol's first byte: lldb itself would step over the prologue, and the arguments be gone."""
        self.breakpoints.add(self.target.BreakpointCreateByAddress(address).GetID())

    def look_for_images(self) -> None:
        """Note new images; cheap where their number is the same."""
        count = self.target.GetNumModules()
        if count != self.images:
            self.images = count
            self.ledger.note_images(self.target)

    def handle(self, frame: Any) -> bool:
        """Record what one thread has stopped for; False if it is none of ours."""
        pc = frame.GetPC()
        if pc in self.returns:
            self.returned(frame, pc)
        if pc in self.entries:
            self.entered(frame, self.entries[pc])
        ours = pc in self.entries or pc in self.returns
        self.stops += ours
        return ours

    def entered(self, frame: Any, function: str) -> None:
        """A call begins; a call within a recorded call is none, nor is a stop that is told twice."""
        thread, sp = frame.GetThread().GetThreadID(), register(frame, "sp" if self.linked else "rsp")
        outer = self.open.get(thread)
        if outer and (sp < outer.sp or (sp == outer.sp and function == outer.function)):
            return
        self.look_for_images()
        call = Call(self.process, frame, function)
        self.take(call)
        self.open[thread] = call
        if call.back not in self.returns:
            self.returns.add(call.back)
            self.stop_at(call.back)

    def returned(self, frame: Any, pc: int) -> None:
        """The call of this thread is back, unless somebody else came by, or a deeper one did."""
        thread, sp = frame.GetThread().GetThreadID(), register(frame, "sp" if self.linked else "rsp")
        call = self.open.get(thread)
        if not call or call.back != pc or sp != call.sp + (0 if self.linked else 8):
            return
        del self.open[thread]
        result = register(frame, "x0" if self.linked else "rax") & 0xFFFFFFFF
        tells = CALLS[call.function][0]
        self.settle(call, result if tells else 0)
        self.give(call, result, tells)

    def counted(self, call: Call, own: int, flag: Tuple[int, int]) -> bool:
        """Say whether an effect speaks of this process's space, and whether its flag is set."""
        if own >= 0 and call.arguments[own] & 0xFFFFFFFF != self.own:
            return False
        return not flag[1] or bool(read_word(self.process, call.arguments[flag[0]]) & flag[1])

    def take(self, call: Call) -> None:
        """Begin what a call takes: it has its place before the kernel is asked."""
        for place, argument, _, change, right, own, flag, even in CALLS[call.function][1]:
            if place == "message":
                self.take_message(call)
                continue
            disposition = (
                call.arguments[change[1]] & 0xFFFFFFFF
                if change.__class__ is tuple and change[0] == "disposition"
                else 0
            )
            amount = (
                EVERYTHING
                if change == "everything"
                else call.value(change, -1 if 16 <= disposition <= 18 else 0)
            )
            if amount >= 0 or not self.counted(call, own, flag):
                continue
            name = call.arguments[argument] & 0xFFFFFFFF
            if place == "out":
                name = read_word(self.process, call.arguments[argument])
            if name not in NOT_NAMES:
                kind = call.value(right, kind_of(disposition)) & 0xFF
                call.taken.append((self.ledger.begin(call, name, amount, kind), even, False))

    def take_message(self, call: Call) -> None:
        """Begin the rights that a message takes along, or that its destruction gives back."""
        destroys = call.function == "mach_msg_destroy"
        option = call.arguments[1] if call.function not in ("mach_msg_send", "mach_msg_receive") else 1
        if call.function == "mach_msg_receive" or (not destroys and not option & 1):
            return
        message = message_of(call, sending=not destroys)
        for name, disposition, in_header in rights_in(call, message, not destroys) if message else ():
            place = self.ledger.begin(call, name, -1, kind_of(disposition))
            call.taken.append((place, False, in_header))

    def settle(self, call: Call, code: int) -> None:
        """Say of everything that was begun whether it is gone."""
        is_message = CALLS[call.function][1][0][0] == "message"
        for place, even, in_header in call.taken:
            counts = send_counts(code, in_header) if is_message else code == 0 or (even and consumed(code))
            self.ledger.finish(place, code, DONE if counts else REFUSED)

    def give(self, call: Call, result: int, tells: bool) -> None:
        """Record what a call gave."""
        for place, argument, count, change, right, own, flag, _ in CALLS[call.function][1]:
            if place == "message":
                self.give_message(call, result)
                continue
            amount = call.value(change, 0) if change != "everything" else 0
            if amount <= 0 or (tells and result) or not self.counted(call, own, flag):
                continue
            disposition = call.arguments[right[1]] & 0xFFFFFFFF if isinstance(right, tuple) else 0
            kind = call.value(right, kind_of(disposition)) & 0xFF
            for name in self.names_at(call, place, argument, count, result):
                if name not in NOT_NAMES:
                    self.ledger.finish(self.ledger.begin(call, name, amount, kind), 0, DONE)

    def names_at(self, call: Call, place: str, argument: int, count: int, result: int) -> List[int]:
        """Read the names that a call hands over."""
        if place == "result":
            return [result]
        given = call.arguments[argument]
        if place == "given":
            return [given & 0xFFFFFFFF]
        if place == "out":
            return [read_word(self.process, given)] if given else []
        array = read_word(self.process, given, 8) if place == "lent" else given
        many = min(read_word(self.process, call.arguments[count]), 1 << 20)
        return list(struct.unpack("<%dI" % many, read_memory(self.process, array, many * 4)))

    def give_message(self, call: Call, code: int) -> None:
        """Record what a message that was received brought, or brought back."""
        option = call.arguments[1] if call.function not in ("mach_msg_send", "mach_msg_receive") else 0
        receives = call.function == "mach_msg_receive" or bool(option & 2)
        back = bool(call.taken) and code in GIVEN_BACK
        if call.function == "mach_msg_destroy" or not (back or (receives and code == 0)):
            return
        message = message_of(call, sending=False)
        if not back:
            call.first = None
        for name, disposition, _ in rights_in(call, message, with_local=back) if message else ():
            self.ledger.finish(self.ledger.begin(call, name, 1, kind_of(disposition)), 0, DONE)

    def finish(self) -> None:
        """Write the end, and take the breakpoints out."""
        self.ledger.note_images(self.target)
        self.ledger.ended = time.time_ns()
        self.ledger.write_header()
        self.ledger.map.flush()
        for number in self.breakpoints:
            self.target.BreakpointDelete(number)
        self.breakpoints = set()


RECORDERS: Dict[int, Recorder] = {}
HOOKED: Dict[str, str] = {}  # target -> the number of its stop hook


class Hook:
    """A stop hook: it sees all threads of one stop.

    A breakpoint's own callback does not do: one that is set for a breakpoint made inside a callback is lost
    (KeyError lldb_autogen_python_bp_callback_func__N), and the process stays stopped.
    """

    def __init__(self, target: Any, _extra: Any, _internal: Any) -> None:
        self.target = target

    def handle_stop(self, context: Any, _stream: Any) -> bool:
        """Let the process go on if all that stopped it was ours: False."""
        try:
            recorder = RECORDERS.get(context.GetProcess().GetProcessID())
            return recorder is None or recorder.driven or handled(recorder)
        except Exception as error:  # an exception would leave the program stopped, and nobody would know why
            print("portaudit: %r" % (error,))
            return True


def told(debugger: Any, words: str) -> str:
    """Run a command of lldb in silence; give what it says."""
    result = lldb.SBCommandReturnObject()
    debugger.GetCommandInterpreter().HandleCommand(words, result)
    return str(result.GetOutput() or "")


def key_of(target: Any) -> str:
    """Tell targets apart."""
    return "%s %s" % (target.GetDebugger().GetID(), target.GetDebugger().GetIndexOfTarget(target))


def handled(recorder: Recorder) -> bool:
    """Record every thread that stopped for us; say whether any stopped for something else."""
    other = False
    for thread in recorder.process:
        reason = thread.GetStopReason()
        if reason == lldb.eStopReasonNone:
            continue
        if reason != lldb.eStopReasonBreakpoint:
            other = True
            continue
        numbers = {thread.GetStopReasonDataAtIndex(at) for at in range(0, thread.GetStopReasonDataCount(), 2)}
        ours = recorder.handle(thread.GetFrameAtIndex(0))
        other = other or not ours or bool(numbers - recorder.breakpoints)
    return other


def go(debugger: Any, recorder: Recorder, until: Optional[str]) -> None:
    """Run until the process ends, or stops for something that is not ours; plainer and faster than the hook."""
    process, was = recorder.process, debugger.GetAsync()
    wanted = recorder.target.BreakpointCreateByName(until) if until else None
    recorder.driven = True
    debugger.SetAsync(False)
    hooks = HOOKED.get(key_of(recorder.target))
    told(debugger, "target stop-hook disable %s" % hooks)  # it would print a line a thread and stop
    try:
        while True:
            process.Continue()
            if process.GetState() != lldb.eStateStopped or handled(recorder):
                return
    finally:
        recorder.driven = False
        told(debugger, "target stop-hook enable %s" % hooks)
        debugger.SetAsync(was)
        if wanted:
            recorder.target.BreakpointDelete(wanted.GetID())


# ---- the command ----

USAGE = "portaudit snapshot FILE [--role ROLE] | record FILE [--events N] | go [--until SYMBOL] | end"


def live_process(debugger: Any) -> Any:
    """Give the process that is stopped. Raises Failed if there is none."""
    process = debugger.GetSelectedTarget().GetProcess()
    if not process.IsValid() or process.GetState() != lldb.eStateStopped:
        raise Failed("no process is stopped here: attach to one, or run it to a breakpoint")
    return process


def recorder_of(debugger: Any) -> Recorder:
    """Give the recorder of the selected process. Raises Failed if nothing records it."""
    recorder = RECORDERS.get(debugger.GetSelectedTarget().GetProcess().GetProcessID())
    if recorder is None:
        raise Failed("nothing records this process: `portaudit record FILE` first")
    return recorder


def do_snapshot(debugger: Any, words: List[str], options: Dict[str, str]) -> str:
    """Write a probe record of the stopped process."""
    record = snapshot(live_process(debugger), options.get("--role"))
    with open(words[0], "w") as file:
        json.dump(record, file)
    return "%d rights of process %d in %s" % (len(record["rows"]), record["pid"], words[0])


def do_record(debugger: Any, words: List[str], options: Dict[str, str]) -> str:
    """Begin a ledger."""
    process = live_process(debugger)
    recorder = Recorder(process.GetTarget(), words[0], int(options.get("--events", 1 << 16)))
    key = key_of(process.GetTarget())
    if key not in HOOKED:
        added = told(debugger, "target stop-hook add -P %s.Hook" % __name__)
        HOOKED[key] = "".join(filter(str.isdigit, added))
    RECORDERS[process.GetProcessID()] = recorder
    return "recording %d functions into %s; %d are not loaded" % (
        len(set(recorder.entries.values())),
        words[0],
        len(recorder.missing),
    )


def do_go(debugger: Any, _words: List[str], options: Dict[str, str]) -> str:
    """Run on."""
    recorder = recorder_of(debugger)
    began = time.perf_counter()
    go(debugger, recorder, options.get("--until"))
    return "%d stops in %.2f s" % (recorder.stops, time.perf_counter() - began)


def do_end(_debugger: Any, _words: List[str], _options: Dict[str, str]) -> str:
    """End all ledgers."""
    told = []
    for recorder in RECORDERS.values():
        recorder.finish()
        told.append("%d events, %d calls still open" % (recorder.ledger.head, len(recorder.open)))
    RECORDERS.clear()
    return "; ".join(told) or "nothing was recorded"


DO = {"snapshot": (do_snapshot, 1), "record": (do_record, 1), "go": (do_go, 0), "end": (do_end, 0)}


def split(text: str) -> Tuple[List[str], Dict[str, str]]:
    """Part a command line into its words and its options with their values."""
    plain: List[str] = []
    options: Dict[str, str] = {}
    words = iter(shlex.split(text))
    for word in words:
        if word.startswith("--"):
            options[word] = next(words, "")
        else:
            plain.append(word)
    return plain, options


def command(debugger: Any, text: str, result: Any, _internal: Any) -> None:
    """The command `portaudit`."""
    try:
        plain, options = split(text)
        function, wanted = DO[plain[0]]
        if len(plain) == wanted + 1:
            result.AppendMessage("portaudit: %s" % function(debugger, plain[1:], options))
        else:
            result.SetError("usage: %s" % USAGE)
    except (KeyError, IndexError, ValueError):
        result.SetError("usage: %s" % USAGE)
    except (Failed, OSError) as error:
        result.SetError("portaudit: %s" % error)


def __lldb_init_module(debugger: Any, _internal: Any) -> None:
    debugger.HandleCommand("command script add -o -f %s.command portaudit" % __name__)
