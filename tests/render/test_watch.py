"""How a watch is shown: in a table, in lines, in JSON."""

import json

import pytest

from portaudit.model.rights import Right
from portaudit.model.snapshot import Process
from portaudit.model.watch import Alarm, ClassGrowth, WatchState
from portaudit.render.watch import alarms, as_json, line, sparkline, table

GROWTH = ClassGrowth(Right.SEND, 2, 1, 7, 6, 36.0, (1, 1, 2, 4, 7))
QUIET = ClassGrowth(Right.RECEIVE, 0, 3, 3, 0, 0.0, (3, 3, 3, 3, 3))
STATE = WatchState(Process(4243, 1.0, "Ext"), 1763900000.0, 4, 5, (GROWTH, QUIET), changed=True)


def test_the_table_shows_growth_rate_and_sparkline():
    """One block a process: names and readings, then each class with a sparkline."""
    assert table([STATE], 80) == (
        "2025-11-23 12:13:20 UTC  Ext (4243)  4 names  5 readings\n"
        "    class               names    refs  change             rate\n"
        "    send TASK-CONTROL       1       7      +6   +36.0 a minute  ▁▁▂▄█\n"
        "    recv                    3       3       0       0 a minute  ▁▁▁▁▁\n"
    )


def test_a_line_says_what_has_grown():
    """What did not change since the beginning is not in the line."""
    assert line(STATE) == (
        "2025-11-23 12:13:20 UTC  Ext (4243)  4 names  send TASK-CONTROL 7 (+6, +36.0 a minute)"
    )


def test_an_alarm_names_its_files():
    """The kept readings are named as the command that judges them."""
    state = WatchState(Process(4243, 1.0, "Ext"), 1763900000.0, alarms=(Alarm(GROWTH, ("a.json", "b.json")),))

    (told,) = alarms(state)
    assert told == (
        "2025-11-23 12:13:20 UTC  ALARM  Ext (4243)  send TASK-CONTROL, +36.0 a minute; "
        "kept: portaudit diff a.json b.json"
    )


def test_json_is_one_line():
    """Programs get each look of each process as one line."""
    text = as_json(STATE)

    assert text.count("\n") == 1
    told = json.loads(text)
    assert (told["format"], told["pid"], told["names"], told["over"]) == ("portaudit-watch/1", 4243, 4, None)
    assert told["classes"][0] == {
        "class": "send TASK-CONTROL",
        "right": "send",
        "kobject": "TASK-CONTROL",
        "names": 1,
        "references": 7,
        "change": 6,
        "rate": 36.0,
        "recent": [1, 1, 2, 4, 7],
    }


@pytest.mark.parametrize("form", [lambda state: table([state], 80), line, as_json])
def test_a_hostile_name_moves_no_cursor(form):
    """Names of watched processes never reach a terminal as they are."""
    state = WatchState(Process(1, 1.0, "\x1b[31mred\r\n\u202e"), 0.0, over="\x1b]0;owned\x07")

    assert not set(form(state)) & {"\x1b", "\r", "\x07", "\u202e"}


@pytest.mark.parametrize(
    ("values", "drawn"), [((), ""), ((5,), "▁"), ((0, 0), "▁▁"), ((0, 7), "▁█"), ((9, 1, 5), "█▁▄")]
)
def test_a_sparkline_spans_from_least_to_greatest(values, drawn):
    """The least number is the lowest block and the greatest the highest; a flat line is low."""
    assert sparkline(values) == drawn
