"""diff and baseline under what a project declares, as a user types it."""

import html
import json
from dataclasses import replace
from datetime import date

import jsonschema
import pytest
from msgspec import structs

from portaudit.model.kobject import SEMAPHORE
from portaudit.render import Format
from portaudit.snapshot_file import encode
from tests.render.scenarios import EXTENSION_SPACE, SEND, kept, snapshot

SEMAPHORES = tuple((0x2203 + n * 0x100, SEND, 1, 0x0D000000 + n * 0x40, SEMAPHORE) for n in range(2))
SUPPRESS = """\
[[suppress]]
rule = "U5"
match = { role = "extension", kobject = "TASK-CONTROL" }
reason = "XPC keeps it"
until = 2026-12-31
"""


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch):
    """A folder with six snapshots, on a known day."""
    snapshots = {
        "before": snapshot(),
        "leaked": snapshot(extension=(*EXTENSION_SPACE, kept(3))),
        "noisy": snapshot(extension=(*EXTENSION_SPACE, *SEMAPHORES)),
        "both": snapshot(extension=(*EXTENSION_SPACE, kept(3), *SEMAPHORES)),
        "unread": snapshot(extension="no permission"),
        "again": snapshot(),
    }
    for number, (name, taken) in enumerate(snapshots.items()):
        later = replace(taken, taken=(taken.taken or 0) + 10 * number)
        (tmp_path / f"{name}.json").write_bytes(encode(later))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("portaudit.auditing.project.today", lambda: date(2026, 11, 23))
    return tmp_path


def told(ended):
    """Give verdict and rules of each list of a JSON report, and the exit status."""
    report = json.loads(ended.out)
    lists = ("findings", "suppressed", "accepted", "gone")
    return (
        ended.status,
        report["verdict"],
        {key: [one["rule"] for one in report[key]] for key in lists if report[key]},
    )


def test_a_suppression_is_found_from_below(portaudit, project, monkeypatch):
    """The configuration of the project counts in its folders, and hides the finding with its reason."""
    (project / "pyproject.toml").write_text(SUPPRESS.replace("suppress", "tool.portaudit.suppress"))
    (project / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(project / "deep" / "er")
    ended = portaudit("diff", "../../before.json", "../../leaked.json", "--format", "json")

    assert told(ended) == (0, "known", {"suppressed": ["U5"]})
    (hidden,) = json.loads(ended.out)["suppressed"]
    assert (hidden["reason"], hidden["place"]["line"]) == ("XPC keeps it", 1)


def test_the_table_says_what_was_hidden_and_until_when(portaudit, project):
    """A reader sees the suppressed finding, its reason, and the suppression with its end."""
    (project / "portaudit.toml").write_text(SUPPRESS.replace("2026-12-31", "2026-12-01"))
    lines = portaudit("diff", "before.json", "leaked.json").out.splitlines()
    start = next(number for number, line in enumerate(lines) if "suppressed:" in line)

    assert lines[0] == "KNOWN  what did not come back is known and accepted"
    assert "\n".join(lines[start:-2]).rstrip() == (
        "U5  suppressed: the extension keeps 3 references to the host's task port that it\n"
        "    must give back (XPC keeps it)\n"
        "suppression used: U5 extension TASK-CONTROL: hides 1 finding, until 2026-12-01\n"
        "\n"
        "note: the suppression 'U5 extension TASK-CONTROL' (portaudit.toml:1) ends on\n"
        "      2026-12-01, in 8 days: fix it or renew it\n"
        "note: portaudit.toml allows a part of this: line 1"
    )


def test_an_expired_suppression_fails_again(portaudit, project, monkeypatch):
    """The day after its last one the finding fails the diff."""
    (project / "portaudit.toml").write_text(SUPPRESS)
    monkeypatch.setattr("portaudit.auditing.project.today", lambda: date(2027, 1, 1))
    ended = portaudit("diff", "before.json", "leaked.json", "--format", "json")

    assert told(ended) == (1, "findings", {"findings": ["U5"]})
    (use,) = json.loads(ended.out)["suppressions"]
    assert (use["state"], use["findings"], use["days_left"]) == ("expired", 1, -1)


def test_no_config_reads_none(portaudit, project):
    """--no-config judges as if there were no configuration, not even a broken one."""
    (project / "portaudit.toml").write_text("= broken")

    ended = portaudit("diff", "before.json", "leaked.json", "--no-config", "--format", "json")
    assert told(ended) == (1, "findings", {"findings": ["U5"]})


def test_config_names_the_file(portaudit, project):
    """--config reads the named file, and not the nearest one."""
    (project / "portaudit.toml").write_text("= broken")
    (project / "other.toml").write_text(SUPPRESS)

    ended = portaudit("diff", "before.json", "leaked.json", "--config", "other.toml", "--format", "json")
    assert told(ended) == (0, "known", {"suppressed": ["U5"]})


def test_config_and_no_config_exclude_each_other(portaudit):
    """Both at once are a usage error."""
    ended = portaudit("diff", "before.json", "leaked.json", "--config", "x", "--no-config")

    assert ended.status == 2
    assert "--config and --no-config exclude each other." in ended.err


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("= broken\n", "portaudit.toml:1: this is no TOML: Invalid statement (column 1)"),
        (
            SUPPRESS.replace("reason", "raeson"),
            "portaudit.toml:4: a suppression has no key 'raeson'; did you mean 'reason'?",
        ),
    ],
)
@pytest.mark.parametrize("command", ["diff", "baseline"])
def test_a_mistake_ends_the_command(portaudit, project, command, text, sentence):
    """A mistake in the configuration is one sentence, exit 2, and nothing is judged or written."""
    (project / "portaudit.toml").write_text(text)
    output = ("-o", "out.json") if command == "baseline" else ()
    ended = portaudit(command, "before.json", "leaked.json", *output)

    assert (ended.status, ended.out, ended.err) == (2, "", f"portaudit: {sentence}\n")
    assert not (project / "out.json").exists()


