"""Taking whoever's machine it is out of a text: names, hosts, serials, paths, addresses."""

import json
import os
import pwd
import re
import socket
import subprocess
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import portaudit

IOREG = "/usr/sbin/ioreg"
SERIALS = re.compile(r'"IOPlatform(?:SerialNumber|UUID)" = "([^"]+)"')
SHORTEST = 3
"""Letters of a name that is looked for anywhere; a shorter one is part of too many words."""
WORDS_OF_OURS = frozenset({
    *("admin", "address", "email", "extension", "folder", "here", "home", "host", "local", "mac", "macos"),
    *("portaudit", "private", "python", "removed", "root", "runner", "serial", "staff", "test", "tests"),
    *("tmp", "user", "users", "uuid", "volume", "volumes"),
})  # fmt: skip
"""Names that mean something else in most places: they are replaced in paths alone."""
USER, HOST, SERIAL = "USER", "HOST", "SERIAL"

PATTERNS = (
    (re.compile(r"/(Users|home)/[^/\s\"'\\:,;<>]+"), r"/\1/USER"),
    (re.compile(r"/Volumes/[^/\"'\\:,;<>\n]+"), "/Volumes/VOLUME"),
    (re.compile(r"(?:/private)?/var/folders/[^/\s]+/[^/\s\"']+"), "/TMP"),
    (re.compile(r"\b[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\b"), "UUID"),
    (re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b"), "EMAIL"),
    (re.compile(r"\b(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}\b"), "ADDRESS"),
    (re.compile(r"\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b"), "ADDRESS"),
)
FIELDS = re.compile(
    r'("(?:crashReporterKey|deviceIdentifierForVendor|userID|coalitionName|responsibleProc|parentProc|'
    r'sleepWakeUUID|bootSessionUUID|incident_id|incident)"\s*:\s*)(?:"(?:[^"\\]|\\.)*"|-?\d+)'
)
"""What a crash report says of whose machine it was, or of what else runs there."""


@dataclass(frozen=True, slots=True)
class Redactor:
    """What to look for: `paths` and `words`, each with what stands in its place."""

    paths: Mapping[str, str]
    words: Mapping[str, str]

    def __call__(self, text: str) -> str:
        """Give the text without them; what is left says the same of Mach."""
        for path in sorted(self.paths, key=len, reverse=True):
            for form in _forms(path):
                text = text.replace(form, self.paths[path])
        text = FIELDS.sub(r'\1"REMOVED"', text)
        for pattern, instead in PATTERNS:
            text = pattern.sub(instead, text)
        for word in sorted(self.words, key=len, reverse=True):
            for form in _forms(word):
                text = re.sub(rf"(?<!\w){re.escape(form)}(?!\w)", self.words[word], text, flags=re.IGNORECASE)
        return text


def _forms(word: str) -> set[str]:
    """Spell a word as it may stand in a path, in JSON, in a URL, or where bytes could not be decoded."""
    forms = {unicodedata.normalize(form, word) for form in ("NFC", "NFD")}
    for form in tuple(forms):
        forms |= {json.dumps(form)[1:-1], quote(form), form.encode().decode("ascii", "backslashreplace")}
    return forms


def redactor(folder: Path) -> Redactor:
    """Look up what names this machine and its user. `folder` is where the evidence was written."""
    words = dict.fromkeys(_user_words(), USER) | dict.fromkeys(_host_words(), HOST)
    words |= dict.fromkeys(_serials(), SERIAL)
    return Redactor(_paths(folder), {word: instead for word, instead in words.items() if stands_out(word)})


def stands_out(word: str) -> bool:
    """Whether a name is looked for anywhere: it is long enough, and no word of ours."""
    return len(word) >= SHORTEST and word.casefold() not in WORDS_OF_OURS and not word.isdecimal()


def _paths(folder: Path) -> dict[str, str]:
    named = {
        "/FOLDER": (folder,),
        "/PORTAUDIT": (Path(portaudit.__file__).parents[1],),
        "/PYTHON": (Path(sys.prefix), Path(sys.base_prefix)),
        "/HOME": tuple(_homes()),
        "/HERE": (Path.cwd(),),
    }
    return {
        str(form): instead
        for instead, paths in reversed(named.items())
        for path in paths
        for form in (path, path.resolve())
        if len(form.parts) > 1
    }


def _homes() -> Iterator[Path]:
    yield Path.home()
    for account in _accounts():
        yield Path(account.pw_dir)


def _accounts() -> Iterator[pwd.struct_passwd]:
    """Give whoever this is, and whoever called sudo."""
    with suppress(KeyError):
        yield pwd.getpwuid(os.getuid())
    with suppress(KeyError):
        yield pwd.getpwnam(os.environ.get("SUDO_USER", ""))


def _user_words() -> Iterator[str]:
    yield from (os.environ.get(name, "") for name in ("USER", "LOGNAME", "SUDO_USER"))
    for account in _accounts():
        yield account.pw_name
        full_name = account.pw_gecos.split(",")[0]
        yield from (full_name, *full_name.split())


def _host_words() -> Iterable[str]:
    named = socket.gethostname()
    return {named, named.split(".")[0], named.removesuffix(".local")}


def _serials() -> list[str]:
    """Ask for what is to be kept out. It is not written anywhere."""
    command = [IOREG, "-rd1", "-c", "IOPlatformExpertDevice"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)  # noqa: S603  fixed
    except (OSError, subprocess.SubprocessError):
        return []
    return SERIALS.findall(said.stdout)
