"""The simulator answers as XNU's own code answered, at every step of every recording that is kept here."""

import dataclasses
import json
from collections import Counter
from pathlib import Path

import pytest

from tests.contract.recording import load
from tests.contract.replay import main, replay

XNU = Path(__file__).parents[1] / "data" / "xnu"
KINDS = {"third-party": 117, "platform": 101, "random": 120}


@pytest.fixture(scope="module")
def recordings():
    """All recordings, by kind and by name."""
    return {
        kind: {recording.name: recording for recording in load(XNU / f"{kind}.json.gz")} for kind in KINDS
    }


@pytest.mark.whole  # all that XNU played at random takes ten seconds
@pytest.mark.parametrize("kind", KINDS)
def test_every_recording_of_a_kind_is_answered_alike(kind, recordings):
    """Return codes, values, guards, names, references and port counts are XNU's; nothing is left out."""
    verdicts = {name: replay(recording) for name, recording in recordings[kind].items()}

    differences = [line for verdict in verdicts.values() for line in verdict.differences]
    not_simulated = {
        name: verdict.not_simulated for name, verdict in verdicts.items() if verdict.not_simulated
    }
    assert differences == []
    assert not_simulated == {}
    assert len(verdicts) == KINDS[kind]


def changed(recording, number, **changes):
    """The same recording with one step made wrong."""
    steps = list(recording.steps)
    steps[number] = dataclasses.replace(steps[number], **changes)
    return dataclasses.replace(recording, steps=steps)


def with_entry(step, task, label, **fields):
    """A step's state with one entry made wrong."""
    entry = step.state[task][label] | fields
    return step.state | {task: step.state[task] | {label: entry}}


@pytest.mark.parametrize(
    ("place", "fields"),
    [
        ("B.bp", {"urefs": 7}),
        ("B.bp", {"srights": 9}),
        ("B.bp", {"sorights": 1}),
        ("B.bp", {"mscount": 5}),
        ("B.bp", {"msgs": 1}),
        ("B.bp", {"type": ["RECEIVE"]}),
        ("B.bp", {"hex": "0x403"}),
        ("B.bp", {"nsrequest": 1}),
        ("B.bp", {"ie_request": 1}),
        ("B.bp", {"guarded": 1}),
        ("A.n1", {"receiver": "A.n1"}),
        ("A.n1", {"receiver": None}),
        ("A.n1", {"port_active": False}),
    ],
)
def test_a_wrong_state_is_noticed(recordings, place, fields):
    """A recording whose state differs in one field of one entry fails in that field."""
    recording = recordings["third-party"]["031_move_send_last_uref"]
    task, label = place.split(".")
    state = with_entry(recording.steps[5], task, label, **fields)
    verdict = replay(changed(recording, 5, state=state))

    assert verdict.differences[0].startswith(
        "031_move_send_last_uref step 5 `insert B 0x5503 $bp copy_send t=$at` "
    )
    assert place in verdict.differences[0]


@pytest.mark.parametrize(
    ("number", "result"),
    [
        (9, {"kr": "KERN_SUCCESS"}),
        (12, {"count": 3}),
        (12, {"names": {"task_self": ["SEND"]}}),
        (8, {"type": ["SEND"]}),
    ],
)
def test_a_wrong_answer_is_noticed(recordings, number, result):
    """A recording whose answer differs fails in that step."""
    recording = recordings["third-party"]["004_double_dealloc_pure_send"]
    step = recording.steps[number]
    verdict = replay(changed(recording, number, result=step.result | result))

    assert f"step {number} `{step.call} " in verdict.differences[0]


