"""The interposer's wrappers, written in C from the table of functions that give and take rights."""

from collections.abc import Iterator

from portaudit.model.right_calls import (
    EVERYTHING,
    RIGHT_CALLS,
    ByDisposition,
    Effect,
    FromArgument,
    Library,
    Place,
    RightCall,
)
from portaudit.model.rights import Right

RIGHT_NUMBER = {
    Right.SEND: "MACH_PORT_RIGHT_SEND",
    Right.RECEIVE: "MACH_PORT_RIGHT_RECEIVE",
    Right.SEND_ONCE: "MACH_PORT_RIGHT_SEND_ONCE",
}

TYPES = """\
/* Structures of one name are passed and returned as the name itself is, on both architectures. */
typedef mach_port_name_t mach_right_recv_t, mach_right_send_t, mach_right_send_once_t;
typedef uint32_t mach_right_flags_t;
#undef mach_task_self /* a macro for the variable; recorded is the function, which adds a reference */
"""

IOKIT_TYPES = """\
typedef mach_port_t io_object_t, io_service_t, io_connect_t, io_iterator_t, io_registry_entry_t;
typedef struct IONotificationPort *IONotificationPortRef;
typedef const struct __CFDictionary *CFDictionaryRef;
typedef struct __IOSurface *IOSurfaceRef;
typedef void (*IOServiceMatchingCallback)(void *, io_iterator_t);
typedef void (*IOServiceInterestCallback)(void *, io_service_t, uint32_t, void *);
"""

BEGIN_DEPRECATED = """\
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations" /* what is deprecated is wanted all the more */
"""
END_DEPRECATED = "#pragma GCC diagnostic pop\n"


def wrappers() -> str:
    """Write everything that is made from the table: numbers, types, one wrapper a function."""
    system = [call for call in _written() if call.library is Library.SYSTEM]
    frameworks = [call for call in _written() if call.library is not Library.SYSTEM]
    return "\n".join(
        [
            _numbers([call for call in RIGHT_CALLS if call.recorded and call.interposed]),
            TYPES,
            BEGIN_DEPRECATED,
            *map(wrapper, system),
            END_DEPRECATED,
            "#if defined(PORTAUDIT_FRAMEWORKS) /* link with -framework IOKit -framework IOSurface */",
            IOKIT_TYPES,
            *map(wrapper, frameworks),
            "#endif",
        ]
    )


def _written() -> Iterator[RightCall]:
    for call in RIGHT_CALLS:
        if (
            call.recorded
            and call.interposed
            and all(effect.place is not Place.MESSAGE for effect in call.effects)
        ):
            yield call


def _numbers(calls: list[RightCall]) -> str:
    names = "\n".join(f"    F_{call.name}," for call in calls)
    notes = "\n".join(
        f'    note(NOTE_FUNCTION, F_{call.name}, "{call.name}", 0, 0, NULL, 0);' for call in calls
    )
    return (
        f"enum {{\n    NO_FUNCTION,\n{names}\n}};\n"
        "static void note(uint16_t kind, uint16_t function, const char *text, uint64_t base, uint64_t length,"
        " const uint8_t *id, size_t id_length);\n"
        f"static void note_functions(void)\n{{\n{notes}\n}}\n"
    )


def wrapper(call: RightCall) -> str:
    """Write one function's wrapper: what it takes stands before the call, what it gives behind it."""
    parameters = call.prototype.partition("(")[2].rpartition(")")[0]
    made = f"REAL({call.name})({', '.join(call.arguments)})"
    before = [line for at, effect in enumerate(call.effects) for line in _before(effect, at)]
    after = [line for at, effect in enumerate(call.effects) for line in _after(call, effect, at)]
    returns = call.result != "void"
    body = [
        f"ENTER({call.name});",
        *before,
        f"{call.result} result_ = {made};" if returns else f"{made};",
        *after,
        "LEAVE;",
        *(["return result_;"] if returns else []),
    ]
    lines = "\n".join(f"    {line}" for line in body)
    return f"WRAP({call.result}, {call.name}, ({parameters}))\n{{\n{lines}\n}}\n"


def _condition(effect: Effect, *more: str) -> str:
    own = [f"{effect.own_space} == mach_task_self_"] if effect.own_space else []
    flag = (
        [f"{effect.flags_in} != NULL", f"(name_at({effect.flags_in}, 0) & 0x{effect.flag:x}u) != 0"]
        if effect.flag
        else []
    )
    return " && ".join(["outermost_", *own, *flag, *more])


def _right(effect: Effect) -> str:
    if effect.right is None:
        return "ANY_RIGHT"
    if isinstance(effect.right, FromArgument):
        return f"(uint8_t){effect.right.argument}"
    if isinstance(effect.right, ByDisposition):
        return f"kind_of({effect.right.argument})"
    return RIGHT_NUMBER[effect.right]


def _release(effect: Effect) -> tuple[str, str] | None:
    """Say when an effect takes something, and how much in C; None if it never does."""
    if effect.change == EVERYTHING:
        return "", "ALL"
    if isinstance(effect.change, ByDisposition):
        return f"moves({effect.change.argument})", "-1"
    if isinstance(effect.change, FromArgument):
        return f"{effect.change.argument} < 0", effect.change.argument
    return ("", str(effect.change)) if int(effect.change) < 0 else None


def _before(effect: Effect, at: int) -> Iterator[str]:
    taken = _release(effect)
    if taken is None:
        return
    when, change = taken
    name = effect.argument if effect.place is Place.GIVEN else f"name_at({effect.argument}, 0)"
    more = [when] if when else []
    if effect.place is Place.OUT:
        more.append(f"{effect.argument} != NULL")
    yield (
        f"struct event *event{at}_ = {_condition(effect, *more)} ?"
        f" releasing(&call_, {name}, {change}, {_right(effect)}) : NULL;"
    )


def _after(call: RightCall, effect: Effect, at: int) -> Iterator[str]:
    tells = call.result in {"kern_return_t", "int"}
    if _release(effect) is not None:
        code = "result_" if tells else "0"
        counts = "1" if not tells else "result_ == 0"
        if effect.even_refused:
            counts += " || consumed(result_)"
        yield f"finish(event{at}_, {code}, {counts});"
    if isinstance(effect.change, int) and effect.change <= 0:
        return
    if effect.change == EVERYTHING or isinstance(effect.change, ByDisposition):
        return
    yield from _acquisition(effect, ["result_ == 0"] if tells else [])


def _acquisition(effect: Effect, success: list[str]) -> Iterator[str]:
    right = _right(effect)
    argument = effect.argument
    if effect.place is Place.RESULT:
        yield f"if ({_condition(effect)})"
        yield f"    acquired(&call_, result_, 1, {right});"
    elif effect.place is Place.OUT:
        yield f"if ({_condition(effect, *success, f'{argument} != NULL')})"
        yield f"    acquired(&call_, *{argument}, 1, {right});"
    elif effect.place is Place.GIVEN:
        change = effect.change.argument if isinstance(effect.change, FromArgument) else "1"
        more = [f"{change} > 0"] if isinstance(effect.change, FromArgument) else []
        yield f"if ({_condition(effect, *success, *more)})"
        yield f"    acquired(&call_, {argument}, {change}, {right});"
    else:
        array = f"*{argument}" if effect.place is Place.LENT else argument
        yield f"if ({_condition(effect, *success)})"
        yield f"    for (uint32_t at_ = 0; at_ < *{effect.count}; at_++)"
        yield f"        acquired(&call_, name_at({array}, at_), 1, {right});"
