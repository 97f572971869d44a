"""The script for lldb: snapshots of the process that is stopped there, and a ledger of its calls."""

from pathlib import Path


def script_path() -> Path:
    """Give the path of the script for `command script import`; it stands alone, and can be copied away."""
    return Path(__file__).with_name("portaudit_lldb.py")
