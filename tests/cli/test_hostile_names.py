"""Names come from the machine under audit: they must not reach a terminal as they are."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portaudit.harmless import HARMFUL, safe
from portaudit.snapshot_file import encode
from tests.spaces import pair


@given(st.text(max_size=300))
def test_safe_text_has_no_character_that_moves_a_cursor(text):
    """Whatever the text, what is shown holds no control, format or unassigned character."""
    assert not {unicodedata.category(char) for char in safe(text)} & HARMFUL


@pytest.mark.parametrize("form", ["table", "json"])
@pytest.mark.parametrize("command", ["show", "diff"])
def test_terminal_escapes_in_names_are_shown_spelled(portaudit, tmp_path, command, form):
    """A process called ESC ]0;owned BEL is printed with its escapes spelled out."""
    hostile = "\x1b]0;owned\x07\u202eevil\nProcess (1) : forged"
    document = encode(pair(label=hostile)).replace(b'"Ext"', b'"\\u001b[2J\\nforged"')
    paths = [tmp_path / "one.json", tmp_path / "other.json"][: 1 + (command == "diff")]
    for path in paths:
        path.write_bytes(document)

    ended = portaudit(command, *paths, "--format", form)

    assert ended.status == 0
    assert not set("\x1b\x07\u202e") & set(ended.out)
    assert "\nforged" not in ended.out
