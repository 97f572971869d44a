"""What recording costs a call, in nanoseconds of the thread's own time."""

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.ledger.programs import Programs, build_programs

RECORDED_MOST, OFF_MOST = 150.0, 8.0
RUNS = 5


def measure(programs: Programs, environment: dict[str, str], *words: str) -> float:
    """Give the least of several runs: the others were disturbed."""
    told = []
    for _ in range(RUNS):
        done = subprocess.run(
            [programs.program("stress"), "0", "0", *words],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        told.append(float(done.stderr))
        for path in programs.folder.glob("l*"):
            if path.name.startswith("l.") or path.name == "l":
                path.unlink()
    return min(told)


def main() -> int:
    """Print the cost of a recorded event, and of the library when it is off; 1 if one is above its bar."""
    with tempfile.TemporaryDirectory() as folder:
        programs = build_programs(Path(folder))
        on = programs.environment(programs.folder / "l")
        off = {name: value for name, value in on.items() if name != "PORTAUDIT_LEDGER"}
        bare = measure(programs, {"PATH": on["PATH"]}, "bench")
        recorded = measure(programs, on, "bench") - bare
        deep = measure(programs, on, "deep", "20") - bare
        idle = measure(programs, off, "bench") - bare
    costs = f"recorded +{recorded:.1f}, 20 frames deep +{deep:.1f}, off +{idle:.1f}"
    sys.stdout.write(f"the call alone {bare:.1f} ns; {costs}\n")
    return 0 if max(recorded, deep) < RECORDED_MOST and idle < OFF_MOST else 1


if __name__ == "__main__":
    sys.exit(main())
