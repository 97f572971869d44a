"""A stand-in for lsmp's printing: made-up tables in its layout, with whatever names and descriptions."""

from dataclasses import dataclass, field

HEADER = (
    b"  name      ipc-object    rights     flags   boost  reqs  recv  send sonce oref  qlimit  msgcount  "
    b"context            identifier  type\n"
    b"---------   ----------  ----------  -------- -----  ---- ----- ----- ----- ----  ------  --------  "
    b"------------------ ----------- ------------\n"
)
BLANK = b" " * 45


@dataclass(frozen=True)
class Port:
    """One name of a made-up space."""

    name: int
    object: int
    right: str
    urefs: int = 1
    label: bytes | None = None
    description: bytes = b""
    queue_limit: int = 5
    send_once: int = 0
    holder: "tuple[int, int, bytes] | None" = None
    """Name, pid and process of the receiver."""


@dataclass(frozen=True)
class Program:
    """A made-up process."""

    pid: int
    name: bytes
    ports: tuple[Port, ...] = field(default=())

    def total(self, *rights: str) -> int:
        """Count the ports with one of these rights."""
        return sum(port.right in rights for port in self.ports)


def counts(program: Program) -> list[int]:
    """Give the eight totals that lsmp prints."""
    vouchers = sum(port.label == b"VOUCHER" for port in program.ports)
    return [
        len(program.ports),
        program.total("send", "recv,send"),
        program.total("recv", "recv,send"),
        program.total("send-once"),
        program.total("port-set"),
        program.total("dead-name"),
        0,
        vouchers,
    ]


def blank_zero(number: int) -> bytes:
    """Print as %5.0d does: a zero is blank."""
    return (str(number) if number else "").rjust(5).encode()


def text_row(port: Port, program: Program) -> bytes:
    """Print a port as lsmp's text has it."""
    begin = b"0x%08x  0x%08x  %-10s  " % (port.name, port.object, port.right.encode())
    if port.right == "dead-name":
        return begin + b"--------        ---        %5d      \n" % port.urefs
    if port.right == "port-set":
        return begin + b"--------        ---      1" + b" " * 56 + b"0  members\n"
    if port.right.startswith("recv"):
        sends = blank_zero(port.urefs if "send" in port.right else 0)
        tail = b"   N   %6d  %8d  0x%016x \n" % (port.queue_limit, 0, 0)
        return begin + b"-------- %5d  ---  %5d " % (0, 1) + sends + b" " + blank_zero(port.send_once) + tail
    sends = blank_zero(port.urefs if port.right == "send" else 0)
    return begin + b"--------        ---        " + sends + b"     " + text_target(port, program)


def text_target(port: Port, program: Program) -> bytes:
    """Print what stands behind a send or send-once right."""
    if port.label is not None:
        words = port.label + (b" " + port.description if port.description else b"")
        words += b" SELF (%d) %s" % (program.pid, program.name) if port.label == b"TASK-CONTROL" else b""
        return BLANK + b"0x%08x  %s\n" % (0, words)
    if port.holder is not None:
        return b"   ->   %6d  %8d  0x%016x 0x%08x  (%d) %s\n" % (5, 0, 0, *port.holder)
    return BLANK + b"0x00000000  (-) Unknown Process\n"


def print_text(programs: list[Program]) -> bytes:
    """Print processes as `lsmp -a` does."""
    words = (
        b"total",
        b"SEND",
        b"RECEIVE",
        b"SEND_ONCE",
        b"PORT_SET",
        b"DEAD_NAME",
        b"DNREQUEST",
        b"VOUCHERS",
    )
    printed = b""
    for program in programs:
        printed += b"Process (%d) : %s\n" % (program.pid, program.name) + HEADER
        printed += b"".join(text_row(port, program) for port in program.ports) + b"\n"
        for word, number in zip(words, counts(program), strict=True):
            printed += b"%-9s = %d\n" % (word, number)
        printed += b"\n\n"
    return printed


def escaped(text: bytes) -> bytes:
    """Escape as lsmp does, which it does for descriptions alone."""
    return text.replace(b"\\", b"\\\\").replace(b'"', b'\\"')


def json_row(port: Port, program: Program) -> bytes:
    """Print a port as lsmp's JSON has it."""
    place = b'"name":"0x%08x","ipc-object":"0x%08x"' % (port.name, port.object)
    if port.right == "dead-name":
        return b'{"type":"dead name",%s,"send_rights":%d}' % (place, port.urefs)
    if port.right == "port-set":
        return b'{"type":"port set",%s,"members":[]}' % place
    if port.right.startswith("recv"):
        sends = "send" in port.right
        rights = b'"recv","send"' if sends else b'"recv"'
        return (
            b'{"type":"port",%s,"rights":[%s],"port_status_flags":[],"boosts":0,"notifications":[],"recv_rights":1,'
            b'"send_rights":%d,"send_once_rights":%d,"oref":false,"queue_limit":%d,"msg_count":0,'
            b'"context":"0x0000000000000000"}'
        ) % (place, rights, port.urefs if sends else 0, port.send_once, port.queue_limit)
    right, urefs = (b"send", port.urefs) if port.right == "send" else (b"send once", 0)
    begin = b'{%s,"rights":["%s"],"notifications":[],"send_rights":%d,' % (place, right, urefs)
    return begin + json_target(port, program) + b"}"


def json_target(port: Port, program: Program) -> bytes:
    """Print what stands behind a send or send-once right."""
    if port.label is not None:
        words = b'"identifier":"0x00000000","type":"%s"' % port.label
        words += b',"description":"%s"' % escaped(port.description) if port.description else b""
        own = b',"pid":%d,"process":"%s"' % (program.pid, program.name)
        return words + (own if port.label == b"TASK-CONTROL" else b"")
    if port.holder is not None:
        queue = b'"queue_limit":5,"msg_count":0,"context":"0x0000000000000000",'
        return queue + b'"identifier":"0x%08x","pid":%d,"process":"%s"' % port.holder
    return b'"identifier":"0x00000000","pid":-1,"process":"unknown"'


def print_json(programs: list[Program]) -> bytes:
    """Print processes as `lsmp -a -j` does."""
    keys = (
        b"total",
        b"send_rights",
        b"receive_rights",
        b"send_once_rights",
        b"port_sets",
        b"dead_names",
        b"dead_name requests",
        b"vouchers",
    )
    processes = [
        b'{"pid":%d,"name":"%s","ports":[' % (program.pid, program.name)
        + b",".join(json_row(port, program) for port in program.ports)
        + b"],"
        + b",".join(b'"%s":%d' % pair for pair in zip(keys, counts(program), strict=True))
        + b',"exception_ports":[]}'
        for program in programs
    ]
    return b'{"version":"1.0","processes":[' + b",".join(processes) + b"]}"
