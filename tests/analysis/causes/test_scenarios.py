"""Rules against rows that nobody wrote: a pair plays on the simulated kernel, through the C interface."""

import pytest

from portaudit.analysis.causes import POLICY, RULES
from portaudit.analysis.compare import compare
from portaudit.analysis.expectations import parse_expectation
from portaudit.analysis.judge import judge
from portaudit.demo.player import send
from portaudit.mach import c_types as c
from portaudit.mach.constants import MsgType, PortRight
from portaudit.mach.messages import Message, PortDescriptor
from portaudit.model.declared import LEAST_PRIVILEGE, Terms
from tests.analysis.causes.kernel_objects import SCENARIOS as KERNEL_OBJECTS
from tests.analysis.causes.pair import Pair, nothing
from tests.analysis.causes.rows import explained
from tests.analysis.causes.test_scenarios_beside_the_rows import ELSEWHERE
from tests.contract.post import post
from tests.kernels import new_port, out

COPY, MOVE = MsgType.COPY_SEND, MsgType.MOVE_SEND


def leak(pair):
    for _ in range(3):
        pair.give()


def hold(pair):
    pair.names["task"] = pair.give()
    pair.refs(pair.extension, pair.names["task"], 5)


def over_release(pair):
    pair.extension.mach_port_deallocate(pair.extension.task_self, pair.names["task"])


def release_all(pair):
    pair.extension.mach_port_destroy(pair.extension.task_self, pair.names["task"])


def take_host_port(pair):
    for _ in range(4):
        pair.extension.mach_host_self()


def take_thread(pair):
    for _ in range(3):
        pair.extension.mach_thread_self()


def hold_own(pair):
    pair.refs(pair.host, pair.host.task_self, 5)


def take_own(pair):
    for _ in range(3):
        out(pair.host, "task_get_special_port", pair.host.task_self, 1)


def lose_own(pair):
    for _ in range(2):
        name = pair.give(MOVE)
        pair.extension.mach_port_deallocate(pair.extension.task_self, name)


def move_own(pair):
    for _ in range(2):
        pair.give(MOVE)


def serve(pair):
    pair.names["service"] = new_port(pair.host, send=True)


def look_up(pair):
    for _ in range(3):
        post(pair.host, pair.extension, pair.names["service"], COPY)


def peg(pair):
    pair.refs(pair.extension, pair.extension.mach_host_self(), 65534)


def orphan(pair):
    for _ in range(2):
        port = new_port(pair.extension, send=True)
        pair.extension.mach_port_deallocate(pair.extension.task_self, port)


def abandon(pair):
    port = new_port(pair.extension)
    for _ in range(2):
        send(pair.extension, Message(port, MsgType.MAKE_SEND))


def reply_ports(pair):
    for _ in range(3):
        new_port(pair.extension)


def asking(pair):
    pair.names["port"] = new_port(pair.host)


def ask_again(pair):
    for _ in range(3):
        post(pair.host, pair.extension, pair.names["port"], MsgType.MAKE_SEND_ONCE)


def die_unheard(pair):
    for _ in range(2):
        port = new_port(pair.host)
        name = post(pair.host, pair.extension, port, MsgType.MAKE_SEND)
        pair.host.mach_port_mod_refs(pair.host.task_self, port, PortRight.RECEIVE, -1)
        out(pair.extension, "mach_port_type", pair.extension.task_self, name, result=c.mach_port_type_t)


def look_up_once(pair):
    pair.names["held"] = post(pair.host, pair.extension, pair.names["service"], COPY)


def serve_and_look_up(pair):
    serve(pair)
    for _ in range(4):
        look_up_once(pair)


def service_dies(pair):
    pair.host.mach_port_mod_refs(pair.host.task_self, pair.names["service"], PortRight.RECEIVE, -1)
    pair.host.mach_port_destroy(pair.host.task_self, pair.names["service"])
    held = pair.names["held"]
    out(pair.extension, "mach_port_type", pair.extension.task_self, held, result=c.mach_port_type_t)


def name_once(pair):
    pair.names["first"], pair.names["second"] = new_port(pair.extension), new_port(pair.extension)
    extension = pair.extension
    extension.mach_port_insert_right(extension.task_self, 0x5503, pair.names["first"], MsgType.MAKE_SEND_ONCE)


def name_again(pair):
    extension = pair.extension
    extension.mach_port_destroy(extension.task_self, 0x5503)
    extension.mach_port_insert_right(
        extension.task_self, 0x5503, pair.names["second"], MsgType.MAKE_SEND_ONCE
    )


