"""Mistakes that are none: the code means the same with them, and why."""

from tests.mutations.mutants import Mutant

ALIKE: dict[tuple[str, str], str] = {
    ("causes/guard_events.py", "_task_by_name"): "the first of one is the last",
    ("causes/guard_events.py", "events_by_task"): "the events of a group are of one task",
    ("causes/guard_events.py", "seen"): "the events of a group are of one flavour and caller",
    ("causes/iokit_objects.py", "connection_opened"): "the rows of a group are of one class",
    ("causes/iokit_objects.py", "described_objects"): "the rows of a group are of one class",
    ("causes/iokit_objects.py", "iterator"): "the rows of a group are of one class",
    ("causes/kernel_objects.py", "_swept"): "the rows of a sweep are of one task and kind and rose alike",
    ("causes/kernel_objects.py", "partial_thread_sweep"): "the rows of a group are of one task",
    ("causes/kernel_objects.py", "thread_self"): "the first of one is the last",
    ("causes/send_rights.py", "_seen"): "the rows of a group are of one kind and owner",
    ("causes/unexplained.py", "unexplained_gain"): "the rows of a group are of one kind",
    ("loose.py", "told"): "the rows of a class are of one task, and of a series or of none",
    ("loose.py", "without_unread_kinds"): "the rows of a class are of one kind",
    ("pairing.py", "_own_rows"): "a task that is followed keeps its pid",
    ("pairing.py", "_successor"): "the first of one is the last",
    ("pairs.py", "_what_proves"): "the rows of a class are of one right",
    ("strict.py", "summed"): "the first of one is the last",
    ("tracks.py", "_collide"): "the parts of a key are of one right",
    ("tracks.py", "_tells"): "all numbers are alike, or they are not",
}
"""File of portaudit/analysis and function -> why the last of a sequence says there what the first says."""

FIRST, LAST = "[0]", "[-1]"


def why_equal(mutant: Mutant) -> str | None:
    """Say why nobody can notice a mistake; None where somebody must."""
    _, line, mistaken = mutant.lines
    file = mutant.file.removeprefix("portaudit/analysis/")
    first = line.replace(FIRST, LAST) == mistaken.replace(FIRST, LAST)
    return (first and ALIKE.get((file, mutant.function))) or EQUAL.get(mutant.lines)


