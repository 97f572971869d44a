"""The stand-in kernel of the demo, as a process of its own.

`python -m portaudit.demo.kernel KIND SOCKET [MACOS]`
"""

import shutil
import sys
from pathlib import Path

from portaudit.kernels import serve


def main() -> None:
    """Serve until standard input, the lifeline, ends; then remove the private folder of the socket."""
    kind, path, macos = sys.argv[1], Path(sys.argv[2]), [int(word) for word in sys.argv[3:]]
    try:
        serve(kind, path, *macos)
    finally:
        shutil.rmtree(path.parent, ignore_errors=True)


if __name__ == "__main__":
    main()
