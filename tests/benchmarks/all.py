"""Every benchmark that has a bar: `python -m tests.benchmarks.all`; ends 1 if one is missed."""

import subprocess
import sys

MODULES = ("table", "page", "diff", "series", "formats")


def main():
    """Run all of them, whatever comes of the first."""
    commands = ([sys.executable, "-m", f"tests.benchmarks.{module}"] for module in MODULES)
    statuses = [subprocess.run(command, check=False).returncode for command in commands]
    sys.exit(any(statuses))


if __name__ == "__main__":
    main()
