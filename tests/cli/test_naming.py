"""From what a colleague's Mac printed to a verdict: who is who is said where it is needed."""

import json
import re

import pytest

from tests.collect.lsmp.prints import PRINTS, bytes_of

PAIRS = [
    (f"{kind}xfer_before{kernel}.{form}", f"{kind}xfer_leak{kernel}.{form}")
    for kind, kernel in (("", ""), ("", "_release"), ("old_", ""))
    for form in ("txt", "json")
]
WHO = ("--host", "HostApp", "--extension", "ShareExtension")
HEADLINE = "FINDINGS the host keeps 7 references to the extension's task port that it must give back"


def flat(text):
    """Give a text as one line."""
    return re.sub(r"\s+", " ", text)


def system_wide(stage, number):
    """Give a text of lsmp's with so many daemons beside the pair."""
    text = bytes_of(f"xfer_{stage}", "txt").decode()
    begin, end = text.index("Process (1) "), text.index("Process (501) ")
    daemon = re.sub(r"^ +\+.*\n", "", text[begin:end], flags=re.MULTILINE)
    for each in range(1, number + 1):
        copy = daemon.replace("(1) : launchd", f"({2000 + each}) : daemon{each}")
        for own in ("d9dcb35f", "ed89b7a6", "81e6b5d0", "7d475718"):
            copy = copy.replace(own, f"{int(own, 16) ^ each << 4:08x}")
        text += copy
    return text


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Write two texts of a whole system, 304 processes in each, and name their files."""
    folder = tmp_path_factory.mktemp("whole")
    paths = [folder / f"{stage}.txt" for stage in ("before", "leak")]
    for path in paths:
        path.write_text(system_wide(path.stem, 300))
    return paths


class TestDiff:
    @pytest.mark.parametrize("pair", PAIRS, ids=" ".join)
    def test_two_texts_are_judged_in_one_command(self, portaudit, pair):
        """Text or JSON, of a release kernel or an old lsmp: roles given by name, and the right headline."""
        ended = portaudit("diff", *(PRINTS / name for name in pair), *WHO)

        assert (ended.status, ended.err) == (1, "")
        assert flat(ended.out).startswith(HEADLINE)

    def test_a_pid_says_it_too(self, portaudit, whole):
        """Pids and names may be mixed."""
        ended = portaudit("diff", *whole, "--host", "501", "--extension", "shareext")

        assert flat(ended.out).startswith(HEADLINE)

    def test_an_idle_pair_has_the_same_roles(self, portaudit, tmp_path):
        """Of texts in which the processes have other pids it is said by the same names."""
        pair = [bytes_of(f"xfer_{stage}", "txt") for stage in ("before", "leak")]
        for number, text in enumerate(pair):
            (tmp_path / f"{number}.txt").write_bytes(re.sub(rb"\b50([12])\b", rb"60\1", text))
        idle = ("--idle", tmp_path / "0.txt", tmp_path / "1.txt")
        ended = portaudit("diff", *(PRINTS / name for name in PAIRS[0]), *WHO, *idle)

        assert (ended.status, ended.err) == (0, "")
        assert "idle: host TASK-CONTROL +7 while idle, 7 subtracted" in ended.out.splitlines()
        assert "the idle pair says" not in ended.out

    @pytest.mark.parametrize(
        ("idle", "why"),
        [
            ((1, 1), "the same reading was given twice: between a moment and itself nothing was audited"),
            ((0, 1), "what is audited happened during it, so it would take off what was transferred"),
        ],
    )
    def test_texts_that_tell_no_time_are_no_idle_pair_of_themselves(self, portaudit, idle, why):
        """One file given twice shows nothing, and the audited files show the leak itself."""
        pair = [PRINTS / name for name in PAIRS[0]]
        ended = portaudit("diff", *pair, *WHO, "--idle", *(pair[number] for number in idle))

        assert (ended.status, ended.out, ended.err) == (2, "", f"portaudit: this is no idle pair: {why}\n")

    def test_a_rule_about_roles_is_understood(self, portaudit):
        """An expectation and a policy speak of the roles that were given."""
        pair = [PRINTS / name for name in PAIRS[0]]
        rules = ("--expect", "host: task-control of extension +7", "--policy", "least-privilege")
        ended = portaudit("diff", *pair, *WHO, *rules)

        assert ended.status == 0
        assert flat(ended.out).startswith("BALANCED what changed was expected")

    def test_a_role_that_nobody_has_names_the_option(self, portaudit):
        """Whoever writes a rule for a role is told how it is given."""
        pair = [PRINTS / name for name in PAIRS[0]]
        ended = portaudit("diff", *pair, "--expect", "extension: task-control of host +1")

        assert ended.status == 2
        assert "--extension NAME or PID" in ended.err

    def test_what_a_project_says_of_roles_names_the_option(self, portaudit, tmp_path):
        """A configured rule or policy that no task has a role for is told, and how the role is given."""
        config = tmp_path / "portaudit.toml"
        rule = 'expect = ["extension: task-control of host +1"]'
        config.write_text(f'policy = "least-privilege"\n{rule}\n')
        pair = [PRINTS / name for name in PAIRS[0]]
        told = flat(portaudit("diff", *pair, "--config", config).out)

        assert "was not used: no task of the snapshots is called 'extension'" in told
        assert "(give the role with --extension NAME or PID)" in told
        assert "no task has the role host (--host gives it)" in told
        assert "no task has the role" not in portaudit("diff", *pair, *WHO, "--config", config).out

    def test_one_more_process_is_audited_without_a_role(self, portaudit, whole):
        """Of a system-wide text --pid alone says who is under audit."""
        ended = portaudit("diff", *whole, "--pid", "HostApp")

        assert ended.status == 1
        assert flat(ended.out).startswith(
            "FINDINGS HostApp (501) keeps 7 references to ShareExtension (502)'s task port"
        )
        assert flat(ended.out).endswith(
            "10 rights unchanged in HostApp (501); read by lsmp; one reading. exit 1 "
        )

    def test_a_file_given_twice_has_audited_nothing(self, portaudit, tmp_path):
        """One reading on both sides is undecided, by whatever name the file goes."""
        one = PRINTS / PAIRS[0][1]
        link = tmp_path / "link.txt"
        link.symlink_to(one)

        for other in (one, link):
            ended = portaudit("diff", one, other, *WHO)
            assert ended.status == 3
            assert flat(ended.out).startswith("UNDECIDED the same reading was given twice")

    def test_a_print_twice_in_a_file_is_damage(self, portaudit, tmp_path):
        """Two prints in one file are no reading of one moment."""
        path = tmp_path / "both.txt"
        path.write_bytes(bytes_of("xfer_before", "txt") * 2)

        assert portaudit("diff", path, PRINTS / PAIRS[0][1], *WHO).status == 4


class TestManyProcesses:
    READER = "note: lsmp (9001) took the readings: what it holds for that is left out"

    def test_with_roles_only_the_pair_is_told(self, portaudit, whole):
        """Of 304 processes two stand in the balance and in the last sentence, and the reader in one note."""
        ended = portaudit("diff", *whole, *WHO)
        told = flat(ended.out)

        assert told.startswith(HEADLINE)
        assert "daemon" not in told
        assert (
            "0xcb8bc116 TASK-CONTROL of extension host 501 0 -> 7 (+7) extension 502 7 -> 7 (0) residual +7"
            in told
        )
        assert told.endswith(
            "10 rights unchanged in the host, 10 in the extension; read by lsmp; one reading. exit 1 "
        )
        assert told.count("lsmp (") == told.count(self.READER) == 1

    def test_without_roles_those_that_hold_what_is_reported_are_named(self, portaudit, whole):
        """A survey names the holders, counts the others, and says by which options roles are given."""
        ended = portaudit("diff", *whole)
        told = flat(ended.out)

        assert ended.status == 3
        assert "daemon" not in told
        assert "name the host and the extension, by pid or name, with --host and --extension" in told
        assert told.endswith(
            "10 rights unchanged in HostApp (501), 10 in ShareExtension (502), 1505 in 301 other processes; "
            "read by lsmp; one reading. exit 3 "
        )

    @pytest.mark.parametrize("who", [WHO, ()], ids=["roles", "survey"])
    def test_a_page_draws_and_lists_the_same(self, portaudit, whole, who):
        """Two tasks are drawn, the spaces of two are on the page, and the others are counted."""
        page = portaudit("diff", *whole, *who, "--format", "html").out

        assert page.count('<g class="task">') == page.count('<section class="space"') == 2
        assert "&hellip; and 302 more processes, of which this report says nothing" in page
        assert len(page) < 60_000

    def test_who_holds_what_is_handed_over_stands_beside(self, portaudit, tmp_path, whole):
        """A daemon that holds the extension's port, too, stands in the balance, and is not judged."""
        paths = [tmp_path / path.name for path in whole]
        for path, source in zip(paths, whole, strict=True):
            text = source.read_text()
            begin = text.index("Process (2001)")
            row = next(line for line in text[begin:].splitlines() if "0x9b1f7aa5" in line)
            own = row.replace("0x39c115d6  HOST", "0xca498373  TASK-CONTROL (502) ShareExtension")
            held = own.replace("0x00000407  0x9b1f7aa5", "0x00000f07  0xcb8bc116")
            daemon = text[begin:].replace(row, f"{row}\n{held}", 1)
            path.write_text(text[:begin] + daemon.replace("= 5\nSEND      = 4", "= 6\nSEND      = 5", 1))
        ended = portaudit("diff", *paths, *WHO, "-o", tmp_path / "page.html")

        assert flat(ended.out).startswith(HEADLINE)
        assert "daemon1 (2001) 2 -> 2 (0) residual +7" in flat(ended.out)
        assert (tmp_path / "page.html").read_text().count('<g class="task">') == 3


