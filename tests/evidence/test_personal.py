"""Nothing of a volunteer leaves his machine but what was asked for."""

import gzip
import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portaudit.evidence import personal
from portaudit.evidence.collect import CLAIMS, collect
from portaudit.evidence.personal import Redactor, redactor

ALICE = Redactor(
    {"/Users/alice": "/HOME", "/Users/alice/Secret Project": "/PORTAUDIT"},
    {"alice": "USER", "Zoë Łukasz": "USER", "alices-mbp": "HOST", "C02XK0AAJG5H": "SERIAL"},
)


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("/Users/alice/Secret Project/x.py line 3", "/PORTAUDIT/x.py line 3"),
        ("open /Users/alice/.venv and /Users/bob/x", "open /HOME/.venv and /Users/USER/x"),
        ("Alice's Mac, ALICE, malice", "USER's Mac, USER, malice"),
        ("alices-mbp.local", "HOST.local"),
        ('"serial":"C02XK0AAJG5H"', '"serial":"SERIAL"'),
        (json.dumps("by Zoë Łukasz"), '"by USER"'),
        (unicodedata.normalize("NFD", "Zoë Łukasz"), "USER"),
        ("file:///x/Zo%C3%AB%20%C5%81ukasz", "file:///x/USER"),
        ("/private/var/folders/zz/zyxvpxvq6csfxvn_n0/T/x", "/TMP/T/x"),
        ("/Volumes/Alice Backup/a", "/Volumes/VOLUME/a"),
        ("a.b@example.org from 192.168.1.20 or 00:1b:63:84:45:e6", "EMAIL from ADDRESS or ADDRESS"),
        ('"incident_id":"4F1E0C7A-93C5-4A0E-9B6E-0F4D6C3B2A19"', '"incident_id":"REMOVED"'),
        ("boot 4F1E0C7A-93C5-4A0E-9B6E-0F4D6C3B2A19", "boot UUID"),
        ('{"userID" : 501, "parentProc" : "Secret"}', '{"userID" : "REMOVED", "parentProc" : "REMOVED"}'),
        ("0x00000103  TASK-CONTROL  26.1 (25B78)", "0x00000103  TASK-CONTROL  26.1 (25B78)"),
    ],
)
def test_what_names_somebody_is_replaced(said, left):
    """Paths, names in any spelling, serials, addresses and what a crash report tells; Mach's words stay."""
    assert ALICE(said) == left


NAMES = st.text(st.characters(categories=("Lu", "Ll", "Lo", "Nd")), min_size=3, max_size=12).filter(
    personal.stands_out
)


@given(NAMES, st.text(max_size=40), st.text(max_size=40))
def test_a_name_is_nowhere_afterwards(name, before, after):
    """Whoever it is: no spelling of the name stands alone in what is left, in text and in JSON."""
    clean = Redactor({}, {name: "USER"})
    for text in (f"{before} {name} {after}", json.dumps({"by": f"{before} {name} {after}"})):
        left = clean(text)
        assert f" {name} " not in left
        assert clean(left) == left


def test_names_that_mean_something_else_stay(monkeypatch):
    """A user called host or runner does not take the word out of every record; his paths go all the same."""
    monkeypatch.setattr(personal, "_user_words", lambda: ["host", "runner", "ab", "501", ""])
    clean = redactor(Path("/work/x"))

    assert clean('{"role": "host", "n": 501} ab') == '{"role": "host", "n": 501} ab'
    assert clean("/Users/host/x /home/runner/y") == "/Users/USER/x /home/USER/y"


@pytest.mark.whole
def test_no_archive_names_its_volunteer(scene, tmp_path, monkeypatch):
    """A whole archive of a machine full of names: the packed bytes hold none of them."""
    secret = ("zebulon", "quux", "zebulons-mac", "C02XK0AAJG5H", "zebulon@example.org")
    work = tmp_path / "Users/zebulon/work"
    work.mkdir(parents=True)
    scene.folder = work
    monkeypatch.setenv("HOME", str(work.parent))
    monkeypatch.setenv("USER", "zebulon")
    monkeypatch.setattr("socket.gethostname", lambda: "zebulons-mac.local")
    monkeypatch.setattr(personal, "_serials", lambda: ["C02XK0AAJG5H"])
    monkeypatch.setattr(personal, "_user_words", lambda: ["zebulon", "Zebulon Quux", "Quux"])
    said = work.parent / "sw_vers"
    said.write_text("#!/bin/sh\necho '26.1 of zebulons-mac, C02XK0AAJG5H, zebulon@example.org, Quux'\n")
    said.chmod(0o700)
    scene.tools = {**scene.tools, "sw_vers": str(said)}
    chosen = [claim for claim in CLAIMS if claim.id.startswith(("door/get", "lsmp", "probe", "guard"))]
    path, evidence = collect(tmp_path, scene, lambda _sentence: None, chosen)

    packed = gzip.decompress(path.read_bytes()).decode()
    assert [word for word in secret if word.casefold() in packed.casefold()] == []
    assert str(tmp_path) not in packed
    assert evidence.machine["macOS"] == "26.1 of HOST, SERIAL, EMAIL, USER"
    assert "zebulon" not in path.name