@pytest.mark.parametrize(
    "guards",
    [
        [],
        [{"flavor": "INVALID_RIGHT", "target": "n1", "fatal": False}],
        [{"flavor": "INVALID_NAME", "target": "n1", "fatal": True}],
        [{"flavor": "INVALID_NAME", "target": "task_self", "fatal": False}],
        [{"flavor": "INVALID_NAME", "target": "n1", "fatal": False}] * 2,
    ],
)
def test_a_wrong_guard_is_noticed(recordings, guards):
    """A recording with other guards than the simulator raises fails."""
    recording = recordings["third-party"]["004_double_dealloc_pure_send"]

    assert " guards: expected " in replay(changed(recording, 9, guards=guards)).differences[0]


def test_a_name_that_should_be_gone_is_noticed(recordings):
    """A name that the simulator has and XNU did not is a difference, and the other way round."""
    recording = recordings["third-party"]["031_move_send_last_uref"]
    state = recording.steps[5].state
    missing = replay(changed(recording, 5, state=state | {"A": {"task_self": state["A"]["task_self"]}}))
    more = replay(changed(recording, 4, state=state))

    assert "A.0x5503: expected None, got" in missing.differences[0]
    assert "A.n1: expected {" in more.differences[0]


def test_the_same_recording_gives_the_same_verdict_twice(recordings):
    """A replay is deterministic, differences included."""
    recording = recordings["random"]["random_007"]
    broken = changed(recording, 50, result={"kr": "KERN_FAILURE"})

    assert replay(broken) == replay(broken)
    assert replay(broken).differences


def write(path, recording, **more):
    """Write a recording as the recorder does, with whole states."""
    steps = [
        {
            "call": step.call,
            "task": step.task,
            "args": step.args,
            "assign": step.assign,
            "result": step.result,
            "guard_exceptions": step.guards,
            "state": step.state,
        }
        for step in recording.steps
    ]
    path.write_text(json.dumps({"scenario": recording.name, "steps": steps, **more}))


def test_the_command_counts_and_says_what_failed(recordings, tmp_path, capsys):
    """One line for each difference, what is not simulated, the totals, and exit status 1."""
    good = recordings["third-party"]["001_alloc_receive_basic"]
    write(tmp_path / "a.json", good)
    write(tmp_path / "b.json", changed(good, 3, result={"kr": "KERN_SUCCESS", "refs": 4}))
    write(tmp_path / "c.json", changed(good, 3, call="frobnicate"))
    (tmp_path / "d.json").write_text(
        '{"steps": [{"call": "task", "task": "A", "result": {}, "state": {"A": {"x": 1}}}]}'
    )

    assert main([str(tmp_path)]) == 1
    *lines, not_simulated, total = capsys.readouterr().out.splitlines()
    assert lines[0] == "b.json step 3 `refs A $p send` refs: expected 4, got 0"
    assert lines[1] == "c.json not simulated: frobnicate $p send"
    assert lines[2].startswith("d.json cannot be replayed: ")
    assert (not_simulated, total) == ("1 not simulated", "1 passed, 2 failed")


def test_the_command_succeeds_if_nothing_failed(recordings, tmp_path, capsys):
    """Exit status 0 for recordings that pass, 2 and how to use it for none."""
    write(
        tmp_path / "a.json", recordings["platform"]["205_thread_self_pinned__platform"], task_kind="platform"
    )
    assert main([str(tmp_path / "a.json")]) == 0
    assert capsys.readouterr().out == "0 not simulated\n1 passed, 0 failed\n"

    assert main([]) == 2
    assert capsys.readouterr().err.startswith("usage: ")


def test_the_recordings_meet_most_of_the_ways_to_be_refused(recordings):
    """The recordings are worth replaying: they contain many kinds of calls, return codes and guards."""
    seen: Counter[tuple[str, str]] = Counter()
    for kind in KINDS:
        for recording in recordings[kind].values():
            for step in recording.steps:
                seen["call", step.call] += 1
                seen["code", step.result.get("kr")] += 1
                for guard in step.guards:
                    seen["guard", guard["flavor"]] += 1
    kinds = Counter(what for what, _ in seen)

    assert kinds == {"call": 43, "code": 24, "guard": 14}