class TestNames:
    @pytest.mark.parametrize("form", ["table", "markdown", "github", "junit", "sarif", "html"])
    def test_processes_are_called_by_their_names_without_an_article(self, portaudit, form):
        """Without roles nothing is "the HostApp"; whose port it is is said by name and pid."""
        ended = portaudit("diff", *(PRINTS / name for name in PAIRS[0]), "--format", form)
        told = re.sub(r"&#(\d+);", lambda match: chr(int(match[1])), flat(ended.out))

        assert "ShareExtension (502)'s task port" in told
        assert not re.findall(r"\bthe (?:HostApp|ShareExtension|launchd)", told)

    def test_roles_take_one(self, portaudit):
        """With roles it is the host, and the extension's port."""
        told = flat(portaudit("diff", *(PRINTS / name for name in PAIRS[0]), *WHO).out)

        assert "the host keeps 7 references to the extension's task port" in told
        assert "HostApp keeps" not in told


class TestShow:
    def test_whose_port_it_is_is_said(self, portaudit):
        """A release kernel calls every task port SELF: whose it is is told by name, and by role if given."""
        source = PRINTS / "xfer_leak_release.txt"

        plain, cast = (flat(portaudit("show", source, *who).out) for who in ((), WHO))
        assert "0x00000b27 0xcb8bc116 send 7 TASK-CONTROL of ShareExtension (502) 0x" in plain
        assert "0x00000b27 0xcb8bc116 send 7 TASK-CONTROL of extension 0x" in cast

    def test_programs_are_told_too(self, portaudit):
        """In JSON `of` names the owner, and is null where there is none."""
        ended = portaudit("show", PRINTS / "xfer_leak.txt", "--host", "501", "--format", "json")
        (task,) = json.loads(ended.out)["tasks"]

        told = {entry["name"]: entry["of"] for entry in task["entries"]}
        assert (told["0x00000207"], told["0x00000b27"], told["0x00000327"]) == (
            "host",
            "ShareExtension (502)",
            None,
        )

    @pytest.mark.parametrize(
        ("options", "shown"),
        [
            ([], [1, 501, 502, 9001]),
            (["--host", "HostApp"], [501]),
            (["--pid", "launchd", "--pid", "502"], [1, 502]),
            (["--host", "501", "--pid", "1"], [1, 501]),
            ([*WHO, "--role", "extension"], [501, 502]),
        ],
    )
    def test_it_shows_whom_one_names(self, portaudit, options, shown):
        """By pid, by name or by role, one or several; all of them where nobody is named."""
        ended = portaudit("show", PRINTS / "xfer_leak.txt", *options, "--format", "json")

        assert [task["pid"] for task in json.loads(ended.out)["tasks"]] == shown

    def test_a_role_that_nobody_has_names_the_option(self, portaudit):
        """--role asks for what the file says; the message names the option that says it here."""
        ended = portaudit("show", PRINTS / "xfer_leak.txt", "--role", "host")

        assert ended.status == 2
        assert ended.err == (
            "portaudit: no task of the snapshot has the role 'host'; the roles there are: none; "
            "--host NAME or PID gives it\n"
        )