EQUAL: dict[tuple[str, str, str], str] = {
    (
        "portaudit/analysis/rows.py",
        "if mine != yours:",
        "if True:",
    ): "what has none gives none: it only saves to look",
    **{
        (
            "portaudit/analysis/compare.py",
            "return sorted(snapshots, key=lambda snapshot: snapshot.taken or 0)",
            f"return sorted(snapshots, key=lambda snapshot: snapshot.taken or {other})",
        ): "each of them tells its time, and none is of 1970"
        for other in (1, -1)
    },
    (
        "portaudit/analysis/series/survival.py",
        "for count in range(1, max(lives.survivors, default=0) + 1):",
        "for count in range(1, max(lives.survivors, default=-1) + 1):",
    ): "of no rounds there is no count",
    **{
        (f"portaudit/analysis/{file}.py", line, line.replace(" or 0", f" or {other}")): why
        for file, line, why in (
            ("guard", "target = event.target or 0", "asked of events that have a target"),
            (
                "guard",
                "words = _PAYLOADS.get(event.flavour or 0, {}).get(event.payload >> _PAYLOAD_SHIFT)",
                "no flavour has that number",
            ),
            (
                "causes/guard_events",
                "and name_fits(event, task.entries.named(name or 0))",
                "asked of tasks that had the name",
            ),
        )
        for other in (1, -1)
    },
    (
        "portaudit/analysis/pairing.py",
        "if not any(task.gaps for task in readings):",
        "if False:",
    ): "what has no gap stays as it is: it only saves to look",
    (
        "portaudit/analysis/causes/__init__.py",
        "if claimed:",
        "if True:",
    ): "where nothing is claimed all is left: it only saves to look",
    (
        "portaudit/analysis/rows.py",
        "if len(line) < reading:",
        "if len(line) <= reading:",
    ): "no reading is added where none is missing",
    (
        "portaudit/analysis/series/survival.py",
        "rounds = len(rows[0]) - 1 if rows else 0",
        "rounds = len(rows[0]) - 1 if rows else -1",
    ): "nothing is counted in fewer rounds than none, either",
    (
        "portaudit/analysis/tracks.py",
        "return values.count(values[0]) < len(values) or UREFS_MAX in values or track.doubt is not None",
        "return values.count(values[1]) < len(values) or UREFS_MAX in values or track.doubt is not None",
    ): "there are two readings at least, and all are alike or they are not",
    (
        "portaudit/analysis/kinds.py",
        "if task.process.pid is not None",
        "if True",
    ): "whose a token is is asked by a number",
    **{
        (
            "portaudit/analysis/tracks.py",
            "track.values[later] = (track.values[later] or 0) + (references(before, right) or 0)",
            f"track.values[later] = (track.values[later] or 0) + (references(before, right) or {other})",
        ): "a living right has references, and what nobody read of them is in doubt"
        for other in (1, -1)
    },
    (
        "portaudit/analysis/exception_codes.py",
        "_LEAST_NAME = 0x103",
        "_LEAST_NAME = 258",
    ): "no name ends on two bits but 11",
    **{
        (
            "portaudit/analysis/causes/kernel_objects.py",
            "elif len(rows) == spaces.names_of(rows[0], rows[0].kobject):",
            f"elif len(rows) == spaces.names_of({other}.kobject):",
        ): "the rows of a sweep are two at least, of one task and kind"
        for other in ("rows[1], rows[0]", "rows[0], rows[1]")
    },
    (
        "portaudit/analysis/tracks.py",
        "one_name = parts[0].right in (SEND, RECEIVE)",
        "one_name = parts[1].right in (SEND, RECEIVE)",
    ): "the parts of a key are two at least, and of one right",
    **{
        (
            "portaudit/analysis/expectations.py",
            line,
            line.replace("> 0", other),
        ): "nothing of nothing is nothing"
        for line in (
            "mine = min(left, row.residual, key=abs) if left * row.residual > 0 else 0",
            "mine = min(left, row.change, key=abs) if left * row.change > 0 else 0",
        )
        for other in (">= 0", "> -1")
    },
    **{
        ("portaudit/analysis/pairs.py", line, line.replace(">= SURE", "> SURE")): (
            "what came and went, and what is left of it, are both even or both odd: never three exactly"
        )
        for line in (
            "return enough and (row.residual - quiet) / sqrt(abs(row.residual) + quiet + 1) >= SURE",
            "return left if enough and left / sqrt(moved + 1) >= SURE else None",
        )
    },
    (
        "portaudit/analysis/tracks.py",
        "if not any(right is DEAD_NAME for _, right in made):",
        "if False:",
    ): "who never died has no last reading alive: it only saves to look",
    (
        "portaudit/analysis/causes/__init__.py",
        "if largest and rule.each is not None:",
        "if False:",
    ): "all claims of a rule are found then: it only saves to make them",
    (
        "portaudit/analysis/causes/__init__.py",
        "made, claimed = list(islice(rule.find(evidence), 1)), set(map(id, rule.each(evidence)))",
        "made, claimed = list(islice(rule.find(evidence), 2)), set(map(id, rule.each(evidence)))",
    ): "the second is no larger than the first",
    (
        "portaudit/analysis/causes/task_ports.py",
        "for rows in by_task([*tasks, *threads]) if tasks and threads else ():",
        "for rows in by_task([*tasks, *threads]) if tasks or threads else ():",
    ): "what has no thread port says nothing: it only saves to look",
    (
        "portaudit/analysis/series/survival.py",
        "if not (_is_steady(lives) and _is_spread(lives, 1)):",
        "if not (_is_steady(lives) and _is_spread(lives, 0)):",
    ): "what is spread for the likeliest count is so for one: it only saves to look",
    (
        "portaudit/analysis/series/survival.py",
        "rounds = len(rows[0]) - 1 if rows else 0",
        "rounds = len(rows[-1]) - 1 if rows else 0",
    ): "the rows of a series are of one length",
    (
        "portaudit/analysis/strict.py",
        "yield _at_its_pace(one, evidence.spaces.difference) if claim.rows[0].series else one",
        "yield _at_its_pace(one, evidence.spaces.difference) if claim.rows[-1].series else one",
    ): "the rows of a claim are of a series, or none of them is",
    (
        "portaudit/analysis/series/leaks.py",
        "return None if slope is not None and slope < 0 and row.kobject == VOUCHER else slope",
        "return None if slope is not None and slope <= 0 and row.kobject == VOUCHER else slope",
    ): "a line that lies flat does not climb",
    (
        "portaudit/analysis/rows.py",
        "if ascend(entries.name):",
        "if False:",
    ): "what is in order stays in order: it only saves to look",
    (
        "portaudit/analysis/view.py",
        "return sorted(_by_name(entries), key=lambda row: -(entries.urefs[row] or 0))",
        "return sorted(_by_name(entries), key=lambda row: -(entries.urefs[row] or -1))",
    ): "none and what nobody counted stand last, alike",
    (
        "portaudit/analysis/exception_codes.py",
        "if 0 < number <= NAMES_MASK:",
        "if 1 < number <= NAMES_MASK:",
    ): "1 is an exception's own number",
    (
        "portaudit/analysis/compare.py",
        "if messages",
        "if True",
    ): "only queues with messages are looked at: it tells mypy that they are numbers",
    (
        "portaudit/analysis/exception_codes.py",
        'value = int(found["digits"], 16 if found["hex"] else 10) if found else CODE_MASK + 1',
        'value = int(found["digits"], 16 if found["hex"] else 10) if found else CODE_MASK + 2',
    ): "any number that is no code",
    **{
        (
            "portaudit/analysis/expectations.py",
            'rows.sort(key=lambda row: (row.role or "", row.process.pid or 0, row.name or 0))',
            f'rows.sort(key=lambda row: (row.role or "", row.process.pid or 0, row.name or {other}))',
        ): "no right has the name 0 or 1"
        for other in (1, -1)
    },
    (
        "portaudit/analysis/series/course.py",
        "limits = full_at(snapshots[-1].machine.os)",
        "limits = full_at(snapshots[-0].machine.os)",
    ): "the readings of a series are of one machine",
    (
        "portaudit/analysis/causes/queues.py",
        "limit = row.now.receive.queue_limit if row.now and row.now.receive else None",
        "limit = row.now.receive.queue_limit if row.now or row.now.receive else None",
    ): "asked of rights in whose queues messages wait",
    (
        "portaudit/analysis/tracks.py",
        "first = timeline[0] or next(filter(None, timeline))",
        "first = timeline[-1] or next(filter(None, timeline))",
    ): "all entries must be alike",
    (
        "portaudit/analysis/roles.py",
        "near = get_close_matches(whom, names, 1)",
        "near = get_close_matches(whom, names, 2)",
    ): "the nearest stands first",
    (
        "portaudit/analysis/warming.py",
        "return changes.get(_key(row), 0) * row.residual > 0",
        "return changes.get(_key(row), 0) / row.residual > 0",
    ): "no row without a residual comes here, and only the sign counts",
    **{
        (
            "portaudit/analysis/idle.py",
            "gained = change.change > 0",
            f"gained = change.change {other}",
        ): "no change adds nothing, in either direction"
        for other in (">= 0", "> -1")
    },
    (
        "portaudit/analysis/tracks.py",
        "if entry is not before:",
        "if True:",
    ): "a stretch that is parted at each reading has the same parts: it only saves to look",
    (
        "portaudit/analysis/rows.py",
        "for old_start, new_start, length in (*common_runs(old.name, new.name), (len(old), len(new), 0)):",
        "for old_start, new_start, length in (*common_runs(old.name, new.name), (len(old), len(new), 1)):",
    ): "nothing stands behind the last row",
    (
        "portaudit/analysis/rows.py",
        "if before.name == after.name:",
        "if False:",
    ): "names that are alike are one run: it only saves to look for it",
    (
        "portaudit/analysis/rows.py",
        "most = min(len(one) - here, len(other) - there)",
        "most = min(len(one) + here, len(other) - there)",
    ): "what reaches beyond the end of one list is shorter than its part of the other, and so unlike it",
    (
        "portaudit/analysis/rows.py",
        "length, step = length + step, step * 2",
        "length, step = length + step, step * 1",
    ): "steps of one go as far, and only take longer",
    (
        "portaudit/analysis/rows.py",
        "if kinds != new_kinds:",
        "if True:",
    ): "columns that are alike have no row that differs: it only saves to look",
    **{
        (
            "portaudit/analysis/exception_codes.py",
            'label = GUARD_TYPES.get(guard.guard or 0, f"guard type {guard.guard}")',
            f'label = GUARD_TYPES.get(guard.guard or {other}, f"guard type {{guard.guard}}")',
        ): "a resource's type stands where a guard's type does, and is never 0"
        for other in (1, -1)
    },
    **{
        ("portaudit/analysis/pairs.py", line, line.replace("> 0", other)): "only rows that changed are asked"
        for line in (
            "return row.residual > 0 and is_orphan(row.now)",
            "return row.residual > 0 and (new or _peer_has_ended(row, difference))",
        )
        for other in (">= 0", "> -1")
    },
    **{
        (
            "portaudit/analysis/resource.py",
            "known = RESOURCE_FLAVOURS.get(event.type or 0, {}).get(event.flavour or 0)",
            f"known = RESOURCE_FLAVOURS.get(event.type or {kind}, {{}}).get(event.flavour or {flavour})",
        ): "no type and no flavour has that number"
        for kind, flavour in ((-1, 0), (0, -1))
    },
    (
        "portaudit/analysis/series/survival.py",
        "if best is None or best.score < _limit(best, lives, rounds) + ease(moving):",
        "if best is None or best.score <= _limit(best, lives, rounds) + ease(moving):",
    ): "a sum of logarithms is never a limit exactly",
    **{
        (
            "portaudit/analysis/expectations.py",
            "for place in sorted(places, key=lambda place: changes[place].name or 0, reverse=True):",
            f"for place in sorted(places, key=lambda place: changes[place].name or {other}, reverse=True):",
        ): "the row of a single right has a name"
        for other in (1, -1)
    },
}
"""File, the line, and the line with the mistake -> why nobody can notice."""
