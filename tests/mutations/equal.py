"""Mistakes that are none: the code means the same with them, and why."""

EQUAL: dict[tuple[str, str, str], str] = {
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
        "portaudit/analysis/causes/queues.py",
        "if in_set is False and (limit := told.queue_limit[place]) and (told.queued[place] or 0) >= limit:",
        "if in_set is False and (limit := told.queue_limit[place]) and (told.queued[place] or 1) >= limit:",
    ): "a queue that nobody counted is not fuller than before",
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
        "portaudit/analysis/idle.py",
        "taken = min(there, change.residual) if there > 0 else max(there, change.residual)",
        "taken = min(there, change.residual) if there > -1 else max(there, change.residual)",
    ): "where nothing is left nothing is taken",
    (
        "portaudit/analysis/pairing.py",
        "pid = readings[0].process.pid",
        "pid = readings[-1].process.pid",
    ): "a task that is followed keeps its pid",
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
        "first = timeline[0] or next(entry for entry in timeline if entry is not None)",
        "first = timeline[-1] or next(entry for entry in timeline if entry is not None)",
    ): "all entries must be alike",
    (
        "portaudit/analysis/roles.py",
        "near = get_close_matches(whom, names, 1)",
        "near = get_close_matches(whom, names, 2)",
    ): "the nearest stands first",
    **{
        (
            "portaudit/analysis/causes/kernel_objects.py",
            line,
            line.replace("names_of(rows[0]", "names_of(rows[-1]"),
        ): "the rows of a group are of one task"
        for line in (
            "there = evidence.spaces.names_of(rows[0], kobject)",
            "elif len(rows) == spaces.names_of(rows[0], rows[0].kobject):",
        )
    },
    (
        "portaudit/analysis/causes/iokit_objects.py",
        "sure = Confidence.CERTAIN if len(rows) > 1 and is_graphics(rows[0]) else Confidence.LIKELY",
        "sure = Confidence.CERTAIN if len(rows) > 1 and is_graphics(rows[-1]) else Confidence.LIKELY",
    ): "the rows of a group are of one class",
    (
        "portaudit/analysis/causes/guard_events.py",
        "return fitting[0] if len(fitting) == 1 else None",
        "return fitting[-1] if len(fitting) == 1 else None",
    ): "the first of one is the last",
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
        "if kinds != new_kinds:",
        "if True:",
    ): "columns that are alike have no row that differs: it only saves to look",
    (
        "portaudit/analysis/exception_codes.py",
        'label = GUARD_TYPES.get(guard.guard or 0, f"guard type {guard.guard}")',
        'label = GUARD_TYPES.get(guard.guard or -1, f"guard type {guard.guard}")',
    ): "a resource's type stands where a guard's type does, and is never 0",
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
    (
        "portaudit/analysis/causes/send_rights.py",
        'kind = rows[0].kobject_label or "a message queue"',
        'kind = rows[-1].kobject_label or "a message queue"',
    ): "the rows of a group are of one kind",
    (
        "portaudit/analysis/causes/send_rights.py",
        'owner = f" of the {rows[0].of}" if rows[0].of else ""',
        'owner = f" of the {rows[0].of}" if rows[-1].of else ""',
    ): "the rows of a group are of one owner",
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