def raise_exceptions(pair):
    thread = pair.host.mach_thread_self()
    for _ in range(3):
        pair.give()
        post(pair.host, pair.extension, thread, COPY)
    pair.host.mach_port_deallocate(pair.host.task_self, thread)


def know_threads(pair):
    pair.names["task"] = pair.give()
    pair.threads(pair.names["task"])
    pair.threads(pair.extension.task_self)


def walk_threads(pair):
    for _ in range(2):
        pair.threads(pair.names["task"])
        pair.threads(pair.extension.task_self)


def walk_some_threads(pair):
    walk_threads(pair)
    pair.threads(pair.names["task"])


def stray(pair):
    pair.extension.mach_port_deallocate(pair.extension.task_self, pair.names["held"])


def connect(pair):
    new_port(pair.extension)
    post(pair.host, pair.extension, pair.names["service"], COPY)


def make_sets(pair):
    for _ in range(2):
        out(pair.extension, "mach_port_allocate", pair.extension.task_self, PortRight.PORT_SET)


def mail_right(pair):
    pair.names["box"] = new_port(pair.extension, send=True)
    pair.names["address"] = post(pair.extension, pair.host, pair.names["box"], COPY)
    hold_own(pair)


def send_unread(pair):
    message = Message(pair.names["address"], MOVE, descriptors=(PortDescriptor(pair.host.task_self, MOVE),))
    pair.refs(pair.host, pair.names["address"], 1)
    send(pair.host, message)


SCENARIOS = {
    "U1": (nothing, take_host_port),
    "U2": (nothing, take_thread),
    "U3": (know_threads, walk_threads),
    "U4": (know_threads, walk_some_threads),
    "U5": (nothing, leak),
    "U6": (nothing, raise_exceptions),
    "U7": (nothing, take_own),
    "U8": (serve, look_up),
    "U11": (nothing, peg),
    "N1": (nothing, die_unheard),
    "N3": (nothing, orphan),
    "N4": (nothing, abandon),
    "N9": (asking, ask_again),
    "N10": (nothing, reply_ports),
    "N13": (serve, connect),
    "O1": (hold, over_release),
    "O2": (hold, release_all),
    "O3": (name_once, name_again),
    "O4": (serve_and_look_up, stray),
    "O6": (hold_own, lose_own),
    "X1": (hold_own, move_own),
    "F1": (mail_right, send_unread),
    "L1": (nothing, make_sets),
    **KERNEL_OBJECTS,
}
"""Rule, and what of, if there are several -> what happens before the first snapshot, and between the two."""


def rule_of(scenario):
    return scenario.partition(",")[0]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_rule_speaks_of_what_was_played(scenario):
    """What is read of both spaces is explained by this rule alone."""
    pair = Pair()
    prepare, act = SCENARIOS[scenario]
    prepare(pair)
    before = pair.read()
    act(pair)

    told = [rule.id for rule, _ in explained(compare((before, pair.read())))]
    if rule_of(scenario) == "O3":  # what the name lost and gained is told as itself
        assert "O3" in told
    else:
        assert set(told) == {rule_of(scenario)}
    assert pair.kernel.lent() == 0


def test_a_service_that_dies_leaves_dead_names():
    """N2 tells what the extension still holds; what the host destroyed of its own is told apart from that."""
    pair = Pair()
    serve_and_look_up(pair)
    before = pair.read()
    service_dies(pair)

    report = judge(compare((before, pair.read())))
    rules = {row.role: one.rule for one in report.findings for row in one.rows}
    assert rules == {"extension": "N2", "host": "L2"}


def test_a_control_port_that_is_held_breaks_the_policy():
    """P1: nothing changed, and the extension holds the host's control port."""
    pair = Pair()
    hold(pair)
    still = pair.read()

    report = judge(compare((still, pair.read())), (), Terms(policy=LEAST_PRIVILEGE))
    assert [one.rule for one in report.findings] == ["P1"]


def test_a_transfer_that_never_happens_is_unmet():
    """E1: what was expected of the extension did not come."""
    pair = Pair()
    rule = parse_expectation("extension: task-control of host +1")

    report = judge(compare((pair.read(), pair.read())), [rule])
    assert [one.rule for one in report.findings] == ["E1"]


NOT_PLAYED = {"R3", "R4"}
"""No kernel knows of a run that was cut short, or of a reading that is incomplete."""


def test_every_rule_is_played():
    """Each rule is played, here or beside; what no kernel can do is named."""
    alone = {"N2", "L2", "P1", "E1"}
    played = {*map(rule_of, SCENARIOS), *alone, *ELSEWHERE}

    assert {rule.id for rule in (*RULES, POLICY)} == played | NOT_PLAYED