def test_a_declared_expectation_counts(portaudit, project):
    """What the configuration expects is no finding; the command line's word goes first."""
    (project / "portaudit.toml").write_text('expect = ["extension: task-control of host +3"]\n')

    assert portaudit("diff", "before.json", "leaked.json").status == 0
    rule = "extension: task-control of host +1"
    assert portaudit("diff", "before.json", "leaked.json", "--expect", rule).status == 1


def test_a_baseline_takes_what_is_known(portaudit, project):
    """Recorded findings are accepted, a new one is told, and one that is fixed is gone."""
    recorded = portaudit("baseline", "before.json", "leaked.json", "-o", "b.json")
    assert (recorded.status, recorded.out, recorded.err) == (
        0,
        "",
        "b.json accepts 1 finding\nfill in why: 1 of 1 entries have no reason yet\n",
    )
    assert json.loads((project / "b.json").read_text()) == {
        "format": "portaudit-baseline/1",
        "accepted": [
            {
                "rule": "U5",
                "title": "the extension keeps 3 references to the host's task port that it must give back",
                "fingerprint": "bae12b7e9ac54f87",
                "role": "extension",
                "kobject": "TASK-CONTROL",
                "description": None,
                "peer": "host",
                "count": 1,
                "amount": 3,
                "rate": None,
                "reason": "",
            }
        ],
    }

    def diff(after):
        return told(
            portaudit("diff", "before.json", f"{after}.json", "--baseline", "b.json", "--format", "json")
        )

    assert diff("leaked") == (0, "known", {"accepted": ["U5"]})
    assert diff("both") == (0, "known", {"accepted": ["U5"], "findings": ["N8"]})
    assert diff("noisy") == (0, "balanced", {"findings": ["N8"], "gone": ["U5"]})


def test_a_baseline_of_a_series_keeps_its_rate(portaudit, project):
    """What leaks as fast as was accepted is known, what leaks faster is a finding that says so."""
    for name, pace in (("slow", 1), ("fast", 3)):
        for number in range(6):
            one = replace(
                snapshot(extension=(*EXTENSION_SPACE, kept(1 + pace * number))), taken=100.0 + 10 * number
            )
            (project / f"{name}-{number}.json").write_bytes(encode(one))
    slow, fast = ([f"{name}-{number}.json" for number in range(6)] for name in ("slow", "fast"))
    recorded = portaudit("baseline", *slow, "-o", "b.json")
    known = portaudit("diff", *slow, "--baseline", "b.json")
    grew = portaudit("diff", *fast, "--baseline", "b.json")

    (entry,) = json.loads((project / "b.json").read_text())["accepted"]
    assert (recorded.status, entry["rule"], entry["rate"], entry["amount"]) == (0, "U5", 1.0, 5)
    assert (known.status, known.out.split()[0]) == (0, "KNOWN")
    assert (grew.status, grew.out.split()[0]) == (1, "FINDINGS")
    assert "grew: accepted +1 a round, now +3 a round" in " ".join(grew.out.split())


