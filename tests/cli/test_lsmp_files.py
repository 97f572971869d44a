"""What lsmp printed, through the commands that read snapshots."""

import json
from dataclasses import replace

import pytest

from portaudit.collect.lsmp import read_lsmp
from portaudit.snapshot_file import encode
from tests.collect.lsmp.prints import PRINTS, TRUTH, bytes_of


@pytest.mark.parametrize("form", ["txt", "json"])
def test_show_gives_every_row_of_a_print(portaudit, form):
    """`show --format json` gives each process of a print with its rows, exactly."""
    ended = portaudit("show", PRINTS / f"xfer_leak_release.{form}", "--format", "json")

    shown = {
        task["pid"]: sorted(
            [entry["name"], entry["object"], "+".join(entry["rights"]), entry["urefs"], entry["kobject"]]
            for entry in task["entries"]
        )
        for task in json.loads(ended.out)["tasks"]
    }
    assert ended.status == 0
    assert shown == {
        task["pid"]: sorted(row[:5] for row in task["rows"]) for task in TRUTH["xfer_leak_release"]["tasks"]
    }


@pytest.mark.parametrize("form", ["txt", "json"])
def test_a_process_called_like_a_probe_record_stays_a_process(portaudit, tmp_path, form):
    """A name that looks like the mark of another kind of file does not change what the file is."""
    path = tmp_path / "lsmp"
    path.write_bytes(bytes_of("xfer_leak", form).replace(b"launchd", b'"portaudit_probe"'))

    ended = portaudit("show", path, "--format", "json")
    assert json.loads(ended.out)["tasks"][0]["process"] == '"portaudit_probe"'


def test_the_leak_is_found_in_a_release_kernels_prints(portaudit, tmp_path):
    """Two prints of a release kernel, where SELF means nothing, still tell whose task port leaked."""
    files = []
    for stage, form in (("before", "txt"), ("leak", "json")):
        source = PRINTS / f"xfer_{stage}_release.{form}"
        files.append(tmp_path / f"{stage}.json")
        portaudit("import", "--host", f"{source}:501", "--extension", f"{source}:502", "-o", files[-1])

    ended = portaudit("diff", *files, "--format", "json")
    rows = [row for finding in json.loads(ended.out)["findings"] for row in finding["rows"]]
    assert ended.status == 1
    assert [
        (row["role"], row["of"], row["residual"]) for row in rows if row["kobject"] == "TASK-CONTROL"
    ] == [("host", "extension", 7)]


def test_import_keeps_what_is_known_of_a_reading(portaudit, tmp_path):
    """Time, label, whether it had settled, and what is missing go through `import` and back out of `show`."""
    text = bytes_of("xfer_leak", "txt")
    cut = tmp_path / "cut.txt"
    cut.write_bytes(text[: text.rindex(b"total     =")])
    known = replace(read_lsmp(cut.read_bytes()), taken=1.5, label="here", settled=True, gaps=("more",))
    whole, host = tmp_path / "whole.json", tmp_path / "host.json"
    whole.write_bytes(encode(known))

    assert portaudit("import", whole, "-o", tmp_path / "again.json").status == 0
    shown = [portaudit("show", path, "--format", "json").out for path in (whole, tmp_path / "again.json")]
    assert shown[0] == shown[1]
    document = json.loads(shown[0])
    assert (document["taken"], document["label"], document["settled"]) == (1.5, "here", True)
    assert document["gaps"] == ["more"]
    assert document["tasks"][-1]["gaps"] == ["lsmp's totals are missing: rows may be missing too"]

    portaudit("import", "--host", f"{whole}:9001", "-o", host)
    alone = json.loads(portaudit("show", host, "--format", "json").out)
    assert (alone["gaps"], alone["tasks"][0]["gaps"]) == ([], document["tasks"][-1]["gaps"])
    assert "INCOMPLETE: lsmp's totals are missing" in portaudit("show", host).out


def test_import_says_settled_only_of_what_has_settled(portaudit, tmp_path):
    """Of several files, one that had not settled counts; one of which it is not known leaves it unknown."""
    states = {"yes": True, "sure": True, "no": False, "unknown": None}
    text = bytes_of("xfer_leak_release_p502", "txt")
    for pid, (name, settled) in enumerate(states.items(), start=503):
        known = replace(read_lsmp(text.replace(b"(502)", b"(%d)" % pid)), settled=settled)
        (tmp_path / name).write_bytes(encode(known))

    def joined(*names):
        portaudit("import", *(tmp_path / name for name in names), "-o", tmp_path / "out")
        return json.loads((tmp_path / "out").read_bytes())["settled"]

    assert (joined("yes", "sure"), joined("yes", "unknown"), joined("yes", "no")) == (True, None, False)


def test_what_is_no_json_is_not_called_unsound_json(portaudit, tmp_path):
    """A text that portaudit does not know is said to be that; JSON that is cut off is said to be that."""
    text, document = tmp_path / "text", tmp_path / "document"
    text.write_text("hello\n")
    document.write_text('{"hello": ')

    assert portaudit("show", text).err == (
        f"portaudit: {text} is nothing that portaudit reads: no snapshot, no probe record, "
        "and no line of it is lsmp's\n"
    )
    assert "is no sound JSON, it may be cut off" in portaudit("show", document).err


def test_a_quoted_print_is_read_wherever_a_snapshot_is(portaudit, tmp_path):
    """The commands that read snapshots undo what people do to a print before they paste it."""
    quoted = tmp_path / "quoted"
    text = bytes_of("xfer_leak", "txt")
    quoted.write_bytes(b"".join(b"> " + line + b"\n" for line in text.splitlines()))

    shown = [portaudit("show", path, "--format", "json").out for path in (quoted, PRINTS / "xfer_leak.txt")]
    assert shown[0] == shown[1]
