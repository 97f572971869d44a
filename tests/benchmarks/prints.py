"""Large prints of lsmp's, text and JSON: a pair of one process whose task port references have risen."""

from tests.collect.lsmp.printer import Port, Program, print_json, print_text

OWN = 0x0C5C1A40
LABELS = (b"TASK-CONTROL", b"THREAD-CONTROL", b"HOST", b"SEMAPHORE", b"VOUCHER")


def port(row, more):
    """Give a row: of twenty, eight receive rights, nine send rights, and one each of the other three."""
    name, number, place = (row + 2) << 8 | 3, OWN + 64 * (row + 1), row % 20
    if place < 8:
        return Port(name, number, "recv,send" if place % 4 == 0 else "recv", 1)
    if place < 13:
        return Port(name, number, "send", 1, holder=(0x1203 + row, 1, b"launchd"))
    if place < 17:
        return Port(name, number, "send", 2 + (more if row % 1000 == 13 else 0), LABELS[row // 20 % 5])
    if place == 17:
        return Port(name, number, "send-once", 0)
    return Port(name, 0, "dead-name", 1) if place == 18 else Port(name, number, "port-set", 0)


def write(folder, rows):
    """Write both prints in both forms, and give the paths: form -> before and after."""
    for word, more in (("before", 0), ("after", 3)):
        own = Port(0x103, OWN, "send", 2, b"TASK-CONTROL")
        program = Program(4242, b"Host", (own, *(port(row, more) for row in range(rows))))
        (folder / f"{word}.json").write_bytes(print_json([program]))
        (folder / f"{word}.txt").write_bytes(print_text([program]))
    return {form: [folder / f"before.{form}", folder / f"after.{form}"] for form in ("json", "txt")}
