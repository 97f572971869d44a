"""Tables by chance, printed in lsmp's layout with hostile names, are read back as they were."""

from struct import Struct, unpack_from

from hypothesis import given
from hypothesis import strategies as st

from portaudit.collect.lsmp import read_lsmp
from tests.collect.lsmp.printer import Port, Program, print_json, print_text
from tests.collect.lsmp.prints import rows_of
from tests.spaces import word

NAME_MAX = 32
"""Bytes of a process name on macOS: 2 * MAXCOMLEN."""

HOSTILE = (
    b"x\nProcess (7) : y",
    b"x\n\n\nProcess (7) : y",
    b"Process (7) : y",
    b"x\ntotal     = 9\nSEND      = 8",
    b'"},{"pid":7,"name":"',
    b'x","ports":[],"total":0',
    b'x","send_rights":9,"process":"y',
    b'a"}],"total":9,"send_rights":7',
    b'"',
    b"\\",
    b'\\"',
    b"SELF (1) launchd",
    b"a -> b  <-  (3) c",
    b"\x1b[2J\r\x00\xff",
    b" leading and trailing ",
    b"...",
)

names = st.one_of(
    st.sampled_from(HOSTILE),
    st.binary(max_size=NAME_MAX),
    st.text('aZ \n\t"\\{}[],:()0x->+=', max_size=NAME_MAX).map(str.encode),
).map(lambda name: name[:NAME_MAX])
descriptions = st.one_of(
    st.just(b""), st.binary(max_size=80), st.sampled_from((*HOSTILE, b"AppleSMC(0x100000a5f)"))
).map(lambda text: text.replace(b"\n", b" ").strip())
RIGHTS = ("recv", "recv,send", "dead-name", "port-set", "send", "send-once", "send", "send-once")
LABELS = (None, b"IOKIT-OBJECT", None, b"IOKIT-OBJECT", b"HOST")
"""More often than the others those that bring a name or a description of somebody's choice."""
PROGRAMS, PORTS = 3, 6
"""As many as there are at most."""
PORT = Struct("<8B6I")
"""What chance says of a port: Hypothesis draws bytes at once, and the texts by themselves."""
PROGRAM = 8 + PORTS * PORT.size


def port_of(slot, few, called, told):
    """Give a port under a name of this slot, which is held and described by some of these texts."""
    kind, tag, generation, text, *widths, number, held, pid, urefs, limit, once = few
    right = RIGHTS[kind % len(RIGHTS)]
    sends = right in {"send", "send-once"}
    label = LABELS[tag % len(LABELS)] if sends else None
    holder = (word(widths[0], held) or 1, pid % 99999 + 1, called[text % len(called)])
    return Port(
        name=slot << 8 | (generation % 0x3F + 1) << 2 | 3,
        object=0 if right == "dead-name" else number or slot,  # no space has two names for one port
        right=right,
        urefs=word(widths[1], urefs) % 65535 + 1,
        label=label,
        description=told[text % len(told)] if label == b"IOKIT-OBJECT" else b"",
        queue_limit=word(widths[2], limit) % 1_000_001,
        send_once=word(widths[3], once) % 1_000_001,
        holder=holder if sends and label is None and tag < 0xC0 else None,
    )


def ports(slot):
    """Give any port under a name of this slot."""
    drawn = st.binary(min_size=PORT.size, max_size=PORT.size).map(PORT.unpack)
    return st.builds(port_of, st.just(slot), drawn, st.tuples(names), st.tuples(descriptions))


def made_of(number, data, called, told):
    """Give so many programs, which are called and described by some of these texts."""
    made: dict[int, Program] = {}
    for begin in range(0, number * PROGRAM, PROGRAM):
        bits, many, text = unpack_from("<IBB", data, begin)
        told_of = [*PORT.iter_unpack(data[begin + 8 : begin + PROGRAM])][: many % (PORTS + 1)]
        rest = (port_of(slot, few, called, told) for slot, few in enumerate(told_of, 3))
        own = Port(0x203, bits | 1 << 31, "send", 2, b"TASK-CONTROL")
        pid = bits % 99999 + 1
        made.setdefault(pid, Program(pid, called[text % len(called)], (own, *rest)))
    return list(made.values())


def programs():
    """Give one to three programs."""
    return st.builds(
        made_of,
        st.integers(1, PROGRAMS),
        st.binary(min_size=PROGRAMS * PROGRAM, max_size=PROGRAMS * PROGRAM),
        st.lists(names, min_size=1, max_size=5),
        st.lists(descriptions.filter(bool), min_size=1, max_size=4),
    )


def expected(program):
    urefs = {"recv": 0, "port-set": 0, "send-once": 1}
    return sorted(
        [
            f"0x{port.name:08x}",
            f"0x{port.object:08x}",
            "+".join(port.right.split(",")),
            urefs.get(port.right, port.urefs),
            port.label and port.label.decode(),
            port.description.decode("utf-8", "replace") or None,
        ]
        for port in program.ports
    )


def assert_read(made, data):
    snapshot = read_lsmp(data)

    tasks = [(task.process.pid, [row[:6] for row in rows_of(task)]) for task in snapshot.tasks]
    assert tasks == [(program.pid, expected(program)) for program in made]


@given(programs())
def test_text_is_read_back(made):
    """Whatever the processes are called, the text gives each of them its own rows and no other."""
    assert_read(made, print_text(made))


@given(programs())
def test_json_is_read_back(made):
    """Whatever the processes are called, the JSON gives each of them its own rows and no other."""
    assert_read(made, print_json(made))


@given(programs())
def test_names_are_read_back(made):
    """A process keeps its name, but for newlines at its end, in text and in JSON."""
    called = [program.name.decode("utf-8", "replace") for program in made]

    assert [task.process.name for task in read_lsmp(print_json(made)).tasks] == called
    in_text = [task.process.name for task in read_lsmp(print_text(made)).tasks]
    assert in_text == [program.name.rstrip(b"\n").decode("utf-8", "replace") for program in made]
