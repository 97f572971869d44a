"""What makes the findings about kernel objects: a process makes them, looks them up, and keeps them."""

import ctypes
import struct
from ctypes import c_uint8

from portaudit.mach import c_types as c
from tests.analysis.causes.pair import nothing
from tests.kernels import out

CALENDAR_CLOCK = 1  # mach/clock_types.h
USER_DATA, STORE = 7, 211  # MACH_VOUCHER_ATTR_KEY_USER_DATA, MACH_VOUCHER_ATTR_USER_DATA_STORE
READ_WRITE_CREATE = 0x020003  # VM_PROT_DEFAULT and MAP_MEM_NAMED_CREATE: memory that the entry brings along


def look_up_usb(pair):
    for _ in range(3):
        pair.iokit.service("IOUSBHostDevice")


def search_usb(pair):
    """Walk through all devices, releasing each, and forget the iterators."""
    for _ in range(3):
        iterator = pair.iokit.services("IOUSBHostDevice")
        while device := pair.iokit.next(iterator):
            pair.iokit.release(device)


def keep_usb(pair):
    """Walk through all devices, and release nothing but the iterator."""
    iterator = pair.iokit.services("IOUSBHostDevice")
    while pair.iokit.next(iterator):
        pass
    pair.iokit.release(iterator)


def open_usb(pair):
    device = pair.iokit.service("IOUSBHostDevice")
    for _ in range(3):
        pair.iokit.open(device)
    pair.iokit.release(device)


def wait_for_usb(pair):
    for _ in range(2):
        notification = pair.iokit.notify(pair.iokit.create_notification_port(), "IOUSBHostDevice")
        while device := pair.iokit.next(notification):
            pair.iokit.release(device)


def make_semaphores(pair):
    for _ in range(3):
        semaphore = c.semaphore_t()
        pair.extension.semaphore_create(pair.extension.task_self, ctypes.byref(semaphore), 0, 0)


def keep_clock(pair):
    pair.names["host"] = pair.extension.mach_host_self()
    out(pair.extension, "host_get_clock_service", pair.names["host"], CALENDAR_CLOCK)


def take_clock(pair):
    for _ in range(3):
        out(pair.extension, "host_get_clock_service", pair.names["host"], CALENDAR_CLOCK)


def create_voucher(pair, content):
    """Make a voucher of user data: the same data are the same voucher."""
    recipe = struct.pack("<IIII", USER_DATA, STORE, 0, len(content)) + content
    array = (c_uint8 * len(recipe)).from_buffer_copy(recipe)
    return out(pair.extension, "host_create_mach_voucher", pair.names["host"], array, len(array))


def keep_voucher(pair):
    pair.names["host"] = pair.extension.mach_host_self()
    create_voucher(pair, b"activity")


def take_voucher(pair):
    for _ in range(3):
        create_voucher(pair, b"activity")


def make_vouchers(pair):
    for number in range(10):
        create_voucher(pair, bytes([number + 1]))


def make_file_ports(pair):
    for _ in range(3):
        out(pair.extension, "fileport_makeport", 1)


def make_memory_entries(pair):
    for _ in range(3):
        size, entry = c.memory_object_size_t(4096), c.mach_port_t()
        pair.extension.mach_make_memory_entry_64(
            pair.extension.task_self, ctypes.byref(size), 0, READ_WRITE_CREATE, ctypes.byref(entry), 0
        )


SCENARIOS = {
    "U9, a clock": (keep_clock, take_clock),
    "U9, a voucher": (keep_voucher, take_voucher),
    "U10": (nothing, look_up_usb),
    "N5": (nothing, wait_for_usb),
    "N6": (nothing, search_usb),
    "N7": (nothing, open_usb),
    "N8": (nothing, make_semaphores),
    "N11, vouchers": (keep_voucher, make_vouchers),
    "N11, file ports": (nothing, make_file_ports),
    "N11, memory entries": (nothing, make_memory_entries),
    "N12": (nothing, keep_usb),
}
"""Rule, and what of, if there are several -> what happens before the first snapshot, and between the two."""
