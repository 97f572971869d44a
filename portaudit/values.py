"""Frozen values whose classes are quickly made: `dataclasses` took two fifths of the start of a command.

It compiles six methods for each class, one by one. Here three are compiled, at once; what prints a value,
refuses to change one or takes in a pickled one is the same for all.
"""

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass"]

Fields = tuple[dataclasses.Field[Any], ...]

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(
        cls: type | None = None,
        /,
        *,
        frozen: bool = False,
        slots: bool = False,
        eq: bool = True,
        **more: bool,
    ) -> Callable[[type], type] | type:
        """Make a class a dataclass of frozen values; whatever else is wanted is for `dataclasses` to make."""
        if not (frozen and slots):
            return dataclasses.dataclass(cls, frozen=frozen, slots=slots, eq=eq, **more)
        bare = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True, **more)
        return lambda cls: _frozen(bare(cls), eq=eq)


def _frozen(cls: type, *, eq: bool) -> type:
    fields = dataclasses.fields(cls)
    known: dict[str, Any] = {"set_": object.__setattr__, "missing": dataclasses.MISSING}
    exec(_init(cls, fields, known) + (_compared(fields) if eq else ""), known)  # noqa: S102  as dataclasses does
    known["__init__"].__annotations__ = {field.name: field.type for field in fields} | {"return": None}
    for name in ("__init__", *("__eq__", "__hash__") * eq):
        setattr(cls, name, known[name])
    for name, method in SHARED.items():
        setattr(cls, name, method)
    return cls


def _init(cls: type, fields: Fields, known: dict[str, Any]) -> str:
    by_place, by_name, body = ["self"], list[str](), list[str]()
    for field in fields:
        argument, value = field.name, field.name
        if field.default_factory is not dataclasses.MISSING:
            known[f"make_{field.name}"] = field.default_factory
            argument, value = f"{field.name}=missing", f"make_{value}() if {value} is missing else {value}"
        elif field.default is not dataclasses.MISSING:
            known[f"default_{field.name}"] = field.default
            argument = f"{field.name}=default_{field.name}"
        (by_name if field.kw_only else by_place).append(argument)
        body.append(f" set_(self, {field.name!r}, {value})\n")
    if hasattr(cls, "__post_init__"):
        body.append(" self.__post_init__()\n")
    arguments = ", ".join([*by_place, *["*"] * bool(by_name), *by_name])
    return f"def __init__({arguments}):\n{''.join(body) or ' pass'}\n"


def _compared(fields: Fields) -> str:
    mine, its = (f"({''.join(f'{who}.{field.name}, ' for field in fields)})" for who in ("self", "other"))
    return (
        "def __eq__(self, other):\n"
        f" return {mine} == {its} if other.__class__ is self.__class__ else NotImplemented\n"
        f"def __hash__(self):\n return hash({mine})\n"
    )


def _repr(self: Any) -> str:  # noqa: ANN401  any dataclass
    told = ", ".join(f"{field.name}={getattr(self, field.name)!r}" for field in dataclasses.fields(self))
    return f"{type(self).__qualname__}({told})"


def _refuse_set(_self: object, name: str, _value: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_delete(_self: object, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _set_state(self: object, state: tuple[None, dict[str, object]]) -> None:
    """Take in what was pickled."""
    for name, value in state[1].items():
        object.__setattr__(self, name, value)


SHARED = {
    "__repr__": _repr,
    "__setattr__": _refuse_set,
    "__delattr__": _refuse_delete,
    "__setstate__": _set_state,
}
