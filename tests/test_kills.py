"""SIGKILL at random moments, a dozen of them; `python -m tests.kills` plays two hundred."""

import pytest

from tests.kills import COMMANDS, LATEST, VICTIMS, Moment, kill_at

pytestmark = pytest.mark.whole


@pytest.mark.parametrize("victim", VICTIMS)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_kill_leaves_no_process_no_damaged_file_and_no_false_word(command, victim):
    """Whoever is killed in the midst of it: nothing is left, nothing hangs, nothing unread is balanced."""
    # Each scenario after the one in which somebody was killed takes half a second: one victim has them all
    scenario = None if victim == "host" else "every-third"
    assert kill_at(Moment(command, victim, LATEST[command] / 2, scenario)) == []
