"""What lsmp printed, through the commands that read snapshots."""

import json

import pytest

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
