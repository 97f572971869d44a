"""N11: vouchers, file ports and memory entries."""

import pytest

from tests.analysis.causes.rows import FILEPORT, MEMORY, VOUCHER, Told, report, rules, send, told

SILENT = {
    "nothing changed": ([send(0x403, 1, 1, FILEPORT)], [send(0x403, 1, 1, FILEPORT)]),
    "the memory entry has gone": ([send(0x403, 1, 1, MEMORY)], []),
    "the voucher's name existed before": ([send(0x403, 1, 1, VOUCHER)], [send(0x403, 2, 1, VOUCHER)]),
}


@pytest.mark.parametrize(("before", "after"), SILENT.values(), ids=SILENT)
def test_stays_silent_because(before, after):
    """N11 has nothing to say unless new vouchers, file ports or memory entries are held."""
    assert "N11" not in rules(before, after)


@pytest.mark.parametrize(("kobject", "label"), [(FILEPORT, "FILEPORT"), (MEMORY, "NAMED-MEMORY")])
def test_speaks_of_file_ports_and_memory_entries(kobject, label):
    """Each kind is one finding."""
    assert told([], [send(0x403, 1, 1, kobject), send(0x503, 1, 2, kobject)]) == [
        Told("N11", "likely", f"2 {label} names rose by 2 references together", 2)
    ]


def test_explains_many_vouchers_and_decides_nothing():
    """Vouchers come with messages and go again: how grave their number is is not for the rule to say."""
    rows = [send(0x403 + 0x100 * n, 1, n + 1, VOUCHER) for n in range(10)]

    assert [(one.rule, str(one.severity)) for one in report([], rows).findings] == [("N11", "note")]
