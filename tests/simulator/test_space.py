"""Names: where they come from, and that an old one never means a new right."""

import pytest

from portaudit.mach.constants import KernReturn, MsgType, PortRight
from portaudit.simulator.kernel import Dice, Kernel
from portaudit.simulator.space import Entry


def test_a_process_starts_with_its_task_port_and_a_reply_port(host):
    """The first two names of a process are 0x103, its own task port, and 0x203 for the kernel's answers."""
    names, types = host.ask("mach_port_names")

    assert (names, types) == ([0x103, 0x203], [1 << 16, 1 << 17])


def test_the_first_eight_names_of_a_space_are_in_order(host):
    """Slots 1 to 8 are handed out in order; only later ones are mixed."""
    assert [host.receive_right() for _ in range(6)] == [0x303, 0x403, 0x503, 0x603, 0x703, 0x803]


def test_later_names_come_from_either_end_of_the_table():
    """After the eight, each new slot is the lowest or the highest that is left."""
    order = Dice(7).order(1, 32)

    assert order[:8] == list(range(1, 9))
    assert sorted(order) == list(range(1, 32))
    left = list(range(9, 32))
    for slot in order[8:]:
        assert slot in (left[0], left[-1])
        left.remove(slot)


def test_the_slot_freed_last_is_used_next_under_its_next_generation(host):
    """A freed slot's next name is 4 higher: the old name stays invalid."""
    name = host.receive_right()
    host.ask("mach_port_mod_refs", name, PortRight.RECEIVE, -1)

    assert host.receive_right() == name + 4
    assert host.code("mach_port_type", name) == KernReturn.KERN_INVALID_NAME


@pytest.mark.parametrize(("rollover", "uses"), [(0, 63), (1, 47), (2, 31), (3, 15)])
def test_generations_start_again_after_their_lap(rollover, uses):
    """A slot goes through 63, 47, 31 or 15 generations before its first name comes back."""
    entry = Entry(5, generation=0x03, rollover=rollover)
    seen = [entry.name]
    while (following := entry.next_generation()) is not None:
        entry.generation = following
        seen.append(entry.name)

    assert len(seen) == uses
    assert seen[:3] == [0x503, 0x507, 0x50B]


def test_names_come_again_in_the_same_order_from_the_same_seed():
    """Two kernels with one seed hand out the same names."""
    orders = []
    for _ in range(2):
        space = Kernel(seed=3).create_task(9).space
        orders.append([space.claim().name for _ in range(300)])

    assert orders[0] == orders[1]
    assert len(set(orders[0])) == 300


def test_the_table_grows_through_the_kernels_size_classes(host):
    """The table has 32 slots at first, and grows to 42, 64, 85, 128, 170, 256, 341 and 512."""
    sizes = []
    for _ in range(400):
        host.receive_right()
        size = len(host.task.space.table)
        if size not in sizes:
            sizes.append(size)

    assert sizes == [32, 42, 64, 85, 128, 170, 256, 341, 512]


def test_a_chosen_name_must_look_like_one(host):
    """A chosen name needs the two low bits set, a slot other than 0, and a table that can hold it."""
    port = host.receive_right(send=True)
    results = {
        name: host.code("mach_port_insert_right", name, port, MsgType.COPY_SEND)
        for name in (0x1600, 0x3, 0xFFFFF003, 0x1603)
    }

    assert results == {
        0x1600: KernReturn.KERN_INVALID_VALUE,
        0x3: KernReturn.KERN_FAILURE,
        0xFFFFF003: KernReturn.KERN_NO_SPACE,
        0x1603: KernReturn.KERN_RIGHT_EXISTS,
    }


def test_a_chosen_name_that_was_refused_still_moves_the_slot_to_the_front(host):
    """The slot of a name that was free is used next, even if the call that chose it failed."""
    port = host.receive_right(send=True)
    host.code("mach_port_insert_right", 0x1603, port, MsgType.COPY_SEND)

    assert host.receive_right() == 0x1607


def test_a_taken_name_is_refused_by_generation_and_by_use(host):
    """Another generation of a used slot fails; the very name in use exists."""
    host.ask("mach_port_allocate_name", PortRight.RECEIVE, 0x1503)

    assert host.code("mach_port_allocate_name", PortRight.RECEIVE, 0x1503) == KernReturn.KERN_NAME_EXISTS
    assert host.code("mach_port_allocate_name", PortRight.RECEIVE, 0x1507) == KernReturn.KERN_FAILURE


def test_a_dead_name_does_not_get_the_name_that_was_chosen_for_it(host):
    """mach_port_allocate_name gives a dead name a name of the kernel's choice."""
    host.ask("mach_port_allocate_name", PortRight.DEAD_NAME, 0x1703)

    assert host.code("mach_port_type", 0x1703) == KernReturn.KERN_INVALID_NAME
    assert host.type(0x303) == 1 << 20
