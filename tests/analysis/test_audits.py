"""Audits that XNU's own code played: the truth is found, nothing else is, and the cause is the right one."""

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

DATA = Path(__file__).parents[1] / "data" / "xnu" / "audits" / "audits.json.gz"
AUDITS = json.loads(gzip.decompress(DATA.read_bytes()))
PIDS = {"host": 4242, "extension": 4243}

CLEAN = {"balanced_churn", "clean_already_held", "clean_borrow", "clean_keep", "double_free_silent"}
"""Audits whose tables balance; of a silent double free only a guard event tells."""

RULES = {
    "dead_name_kept": "N2",
    "host_self_leak": "U1",
    "leak_every_transfer": "U5",
    "leak_host_takes_self_port": "U7",
    "leak_on_existing_name": "U5",
    "name_recycled": "O3",
    "orphan_receive": "N3",
    "over_release_extension": "O1",
    "over_release_host_moved": "O6",
    "owner_swapped": "X1",
    "read_port_taken": "U5",
    "send_once_leak": "N9",
    "thread_self_leak": "U2",
}
"""Kind of audit -> the rules that its description demands."""

NOTES = {"name_recycled", "orphan_receive", "send_once_leak"}
"""Kinds of audit of which one pair proves nothing: they exit 1 only with --fail-on note."""

OPEN = {"in_flight_move": ("F1", "in-flight"), "pegged": ("U11", "saturated")}
"""Kind of audit -> rule and verdict of what stays undecided."""


def kind_of(name):
    return name.rpartition("-")[0]


def kind_in_truth(row):
    return "HOST*" if row["kind"] in {"HOST", "HOST-PRIV"} else row["kind"]


@pytest.fixture
def diff(portaudit, tmp_path):
    """Give a function that imports an audit's probe records and compares them, as an outsider would."""

    def run(audit):
        for when in ("before", "after"):
            arguments = []
            for role, rows in audit[when].items():
                if rows is not None:
                    record = {
                        "portaudit_probe": 1,
                        "pid": PIDS[role],
                        "process": role.title(),
                        "boot": "b",
                        "method": "mach_port_space_info",
                        "columns": audit["columns"],
                        "rows": rows,
                    }
                    path = tmp_path / f"{when}-{role}.json"
                    path.write_text(json.dumps(record))
                    arguments += [f"--{role}", path]
            assert portaudit("import", *arguments, "-o", tmp_path / f"{when}.json").status == 0
        expected = [word for rule in audit["expect"] for word in ("--expect", rule)]
        files = (tmp_path / "before.json", tmp_path / "after.json")
        ended = portaudit("diff", *files, "--format", "json", *expected)
        return ended.status, json.loads(ended.out)

    return run


def test_every_kind_of_audit_has_its_verdict_here():
    """No audit is left out of the tables above."""
    assert {kind_of(name) for name in AUDITS} == CLEAN | RULES.keys() | OPEN.keys()
    assert len(AUDITS) == 40


@pytest.mark.parametrize("name", [name for name in AUDITS if kind_of(name) in CLEAN])
def test_what_balances_has_no_finding(diff, name):
    """Spaces in which everything came back, or what was declared was kept, are balanced."""
    status, report = diff(AUDITS[name])

    assert (status, report["verdict"], report["findings"], report["undecided"]) == (0, "balanced", [], [])
    assert AUDITS[name]["truth"] == []


@pytest.mark.parametrize("name", [name for name in AUDITS if kind_of(name) in OPEN])
def test_what_cannot_be_decided_is_undecided(diff, name):
    """Counts at the maximum, and rights that a queued message may carry, exit 3 and are no findings."""
    status, report = diff(AUDITS[name])

    told = {(one["rule"], one["verdict"]) for one in report["undecided"]}
    assert (status, report["verdict"], report["findings"]) == (3, "undecided", [])
    assert told == {OPEN[kind_of(name)]}


@pytest.mark.parametrize("name", [name for name in AUDITS if isinstance(AUDITS[name]["truth"], list)])
def test_residuals_add_up_to_the_truth(diff, name):
    """Each true residual is found under its role and kind, and the rows of all findings are nothing else."""
    truth = Counter(
        {
            (true["role"], true["kind"], true["object"] == "of-host"): true["change"]
            for true in AUDITS[name]["truth"]
        }
    )
    _, report = diff(AUDITS[name])

    found: Counter[tuple[str, str, bool]] = Counter()
    for finding in report["findings"]:
        for row in finding["rows"]:
            owned = row["of"] == "host" or row["kind"] == "TASK-READ"
            found[row["role"], kind_in_truth(row), owned] += row["residual"]
    assert found == truth


@pytest.mark.parametrize("name", [name for name in AUDITS if kind_of(name) in RULES])
def test_the_cause_is_the_one_that_the_description_demands(diff, name):
    """One finding tells the fault of the audit, under the rule for it, as gravely as one pair proves it."""
    status, report = diff(AUDITS[name])

    assert status == (0 if kind_of(name) in NOTES else 1)
    assert [finding["rule"] for finding in report["findings"]] == [RULES[kind_of(name)]]
    assert (report["findings"][0]["severity"] == "note") == (kind_of(name) in NOTES)


@pytest.mark.parametrize("name", [name for name in AUDITS if kind_of(name) == "name_recycled"])
def test_a_recycled_name_is_told_with_both_its_ports(diff, name):
    """A reused name has the verdict `recycled`, a row for what it lost, and one for what it gained."""
    _, report = diff(AUDITS[name])

    (finding,) = report["findings"]
    lost, gained = finding["rows"]
    assert finding["verdict"] == AUDITS[name]["truth"] == "recycled"
    assert (lost["name"], lost["change"], gained["change"]) == (gained["name"], -1, 1)
    assert lost["object"] != gained["object"]