def test_a_baseline_keeps_its_reasons(portaudit, project):
    """Recording anew keeps what a person wrote, and then asks only for what is missing."""
    portaudit("baseline", "before.json", "leaked.json", "-o", "b.json")
    path = project / "b.json"
    path.write_text(path.read_text().replace('"reason": ""', '"reason": "since 1.0"'))

    ended = portaudit("baseline", "before.json", "leaked.json", "-o", "b.json")

    assert (ended.status, ended.err) == (0, "b.json accepts 1 finding\n")
    assert json.loads(path.read_text())["accepted"][0]["reason"] == "since 1.0"


def test_the_configured_baseline_counts(portaudit, project):
    """The configuration names the baseline relative to itself; it does not count while recording."""
    (project / "portaudit.toml").write_text('baseline = "b.json"\n')
    assert portaudit("baseline", "before.json", "leaked.json", "-o", "b.json").status == 0
    assert portaudit("baseline", "before.json", "leaked.json", "-o", "b.json").err.startswith(
        "b.json accepts 1 finding\n"
    )

    ended = portaudit("diff", "before.json", "leaked.json", "--format", "json")
    assert told(ended) == (0, "known", {"accepted": ["U5"]})
    assert json.loads(ended.out)["notes"] == [
        "1 of 1 entries of the baseline have no reason yet",
        "b.json, which portaudit.toml names, accepts a part of this",
    ]


EXPECTED = """\
[[expect]]
task = "extension"
object = "task-control"
of = "host"
change = "0..9"
reason = "kept"
"""


@pytest.mark.parametrize("form", list(Format))
def test_every_format_names_the_configuration_that_allowed_something(portaudit, project, form):
    """Whatever is hidden, accepted or expected by a file, the report says by which."""
    (project / "portaudit.toml").write_text(EXPECTED)
    ended = portaudit("diff", "before.json", "leaked.json", "--format", form)

    assert (ended.status, ended.err) == (0, "")
    assert "portaudit.toml" in html.unescape(ended.out)


def test_what_was_not_read_is_not_recorded(portaudit):
    """A baseline of a task that was not read says so, exit 3."""
    ended = portaudit("baseline", "before.json", "unread.json", "-o", "b.json")

    assert ended.status == 3
    assert ended.err.splitlines()[0] == "b.json accepts 0 findings"
    assert ended.err.splitlines()[1].startswith("not recorded, since it is undecided: ")


@pytest.mark.parametrize("data", ["", "{}", '{"format": "portaudit-baseline/1"}', "\x1f\x8b"])
def test_something_else_is_no_baseline(portaudit, project, data):
    """A file that is no baseline is refused with 4, and is not written over."""
    (project / "b.json").write_bytes(data.encode("latin-1"))

    used = portaudit("diff", "before.json", "leaked.json", "--baseline", "b.json")
    written = portaudit("baseline", "before.json", "leaked.json", "-o", "b.json")

    assert (used.status, used.out, used.err) == (4, "", written.err)
    assert written.status == 4
    assert used.err.startswith("portaudit: b.json ")
    assert (project / "b.json").read_bytes() == data.encode("latin-1")


def test_a_baseline_that_is_not_there_is_said(portaudit):
    """A missing baseline is no empty one."""
    ended = portaudit("diff", "before.json", "leaked.json", "--baseline", "none.json")

    assert (ended.status, ended.err) == (
        4,
        "portaudit: none.json cannot be read: No such file or directory\n",
    )


def test_a_baseline_goes_to_standard_output(portaudit):
    """`-o -` prints the baseline; what is said goes to standard error, and -q silences it."""
    ended = portaudit("baseline", "before.json", "leaked.json", "-o", "-", "-q")

    assert (ended.status, ended.err) == (0, "")
    assert json.loads(ended.out)["accepted"][0]["rule"] == "U5"


