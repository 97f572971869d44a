"""A port handed over by XPC: what is counted, and what the probe around it proves."""

import pytest

from portaudit.demo.xpc import (
    Holding,
    NotPlayed,
    Step,
    holding,
    last_round,
    play_both,
    play_loop_back,
    play_two,
    read_steps,
)
from portaudit.errors import NotReadable

pytestmark = pytest.mark.whole

LOOP_BACK_STEPS = ("before", "set", "received", "copied", "deallocated", "sent", "gone", "gone")


@pytest.fixture
def folder(tmp_path):
    """Where records and steps go."""
    made = tmp_path / "played"
    made.mkdir()
    return made


@pytest.fixture
def holds(program):
    """Whether the stand-in's dictionary takes a reference for what is set."""
    return int(program.with_name("set_holds").read_text())


def counted(played, round_number):
    """The references after each step of a round, as they happened."""
    return [step.references for step in played.steps if step.round == round_number]


def test_one_process_is_balanced(program, folder, holds):
    """Each reference that a dictionary or a copy adds goes, and the records before and after agree."""
    played = play_loop_back(program, folder, leaks=False)

    for number in range(4):
        assert counted(played, number) == [1, 1 + holds, 2 + holds, 3 + holds, 2 + holds, 1 + holds, 1, 1]
        assert tuple(step.step for step in played.steps if step.round == number) == LOOP_BACK_STEPS
    assert (played.report.outcome, played.kept, played.as_planned) == ("balanced", 0, True)


def test_one_process_that_leaks_is_found(program, folder, holds):
    """Each round keeps the copied reference: three more on the task's own port."""
    played = play_loop_back(program, folder, leaks=True)

    assert counted(played, 3) == [3, 3 + holds, 4 + holds, 5 + holds, 4 + holds, 4, 4]
    assert (played.report.outcome, played.kept, played.as_planned) == ("findings", 3, True)


@pytest.mark.parametrize("leaks", [False, True])
@pytest.mark.usefixtures("launchd")
def test_two_processes_are_audited_together(program, folder, holds, leaks):
    """Host and extension each count their own name; the extension alone keeps what it forgets."""
    played = play_two(program, folder, leaks=leaks)

    kept = 2 * leaks
    assert last_round(played.steps) == {
        ("host", "before"): 1,
        ("host", "set"): 1 + holds,
        ("extension", "received"): 2 + kept,
        ("extension", "copied"): 3 + kept,
        **({} if leaks else {("extension", "deallocated"): 2}),
        ("host", "sent"): 1 + holds,
        ("host", "gone"): 1,
        ("extension", "gone"): 2 + kept if leaks else 1,
    }
    rows = [row for finding in played.report.findings for row in finding.rows]
    subject = [(row.role, row.kobject_label, row.residual) for row in rows]
    assert subject == ([("extension", "TASK-CONTROL", 3)] if leaks else [])
    assert (played.kept, played.as_planned) == (3 * leaks, True)


@pytest.mark.usefixtures("launchd")
def test_the_counts_answer_what_set_does(program, folder, holds):
    """The open question is answered by the numbers, in one process and over two."""
    (folder / "one").mkdir()
    one = play_loop_back(program, folder / "one", leaks=False)
    two = play_two(program, folder, leaks=False)

    assert holding(one.steps, one_process=True) == Holding(holds, 1, 1)
    assert holding(two.steps, one_process=False) == Holding(holds, 1, 1)


@pytest.mark.usefixtures("launchd")
def test_where_launchd_refuses_that_is_told(program, folder, monkeypatch):
    """The play in one process is not held up by it."""
    monkeypatch.setattr("portaudit.demo.xpc.launched.domains", lambda: ["gui/501"])
    one, two = play_both(program, folder, leaks=False)

    assert not isinstance(one, NotPlayed)
    assert two == NotPlayed(
        "over two processes",
        "launchd does not take the job of the extension "
        "(gui/501: Bootstrap failed: 125: Domain does not support specified action)",
    )


def test_playing_again_counts_anew(program, folder):
    """The lines of an earlier play in the same folder are not taken for this one's."""
    (first, _), (second, _) = (list(play_both(program, folder, leaks=False)) for _ in range(2))

    assert not isinstance(first, NotPlayed)
    assert not isinstance(second, NotPlayed)
    assert len(first.steps) == len(second.steps)


def test_a_program_that_fails_is_quoted(tmp_path, folder):
    """Its first line on standard error, and not a verdict on what it left behind."""
    program = tmp_path / "broken"
    program.write_text("#!/bin/sh\necho 'transfer: the host: no answer by XPC' >&2\nexit 1\n")
    program.chmod(0o700)

    with pytest.raises(NotReadable, match="to its end: transfer: the host: no answer by XPC"):
        play_loop_back(program, folder, leaks=False)


@pytest.mark.parametrize(
    "line", ["", "1 host before", "1 host before x", "1 nobody before 2", "1 host left 2"]
)
def test_a_line_that_is_no_step_is_refused(line):
    """Nothing is guessed from what another program wrote."""
    assert read_steps("0 host before 2\n") == (Step(0, "host", "before", 2),)
    with pytest.raises(NotReadable, match="which is no step"):
        read_steps(f"0 host before 2\n{line}\n")


def test_what_was_not_counted_is_not_answered():
    """A step that is missing leaves its question open."""
    assert holding([Step(1, "host", "before", 1)], one_process=True) == Holding(None, None, None)


def test_nothing_of_a_play_is_left_running(program, folder, launchd):
    """The job goes with the play, also where the host fails."""
    host = program.with_name("host")
    host.write_text(f'#!/bin/sh\n[ "$1" = host ] && exit 1\nexec {program} "$@"\n')
    host.chmod(0o700)
    with pytest.raises(NotReadable, match="to its end: it ended with 1 and said nothing"):
        play_two(host, folder, leaks=False)

    assert launchd.with_name("pids").exists()  # and the fixture waits for the end of what it started


@pytest.mark.usefixtures("launchd")
def test_a_folder_may_be_named_from_here(program, folder, monkeypatch):
    """Launchd starts its jobs elsewhere: the files come back to where they were wanted all the same."""
    monkeypatch.chdir(folder.parent)
    played = play_two(program, folder.relative_to(folder.parent), leaks=False)

    assert played.as_planned
    assert {file.name for file in folder.iterdir()} == {
        "steps",
        *(f"{role}-{moment}.json" for role in ("host", "extension") for moment in ("before", "after")),
    }


@pytest.mark.usefixtures("launchd")
def test_the_other_half_is_quoted_too(program, folder):
    """What the extension said before the host got no answer."""
    broken = program.with_name("broken")
    broken.write_text("""#!/bin/sh
[ "$1" = extension ] && { echo 'no room' >&2; exit 1; }
while ! [ -s "$3/extension-said" ]; do sleep 0.02; done
echo 'transfer: the host: no answer by XPC' >&2
exit 1
""")
    broken.chmod(0o700)
    with pytest.raises(NotReadable, match="no answer by XPC; no room"):
        play_two(broken, folder, leaks=False)
