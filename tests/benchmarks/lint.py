"""What lint costs: `python -m tests.benchmarks.lint`; ends 1 if a bar is missed. Seconds of the processor.

A million lines of C, in files of a thousand, of which one function in seven takes a right; and one such file,
with the start of the program. Other programs may run meanwhile: what counts is the processor's time, of all
processes together, which two cores share.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

LINES = 1_000_000
EACH = 1_000
ALL_MOST = 2 * 60.0
"""A minute on two cores."""
ONE_MOST = 0.4

PLAIN = """static int count_{n}(struct state *s, int n) {{
    int total = {n};
    for (int i = 0; i < n; i++) {{
        if (s->items[i].kind == KIND_{n}) {{
            total += s->items[i].size * {n};
        }} else if (s->items[i].next != NULL) {{
            total -= process(s, &s->items[i], "name {n}");
        }}
    }}
    return total;
}}

"""
TAKES = """static int read_{n}(pid_t pid, struct sample *into) {{
    mach_port_t task = MACH_PORT_NULL;
    mach_msg_type_number_t count = TASK_BASIC_INFO_COUNT;
    kern_return_t kr = task_for_pid(mach_task_self(), pid, &task);
    if (kr != KERN_SUCCESS) {{
        return -{n};
    }}
    kr = task_info(task, TASK_BASIC_INFO, (task_info_t)&into->info, &count);
    mach_port_deallocate(mach_task_self(), task);
    return kr == KERN_SUCCESS ? 0 : -1;
}}

"""


def source() -> str:
    """Write one file."""
    functions = (TAKES if number % 7 == 0 else PLAIN for number in range(EACH))
    text = "".join(one.format(n=number) for number, one in enumerate(functions))
    return "\n".join(text.splitlines()[:EACH]) + "\n"


def seconds(*paths: Path) -> float:
    """Lint these, and give the processor's time that it took."""
    before = os.times()
    subprocess.run(
        [sys.executable, "-m", "portaudit", "lint", "--no-config", "-q", *map(str, paths)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def main() -> int:
    """Print both, and 1 if one is above its bar."""
    with tempfile.TemporaryDirectory() as folder:
        text = source()
        for number in range(LINES // EACH):
            (Path(folder) / f"f{number}.c").write_text(text)
        one = min(seconds(Path(folder) / "f0.c") for _ in range(5))
        every = seconds(Path(folder))
    sys.stdout.write(f"{LINES:,} lines {every:.1f} s, a file of {EACH:,} lines {one:.2f} s\n")
    return 0 if every < ALL_MOST and one < ONE_MOST else 1


if __name__ == "__main__":
    sys.exit(main())
