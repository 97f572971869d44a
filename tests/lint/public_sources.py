"""Meets the judged public sources again: python -m tests.lint.public_sources FOLDER [--from ADDRESS].

FOLDER keeps the repositories, each as OWNER+NAME; what is missing is fetched, one commit each. Nothing of
them becomes part of this project. Prints the precision of each set, as it was seen first and as it is today,
and the fixes whose two versions are not told apart; exits 1 if a report was never judged, a right one is
gone, or a fix is not told.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

from portaudit.lint.source import check_source

GIT = shutil.which("git") or "git"
DATA = Path(__file__).parents[1] / "data" / "lint"
GITHUB = "https://github.com"
BARS = {"certain": 0.95, "likely": 0.85}


def listed(name):
    """Give the entries of one of the lists."""
    with (DATA / f"{name}.toml").open("rb") as file:
        (entries,) = tomllib.load(file).values()
    return entries


class Repositories:
    """Public repositories in a folder of the user's."""

    def __init__(self, folder, address=GITHUB):
        self.folder = folder
        self.address = address

    def read(self, repository, revision, path):
        """Give a file as it was in a revision; None if it was not there."""
        self._fetch(repository, revision.rstrip("^"))
        done = self._git(repository, "show", f"{revision}:{path}", check=False)
        return done.stdout if done.returncode == 0 else None

    def _fetch(self, repository, commit):
        if not self._at(repository).exists():
            self._at(repository).mkdir(parents=True)
            self._git(repository, "init", "--quiet", "--bare")
        if self._git(repository, "cat-file", "-e", f"{commit}^{{commit}}", check=False).returncode:
            address = f"{self.address}/{repository}"
            self._git(repository, "fetch", "--quiet", "--depth=2", address, commit)

    def _git(self, repository, *words, check=True):
        return subprocess.run(
            [GIT, "-C", str(self._at(repository)), *words], check=check, capture_output=True
        )

    def _at(self, repository):
        return self.folder / repository.replace("/", "+")


def told(path, source):
    """Give what lint says of a source: line, rule, sureness and function."""
    findings = check_source(path, source).findings
    return {(one.region.line, one.rule, str(one.confidence), one.function) for one in findings}


def judged(entry):
    """Give the judgement of each report that was ever made of a file."""
    return {
        (one["line"], one["rule"], one["sure"], one["function"]): one["right"]
        for one in entry.get("reports", ())
    }


def precision(verdicts):
    """Count right and all, by set and sureness: verdicts are (set, sureness, right)."""
    right: Counter[tuple[int, str]] = Counter()
    every: Counter[tuple[int, str]] = Counter()
    for number, sure, is_right in verdicts:
        every[number, sure] += 1
        right[number, sure] += is_right
    return {key: (right[key], every[key]) for key in sorted(every)}


def seen_first(entries):
    """Give the verdicts on what was reported when a file was met first."""
    return [(entry["set"], key[2], right) for entry in entries for key, right in judged(entry).items()]


def meet(entries, repositories):
    """Give the verdicts on today's reports, and what is wrong with them or with the list."""
    verdicts, complaints = [], []
    for entry in entries:
        name = f"{entry['repository']} {entry['path']}"
        source = repositories.read(entry["repository"], entry["commit"], entry["path"])
        if source is None:
            complaints.append(f"{name}: not in {entry['commit']}")
            continue
        made, known = told(entry["path"], source), judged(entry)
        complaints += [f"{name}:{one[0]}: {one[1]} was never judged" for one in sorted(made - set(known))]
        complaints += [f"{name}:{one[0]}: {one[1]} is gone" for one in _lost(made, known)]
        verdicts += [(entry["set"], one[2], known[one]) for one in sorted(made & set(known))]
    return verdicts, complaints


def _lost(made, known):
    lines = {one[:2] for one in made}
    return sorted(one for one, right in known.items() if right and one[:2] not in lines)


def untold(fixes, repositories):
    """Give the fixes whose version before is not told, or whose version after still is."""
    for fix in fixes:
        versions = [
            repositories.read(fix["repository"], f"{fix['commit']}{parent}", fix["path"])
            for parent in ("^", "")
        ]
        before, after = (Counter(one[1::2] for one in told(fix["path"], text or b"")) for text in versions)
        for gone in fix["gone"]:
            key = (gone["rule"], gone["function"])
            if before[key] <= after[key]:
                place = f"{fix['repository']} {fix['commit'][:10]} {fix['path']}"
                yield f"{place}: {key} {before[key]} to {after[key]}"


def main(words):
    """Print both figures of each set, and what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--from", dest="address", default=GITHUB)
    asked = parser.parse_args(words)
    repositories = Repositories(asked.folder, asked.address)
    corpus, fixes = listed("corpus"), listed("historic")
    today, wrong = meet(corpus, repositories)
    lines = []
    for title, verdicts in (("seen first", seen_first(corpus)), ("today", today)):
        for (number, sure), (right, every) in precision(verdicts).items():
            lines.append(f"set {number}, {title}: {right} of {every} {sure} are right, {right / every:.1%}")
    wrong += untold(fixes, repositories)
    lines.append(f"{len(corpus)} files, {len(fixes)} fixes; {len(wrong)} to look at")
    sys.stdout.writelines(f"{line}\n" for line in [*lines, *wrong])
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
