"""snapshot: live processes on a served kernel, read, refused, gone and ambiguous."""

import json
import os
import stat

import psutil
import pytest

from portaudit.demo.stage import pair
from portaudit.mach.constants import TaskFlavor
from portaudit.mach.serving import Server
from portaudit.model.way import WAYS
from portaudit.simulator.kernel import ServedSimulator


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """A served kernel with a real host and extension on it: kernel, its name, and the pair."""
    path = tmp_path_factory.mktemp("s") / "kernel"
    served = ServedSimulator()
    with Server(served, path), pair("clean", f"simulated:{path}") as players:
        yield served.kernel, f"simulated:{path}", players


@pytest.fixture
def snapshot(portaudit, stage):
    """Run `portaudit snapshot` of the pair with more options."""
    _, name, players = stage

    def take(*options):
        return portaudit(
            "snapshot", "--kernel", name, "--host", players.host, "--extension", players.extension, *options
        )

    return take


def test_without_a_file_the_tables_are_printed(snapshot, stage):
    """The lsmp-style table of each process goes to standard output."""
    _, _, players = stage

    ended = snapshot()

    assert ended.status == 0
    for pid in (players.host, players.extension):
        assert f"Process ({pid}) : {psutil.Process(pid).name()}" in ended.out
    assert ended.out.count("TASK-CONTROL") == 2


def test_a_file_is_written_private_and_said(snapshot, tmp_path):
    """-o writes the file, mode 0600, prints nothing, and says so on standard error; -q is silent."""
    path = tmp_path / "before.json"

    ended, quiet = snapshot("-o", path), snapshot("-o", path, "-q")

    assert (ended.status, ended.out, ended.err) == (0, "", f"wrote {path}\n")
    assert (quiet.out, quiet.err) == ("", "")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_says_how_and_where_it_was_read(snapshot, portaudit, tmp_path):
    """Way, flavour, kernel calls, process identity, boot and settling stand in the file."""
    path = tmp_path / "before.json"
    snapshot("-o", path, "--label", "before the transfer")

    document = json.loads(path.read_text())
    host = document["tasks"][0]

    assert (document["label"], document["settled"], document["machine"]["kernel"]) == (
        "before the transfer",
        True,
        "simulated",
    )
    assert (host["role"], host["way"], host["flavour"]) == ("host", "space-info", "read")
    assert host["calls"]["mach_port_space_info"] == 2, "once, and once more to see that it has settled"
    assert host["process"]["start_time"] == psutil.Process(host["process"]["pid"]).create_time()
    assert portaudit("diff", path, path).status == 3  # one reading given twice has audited nothing


def test_print_shows_the_table_beside_the_file(snapshot, tmp_path, stage):
    """--print prints the table though a file is written."""
    assert f"Process ({stage[2].host}) : " in snapshot("-o", tmp_path / "a.json", "--print").out


def test_standard_output_takes_the_file(snapshot):
    """-o - writes the snapshot, and nothing else, to standard output."""
    assert json.loads(snapshot("-o", "-").out)["portaudit_snapshot"] == 2


def test_a_process_without_permission_is_in_the_snapshot_with_the_reason(snapshot, stage, tmp_path):
    """A refused process is exit 3, with what was tried and what would help; the other is read."""
    kernel, _, players = stage
    path = tmp_path / "refused.json"
    kernel.refuse(players.extension, *TaskFlavor)
    try:
        ended = snapshot("-o", path)
    finally:
        kernel.task(players.extension).refuses.clear()
    host, extension = json.loads(path.read_text())["tasks"]

    assert ended.status == 3
    assert "portaudit: extension was not read: no way in (space-info by the read port" in ended.err
    assert (host["not_read"], extension["entries"]) == (None, None)
    assert "task_read_for_pid: Operation not permitted (EPERM)" in extension["not_read"]["reason"]


def test_a_process_that_is_no_task_of_the_kernel_is_refused(portaudit, stage):
    """A process that never connected to the stand-in is not read, and never empty."""
    _, name, _ = stage

    ended = portaudit("snapshot", "--kernel", name, "--pid", os.getppid())

    assert ended.status == 3
    assert "NOT READ" in ended.out


def test_a_name_that_fits_several_processes_lists_them(portaudit, stage):
    """An ambiguous name is a usage error with the candidates and their pids."""
    _, name, players = stage
    called = [psutil.Process(pid).name() for pid in (players.host, players.extension)]

    ended = portaudit("snapshot", "--kernel", name, "--host", called[0][:5])

    assert ended.status == 2
    assert f"  {players.host}  {called[0]}" in ended.err
    assert f"  {players.extension}  {called[1]}" in ended.err


def test_host_and_extension_are_two_processes(portaudit, stage):
    """Naming one process twice is a usage error."""
    _, name, players = stage

    ended = portaudit("snapshot", "--kernel", name, "--host", players.host, "--extension", players.host)

    assert (ended.status, ended.err) == (
        2,
        f"portaudit: process {players.host} is named twice; host and extension are two processes\n",
    )


@pytest.mark.parametrize("command", ["snapshot", "run", "watch"])
def test_every_way_is_offered(portaudit, command):
    """The commands that read live processes offer each way, and no other."""
    told = "".join(portaudit(command, "--help").out.split())

    assert f"--way[{'|'.join(WAYS)}]" in told