def test_idle_noise_is_subtracted(portaudit):
    """A pair taken while nothing was transferred takes its noise off, and the table says how much."""
    pair = ("diff", "before.json", "both.json")
    loud = json.loads(portaudit(*pair, "--format", "json").out)
    quiet = portaudit(*pair, "--idle", "before.json", "noisy.json", "--format", "json")

    assert len(loud["findings"]) > 1
    assert told(quiet) == (1, "findings", {"findings": ["U5"]})
    jsonschema.validate(json.loads(quiet.out), json.loads(portaudit("schema", "diff").out))
    table = portaudit(*pair, "--idle", "before.json", "noisy.json").out.splitlines()
    assert "idle: extension SEMAPHORE +2 while idle, 2 subtracted" in table


def test_what_an_idle_pair_takes_off_has_not_come_back(portaudit):
    """The verdict is balanced, and says by what; without anything taken off it says what it always says."""
    noisy = portaudit("diff", "before.json", "both.json", "--idle", "before.json", "leaked.json")
    assert noisy.out.startswith("BALANCED  what changed also changes while nothing is transferred; 2 other")

    quiet = portaudit("diff", "before.json", "again.json", "--idle", "before.json", "leaked.json")
    assert quiet.out.startswith("BALANCED  every reference to the host's task port came back")


@pytest.mark.parametrize(
    ("idle", "why"),
    [
        (
            ("noisy.json", "noisy.json"),
            "the same reading was given twice: between a moment and itself nothing was audited",
        ),
        (
            ("noisy.json", "before.json"),
            "the second snapshot was taken before the first: give them in the order in which they were taken",
        ),
        (
            ("before.json", "both.json"),
            "what is audited happened during it, so it would take off what was transferred",
        ),
        (
            ("before.json", "unread.json"),
            "what is audited happened during it, so it would take off what was transferred",
        ),
    ],
)
@pytest.mark.parametrize("command", [("diff",), ("diff", "--ops", "50"), ("baseline", "-o", "-")])
def test_what_is_no_idle_pair_takes_nothing_off(portaudit, command, idle, why):
    """A pair that shows nothing, or the very transfer, is refused: nothing would be left to find."""
    ended = portaudit(*command, "before.json", "both.json", "--idle", *idle)

    assert (ended.status, ended.out, ended.err) == (2, "", f"portaudit: this is no idle pair: {why}\n")


def test_an_idle_pair_may_lie_in_the_audited_time_or_be_of_other_processes(portaudit, project):
    """The first part of the time may have been idle; and others may have been idle all the while."""
    others = tuple(
        replace(task, process=structs.replace(task.process, pid=number))
        for number, task in enumerate(snapshot().tasks, 7)
    )
    for name, taken in (("earlier", 1e9), ("later", 2e9)):
        (project / f"{name}.json").write_bytes(encode(replace(snapshot(), tasks=others, taken=taken)))

    for idle in (("before.json", "noisy.json"), ("earlier.json", "later.json")):
        assert portaudit("diff", "before.json", "both.json", "--idle", *idle).status == 1


def test_every_finding_has_a_fingerprint(portaudit):
    """JSON and SARIF carry the fingerprint that baselines use."""
    ended = portaudit("diff", "before.json", "leaked.json", "--format", "json")
    sarif = json.loads(portaudit("diff", "before.json", "leaked.json", "--format", "sarif").out)

    (found,) = json.loads(ended.out)["findings"]
    (result,) = sarif["runs"][0]["results"]
    assert result["partialFingerprints"] == {"portauditFinding/v1": f"{found['fingerprint']}:1"}


def test_an_idle_pair_is_read_alike(portaudit, project):
    """An idle pair that was read in two ways needs --mixed, and so does one that was read otherwise."""
    for later in (5, 6):
        tasks = tuple(replace(task, way="names") for task in snapshot().tasks)
        taken = (snapshot().taken or 0) + later
        (project / f"names-{later}.json").write_bytes(encode(replace(snapshot(), tasks=tasks, taken=taken)))

    def told(*idle):
        pair = ("before.json", "leaked.json", "--expect", "extension: task-control of host +3")
        refused = portaudit("diff", *pair, "--idle", *idle)
        return refused.status, refused.err, portaudit("diff", *pair, "--idle", *idle, "--mixed").status

    alike = "which count some rows differently; read both alike, or compare them with --mixed"
    assert told("before.json", "names-6.json") == (
        2,
        f"portaudit: the snapshots were read in different ways (space-info before, names after), {alike}\n",
        0,
    )
    assert told("names-5.json", "names-6.json") == (
        2,
        f"portaudit: the idle pair was read by names and the other one by space-info, {alike}\n",
        0,
    )
