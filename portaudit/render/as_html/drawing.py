"""A drawing of who holds what: tasks at the sides, ports between them, rights as lines; sizes in pixels."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from portaudit.harmless import safe
from portaudit.model.finding import Report
from portaudit.model.rights import Right
from portaudit.model.snapshot import HOST_ROLE
from portaudit.render.as_html.holdings import SAME, Hold, Port, ports_of
from portaudit.render.words import signed

WIDTH = 1040
TASK_WIDTH = 170
PORT_WIDTH, PORT_HEIGHT = 250, 46
STEP = 66
"""From the top of one port to that of the next one."""

MARGIN = 12
PORTS_MAX = 12
"""Ports in a drawing; more are counted."""

TASKS_MAX = 8
"""Tasks in a drawing; more are counted."""

LETTERS = 30
"""Letters that a port's line holds."""

TASK_LETTERS = 18
LABEL_EVERY = 400


@dataclass(frozen=True, slots=True)
class Box:
    """A task or a port: where it stands and what it says."""

    x: int
    y: int
    width: int
    height: int
    lines: tuple[str, ...]
    whole: str
    """All that the lines had no room for."""
    kind: str

    @property
    def middle(self) -> int:
        """Where its lines of text are centred."""
        return self.x + self.width // 2

    @property
    def labels(self) -> list[int]:
        """How far down its text stands: once, or again and again in a box that is taller than a window."""
        times = self.height // LABEL_EVERY + 1
        return [self.y + self.height * (2 * at + 1) // (2 * times) for at in range(times)]


@dataclass(frozen=True, slots=True)
class Line:
    """A right: from a task to a port; a receive right points from the port to its task."""

    x1: int
    y1: int
    x2: int
    y2: int
    label: str
    state: str
    receive: bool

    @property
    def middle(self) -> tuple[int, int]:
        """Where the label stands: a little over the line."""
        return (self.x1 + self.x2) // 2, (self.y1 + self.y2) // 2 - 5


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything that the page draws, and in words what it shows."""

    width: int
    height: int
    tasks: tuple[Box, ...]
    ports: tuple[Box, ...]
    lines: tuple[Line, ...]
    told: tuple[str, ...]
    left_out: int
    tasks_left: int = 0
    """Tasks that hold one of the ports and are not drawn."""


Titles = tuple[tuple[str, str], ...]
"""Title and process of each task."""


def drawing_of(judged: Report) -> Drawing:
    """Draw the ports that a report speaks of, and the tasks that hold one of them: the host stands left.

    Of more tasks than a picture can hold those with a role stand in it, and those in which something changed.
    """
    ports = ports_of(judged)
    held = {hold.task: hold.state == SAME for port in ports for hold in port.holds}
    held |= {hold.task: False for port in ports for hold in port.holds if hold.state != SAME}
    there = [task for task in judged.difference.after.tasks if task.role or task.title in held]
    there.sort(key=lambda task: (task.role != HOST_ROLE, task.role is None, held.get(task.title, True)))
    titles = tuple((task.title, task.process.name or "") for task in there[:TASKS_MAX])
    return replace(draw(ports, titles), tasks_left=len(there[TASKS_MAX:]))


def draw(ports: tuple[Port, ...], titles: Titles) -> Drawing:
    """Lay out ports and tasks: the first task left, all others right, each beside the ports it changed."""
    others = [title for title, _ in titles[1:]]
    beside = {id(port): _beside(port, others) for port in ports}
    shown = sorted(ports[:PORTS_MAX], key=lambda port: beside[id(port)])
    spans = _spans([beside[id(port)] for port in shown], max(len(others), 1))
    height = MARGIN + sum(rows for _, rows in spans) * STEP
    boxes = _port_boxes(shown, [beside[id(port)] for port in shown], spans)
    right = [
        _task_box(task, WIDTH - TASK_WIDTH, *span) for task, span in zip(titles[1:], spans, strict=False)
    ]
    left = [_task_box(task, 0, 0, height // STEP) for task in titles[:1]]
    places = {title: box for (title, _), box in zip(titles, (*left, *right), strict=True)}
    lines = [line for port, box in zip(shown, boxes, strict=True) for line in _lines(port, box, places)]
    told = tuple(_told(port, hold) for port in shown for hold in port.holds if hold.state != SAME)
    return Drawing(WIDTH, height, (*left, *right), tuple(boxes), tuple(lines), told, len(ports) - len(shown))


def _beside(port: Port, others: list[str]) -> int:
    """Give the number of the task on the right that a port belongs beside."""
    changed = [hold.task for hold in port.holds if hold.state != SAME and hold.task in others]
    held = [hold.task for hold in port.holds if hold.task in others]
    return others.index((changed or held)[0]) if held else 0


def _spans(beside: list[int], tasks: int) -> list[tuple[int, int]]:
    """Give each task on the right its first row and how many rows: at least one."""
    spans = []
    first = 0
    for task in range(tasks):
        rows = max(beside.count(task), 1)
        spans.append((first, rows))
        first += rows
    return spans


def _port_boxes(shown: list[Port], beside: list[int], spans: list[tuple[int, int]]) -> list[Box]:
    return [
        _port_box(port, spans[task][0] + beside[:number].count(task))
        for number, (port, task) in enumerate(zip(shown, beside, strict=True))
    ]


def _task_box(task: tuple[str, str], x: int, first: int, rows: int) -> Box:
    title, process = task
    lines = _cut(title, TASK_LETTERS), _cut(process, TASK_LETTERS)
    whole = f"{safe(title)} {safe(process)}"
    return Box(x, MARGIN + first * STEP, TASK_WIDTH, rows * STEP - STEP + PORT_HEIGHT, lines, whole, "task")


def _port_box(port: Port, row: int) -> Box:
    lines = _cut(port.label, LETTERS), _cut(port.detail, LETTERS + 4)
    whole = f"{safe(port.label)} {safe(port.detail)}"
    x = (WIDTH - PORT_WIDTH) // 2
    return Box(x, MARGIN + row * STEP, PORT_WIDTH, PORT_HEIGHT, lines, whole, "port")


def _cut(text: str, letters: int) -> str:
    shown = safe(text)
    return shown if len(shown) <= letters else f"{shown[: letters - 1]}…"


def _lines(port: Port, box: Box, places: dict[str, Box]) -> Iterator[Line]:
    for title, task in places.items():
        # Several rights of one task to one port share the height of the port
        held = [hold for hold in port.holds if hold.task == title]
        for at, hold in enumerate(held, 1):
            yield _line(hold, box, task, box.y + PORT_HEIGHT * at // (len(held) + 1))


def _line(hold: Hold, port: Box, task: Box, y: int) -> Line:
    beside = min(max(y, task.y + MARGIN), task.y + task.height - MARGIN)
    on_left = task.x < port.x
    x1, x2 = (task.x + task.width, port.x) if on_left else (task.x, port.x + port.width)
    return Line(x1, beside, x2, y, hold_words(hold), hold.state, hold.right is Right.RECEIVE)


def hold_words(hold: Hold) -> str:
    """Say a right with its references before and after: `send 0 → 3 (+3)`."""
    before, after = ("?" if side is None else side for side in (hold.before, hold.after))
    if hold.before == hold.after:
        return f"{hold.right} {after}" if hold.right is Right.SEND else str(hold.right)
    known = hold.before is not None and hold.after is not None
    change = f" ({signed((hold.after or 0) - (hold.before or 0))})" if known else ""
    return f"{hold.right} {before} → {after}{change}"


def _told(port: Port, hold: Hold) -> str:
    return f"{safe(hold.task)}: {hold_words(hold)} on {safe(port.label)}, {hold.state}"
