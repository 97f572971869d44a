"""The copy of the table of functions that the script for lldb carries."""

from portaudit.lldb_script import script_path
from tests.ledger.renew_script import with_table


def test_the_script_has_the_table_as_it_is_now():
    """`python -m tests.ledger.renew_script` would not change it."""
    script = script_path().read_text()

    assert with_table(script) == script, "run python -m tests.ledger.renew_script"
