"""Writes the table of functions into the script for lldb: python -m tests.ledger.renew_script."""

from portaudit.ledger.lldb_table import BEGIN, END, lldb_rows
from portaudit.lldb_script import script_path


def with_table(script: str) -> str:
    """Give the script with the table as it is now."""
    before, _, rest = script.partition(BEGIN)
    return before + lldb_rows() + rest.partition(END)[2]


if __name__ == "__main__":
    script_path().write_text(with_table(script_path().read_text()))
