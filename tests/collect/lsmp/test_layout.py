"""Tables by chance, printed in lsmp's layout with hostile names, are read back as they were."""

from hypothesis import given
from hypothesis import strategies as st

from portaudit.collect.lsmp import read_lsmp
from tests.collect.lsmp.printer import Port, Program, print_json, print_text
from tests.collect.lsmp.prints import rows_of

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
rights = st.sampled_from(("recv", "recv,send", "send", "send-once", "dead-name", "port-set"))
words = st.integers(1, 0xFFFF_FFFF)


@st.composite
def ports(draw, slot):
    right = draw(rights)
    label = (
        draw(st.sampled_from((None, b"HOST", b"IOKIT-OBJECT"))) if right in {"send", "send-once"} else None
    )
    holder = draw(st.none() | st.tuples(words, st.integers(1, 99999), names)) if label is None else None
    return Port(
        name=slot << 8 | draw(st.integers(1, 0x3F)) << 2 | 3,
        object=0 if right == "dead-name" else draw(words),
        right=right,
        urefs=draw(st.integers(1, 65535)),
        label=label,
        description=draw(descriptions) if label == b"IOKIT-OBJECT" else b"",
        queue_limit=draw(st.integers(0, 1_000_000)),
        send_once=draw(st.integers(0, 1_000_000)),
        holder=holder if right in {"send", "send-once"} else None,
    )


@st.composite
def programs(draw):
    made = []
    for pid in draw(st.lists(st.integers(1, 99999), min_size=1, max_size=3, unique=True)):
        own = Port(0x203, draw(words), "send", 2, b"TASK-CONTROL")
        rest = tuple(draw(ports(slot)) for slot in range(3, 3 + draw(st.integers(0, 6))))
        made.append(Program(pid, draw(names), (own, *rest)))
    return made


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
