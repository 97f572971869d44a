"""Writes the table of functions into the script for lldb: python -m tests.ledger.renew_script.

The script stands alone, so it has a copy of its own.
"""

from __future__ import annotations

from portaudit.lldb_script import script_path
from portaudit.model.right_calls import (
    EVERYTHING,
    RIGHT_CALLS,
    ByDisposition,
    Effect,
    FromArgument,
    RightCall,
)
from portaudit.model.rights import Right

RIGHT_NUMBER = {Right.SEND: 0, Right.RECEIVE: 1, Right.SEND_ONCE: 2, Right.PORT_SET: 3, Right.DEAD_NAME: 4}
BEGIN, END = "# ---- from portaudit's table of functions ----\n", "# ---- to here ----\n"

Cell = int | str | tuple[str, int]


def lldb_rows() -> str:
    """Write the table in old Python: a function -> whether it returns a code, and its effects."""
    rows = [f'    "{call.name}": {_row(call)!r},' for call in RIGHT_CALLS if call.recorded]
    return "\n".join([f"{BEGIN}CALLS = {{", *rows, f"}}\n{END}"])


def _row(call: RightCall) -> tuple[bool, tuple[tuple[object, ...], ...]]:
    tells = call.result in {"kern_return_t", "mach_msg_return_t", "int"}
    return tells, tuple(_effect(call, effect) for effect in call.effects)


def _effect(call: RightCall, effect: Effect) -> tuple[object, ...]:
    def position(argument: str) -> int:
        return call.position(argument) if argument else -1

    change = effect.change
    return (
        str(effect.place),
        position(effect.argument),
        position(effect.count),
        _cell(call, change) if change != EVERYTHING else EVERYTHING,
        255 if effect.right is None else _cell(call, effect.right),
        position(effect.own_space),
        (position(effect.flags_in), effect.flag),
        effect.even_refused,
    )


def _cell(call: RightCall, value: int | str | Right | FromArgument | ByDisposition) -> Cell:
    if isinstance(value, FromArgument):
        return ("argument", call.position(value.argument))
    if isinstance(value, ByDisposition):
        return ("disposition", call.position(value.argument))
    return RIGHT_NUMBER[value] if isinstance(value, Right) else value


def with_table(script: str) -> str:
    """Give the script with the table as it is now."""
    before, _, rest = script.partition(BEGIN)
    return before + lldb_rows() + rest.partition(END)[2]


if __name__ == "__main__":
    script_path().write_text(with_table(script_path().read_text()))
