"""How long Chromium takes until a page of many rows can be used: `python -m tests.benchmarks.page`.

What counts is the time of processors in all of Chromium's processes, from the address to two painted frames:
on a machine that has nothing else to do nobody waits longer. The least of three counts: the others were
disturbed, or started a process of the browser's. Ends 1 if a bar is missed.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil

from tests.benchmarks import diff
from tests.benchmarks.measure import COMMAND, Line, shown
from tests.render.browser import chromium

BARS = {20_000: 1.5, 100_000: 2.5}
"""Rows on each side -> seconds."""
ROUNDS = 3
PAINTED = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done(true)))"


def page_of(rows, folder):
    """Write the page of two snapshots, and give its address."""
    folder.mkdir()
    files = diff.write(folder, rows, 0)
    page = folder / "page.html"
    with page.open("wb") as out:
        subprocess.run([*COMMAND, "diff", *files, "--format", "html"], stdout=out, check=False)
    return page.as_uri()


def used(browser):
    """Give the processors' seconds that the processes of a browser have taken so far."""
    driver = psutil.Process(browser.service.process.pid)
    return sum(sum(process.cpu_times()[:2]) for process in driver.children(recursive=True))


def seconds_until_it_can_be_used(browser, address):
    """Open a page, and wait until it was painted."""
    browser.get("about:blank")
    before = used(browser)
    browser.get(address)
    browser.execute_async_script(PAINTED)
    return used(browser) - before


def lines(folder):
    """Measure each size."""
    with chromium() as browser:
        for rows, bar in BARS.items():
            address = page_of(rows, folder / str(rows))
            taken = [seconds_until_it_can_be_used(browser, address) for _ in range(ROUNDS)]
            yield Line(f"a page of {rows:,} rows, in Chromium", f"{bar} s", min(taken) / bar, 1)


def main():
    """Print a line for each size, and end 1 if a bar was missed."""
    if not (shutil.which("chromium") and shutil.which("chromedriver")):
        sys.stdout.write("a page of many rows: not measured, for Chromium is not here\n")
        return
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(shown(lines(Path(folder))))


if __name__ == "__main__":
    main()