class TestImport:
    def test_a_process_is_named_behind_its_file(self, portaudit, tmp_path):
        """FILE:NAME and FILE:PID choose one of several."""
        source = PRINTS / "xfer_leak.txt"
        portaudit(
            "import", "--host", f"{source}:HostApp", "--extension", f"{source}:502", "-o", tmp_path / "o"
        )

        shown = json.loads(portaudit("show", tmp_path / "o", "--format", "json").out)["tasks"]
        assert [(task["role"], task["pid"]) for task in shown] == [("host", 501), ("extension", 502)]

    def test_a_file_of_several_names_them(self, portaudit, tmp_path):
        """Whoever named none is told who is in the file, and how to name one."""
        source = PRINTS / "xfer_leak.txt"
        ended = portaudit("import", "--host", source, "-o", tmp_path / "o")

        there = "launchd (1), HostApp (501), ShareExtension (502), lsmp (9001)"
        assert ended.status == 2
        assert ended.err == (
            f"portaudit: {source} holds 4 processes ({there}); name one as {source}:PID or {source}:NAME\n"
        )

    def test_a_name_may_have_a_colon(self, portaudit, tmp_path):
        """The file ends at the first colon that a file stands before."""
        path = tmp_path / "named.txt"
        path.write_bytes(bytes_of("xfer_leak", "txt").replace(b"(501) : HostApp", b"(501) : a: b"))
        ended = portaudit("import", "--host", f"{path}:a: b", "-o", tmp_path / "o")

        assert ended.status == 0
        assert json.loads(portaudit("show", tmp_path / "o", "--format", "json").out)["tasks"][0]["pid"] == 501
