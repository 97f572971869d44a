"""The stand-in kernel of the demo, as a process of its own.

`python -m portaudit.demo.kernel KIND SOCKET MACOS`. It prints `step SHARE WHAT` before what takes long,
then `ready`, or `failed` and the reason.
"""

import gc
import shutil
import sys
from pathlib import Path

from portaudit.errors import AuditError
from portaudit.kernels import serve

STEP, FAILED = "step", "failed"
"""The first words of lines that tell of a start."""


def main() -> None:
    """Serve until standard input, the lifeline, ends; then remove the private folder of the socket."""
    kind, path, macos = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    try:
        serve(kind, path, macos, lambda what, share: _say(STEP, f"{share:.2f} {what}"))
    except AuditError as error:
        _say(FAILED, error.sentence)
        sys.exit(error.exit_status)
    finally:
        shutil.rmtree(path.parent, ignore_errors=True)
        gc.freeze()  # at the end, Python would look through all there is once more


def _say(word: str, text: str) -> None:
    sys.stdout.write(f"{word} {' '.join(text.split())}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
