"""IOKit.framework's part, as far as the tests need it: C functions over the calls of IOKit's MIG subsystem.

The prototypes are those that MIG makes of osfmk/device/device.defs for 64-bit user space. The framework has
their stubs in itself, so libSystem does not have them, and neither has portaudit's table.
"""

import ctypes
import struct
from ctypes import c_char, c_char_p, c_int, c_uint32, c_uint64
from typing import Any

from portaudit.mach import c_types as c
from portaudit.mach.callbacks import Callbacks
from portaudit.mach.constants import PortRight
from portaudit.mach.library import KernError, Mach
from portaudit.mach.prototypes import filled, given, kern, shown
from tests.kernels import new_port, out

NO_DEVICE = 0xE00002C0 - (1 << 32)  # kIOReturnNoDevice, IOKit/IOReturn.h: nothing is left
NDR_RECORD = int.from_bytes(b"\0\0\0\0\1\0\0\0", "little")
LAST = 1 << 31  # the last thing of a collection
FIRST_MATCH = b"IOServiceFirstMatch"  # kIOFirstMatchNotification, IOKit/IOKitKeys.h

STUBS = {
    "io_iterator_next": kern(given("iterator", c.mach_port_t), filled("object", c.mach_port_t)),
    "io_service_close": kern(given("connection", c.mach_port_t)),
    "io_service_open_extended": kern(
        given("service", c.mach_port_t),
        given("owningTask", c.task_t),
        given("connect_type", c_uint32),
        given("ndr", c_uint64),  # eight bytes, which a call passes as it passes a number
        *shown("properties", c_char),
        filled("result", c.kern_return_t),
        filled("connection", c.mach_port_t),
    ),
    "io_service_get_matching_service_bin": kern(
        given("main_port", c.mach_port_t), *shown("matching", c_char), filled("service", c.mach_port_t)
    ),
    "io_service_get_matching_services_bin": kern(
        given("main_port", c.mach_port_t), *shown("matching", c_char), filled("existing", c.mach_port_t)
    ),
    "io_service_add_notification_bin": kern(
        given("main_port", c.mach_port_t),
        given("notification_type", c_char_p),
        *shown("matching", c_char),
        given("wake_port", c.mach_port_t),
        *shown("reference", c_uint64),
        filled("notification", c.mach_port_t),
    ),
}
"""What the framework calls in the kernel. Each destroys or keeps rights as the kernel does, and no more."""


class IOKit:
    """The framework in one process; its functions give and take rights as IOKitLib.c (IOKitUser) does."""

    def __init__(self, mach):
        self.mach = mach
        self.stubs: Any = Mach(Callbacks(mach.library.calls, mach.task_self, STUBS), mach.kind, STUBS)
        self.main_ports = {}

    def main_port(self):
        """IOMainPort: one reference more to the registry's port."""
        host = self.mach.mach_host_self()
        port = out(self.mach, "host_get_io_master", host)
        self.release(host)
        return port

    def service(self, class_name):
        """IOServiceGetMatchingService."""
        return self._find("io_service_get_matching_service_bin", class_name)

    def services(self, class_name):
        """IOServiceGetMatchingServices: an iterator."""
        return self._find("io_service_get_matching_services_bin", class_name)

    def _find(self, stub, class_name):
        main_port = self.main_port()
        try:
            return out(self.stubs, stub, main_port, *matching(class_name))
        finally:
            self.release(main_port)

    def next(self, iterator):
        """IOIteratorNext; 0 at the end."""
        try:
            return out(self.stubs, "io_iterator_next", iterator)
        except KernError as ended:
            if ended.code != NO_DEVICE:
                raise
            return 0

    def open(self, service):
        """IOServiceOpen of type 0; gives the result and the connection."""
        result, connection = c_int(), c.mach_port_t()
        outs = (ctypes.byref(result), ctypes.byref(connection))
        self.stubs.io_service_open_extended(service, self.mach.task_self, 0, NDR_RECORD, None, 0, *outs)
        return result.value, connection.value

    def close(self, connection):
        """IOServiceClose: it releases the right, too."""
        self.stubs.io_service_close(connection)
        self.release(connection)

    def release(self, thing):
        """IOObjectRelease."""
        self.mach.mach_port_deallocate(self.mach.task_self, thing)

    def create_notification_port(self):
        """IONotificationPortCreate: a receive right, and a reference to the registry's port that it keeps."""
        main_port = self.main_port()
        port = new_port(self.mach)
        self.main_ports[port] = main_port
        return port

    def destroy_notification_port(self, port):
        """IONotificationPortDestroy: it releases both; the notifications are their maker's to release."""
        self.mach.mach_port_mod_refs(self.mach.task_self, port, PortRight.RECEIVE, -1)
        self.release(self.main_ports.pop(port))

    def notify(self, port, class_name, kind=FIRST_MATCH):
        """IOServiceAddMatchingNotification: an iterator over what matches already."""
        reference = (c_uint64 * 8)()
        inputs = (self.main_ports[port], kind, *matching(class_name), port, reference, len(reference))
        return out(self.stubs, "io_service_add_notification_bin", *inputs)


def matching(class_name):
    """IOServiceMatching, written down as IOCFSerialize does in its binary form; and its size."""
    key, value = b"IOProviderClass\0", class_name.encode()
    head = struct.pack("<3I", 0xD3, LAST | 1 << 24 | 1, 8 << 24 | len(key))
    data = head + key + struct.pack("<I", LAST | 9 << 24 | len(value)) + value
    data += bytes(-len(data) % 4)
    return ctypes.create_string_buffer(data, len(data)), len(data)
