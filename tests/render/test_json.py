"""JSON against the schemas that are published for it."""

import copy
import json
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from msgspec import structs
from referencing import Registry

from portaudit.auditing.files import snapshot_schema, view
from portaudit.model.declared import Place
from portaudit.model.finding import Checked, CheckState
from portaudit.model.lint import Region, Related, SourceFinding, SourceNote, SourceReport
from portaudit.model.severity import Confidence, Severity
from portaudit.render import Format, Style, render_checks, render_report, render_view, sources
from portaudit.render.json_text import SCHEMAS, published
from portaudit.snapshot_file import encode
from tests.render.scenarios import SCENARIOS, leak

STYLE = Style()


def strict(schema):
    """Forbid every field that the schema does not describe: what is printed must be described."""
    if isinstance(schema, dict):
        closed = {key: strict(value) for key, value in schema.items()}
        if "properties" in schema:
            closed.setdefault("additionalProperties", False)
        return closed
    return [strict(item) for item in schema] if isinstance(schema, list) else schema


def validator(name):
    """Make a validator that forbids undescribed fields; a schema may refer to another by its id."""
    schemas = {known: strict(json.loads(published(known))) for known in SCHEMAS}
    registry = Registry().with_contents((schema["$id"], schema) for schema in schemas.values())
    return Draft202012Validator(schemas[name], registry=registry, format_checker=FormatChecker())


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_published_schema_is_a_schema(name):
    """Each schema is a sound one itself."""
    Draft202012Validator.check_schema(json.loads(published(name)))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_report_is_as_its_schema_says(scenario):
    """Diff prints what the schema describes, and nothing that it does not."""
    validator("diff").validate(json.loads(render_report(SCENARIOS[scenario](), Format.JSON, STYLE)))


def test_a_series_is_as_the_schema_says():
    """The rate of a series, and the numbers that it was read from, are described, too."""
    report = leak()
    course: dict[str, Any] = {"rate": 0.333, "series": (0, 0, 1)}
    row = structs.replace(report.findings[0].rows[0], **course)

    found = structs.replace(report.findings[0], rows=(row,), **course)
    document = json.loads(render_report(replace(report, findings=(found,)), Format.JSON, STYLE))
    validator("diff").validate(document)
    assert document["findings"][0]["rate"] == document["findings"][0]["rows"][0]["rate"] == 0.33


def test_all_checks_are_as_their_schema_says():
    """One that was judged, with its report, and one that was not."""
    checks = [
        Checked("one", CheckState.FAILED, SCENARIOS["many"](), place=Place("p.toml", 3), files=("a.json",)),
        Checked("two", CheckState.SKIPPED, reason="it is for darwin"),
    ]
    document = json.loads(render_checks(checks, Format.JSON, STYLE))

    validator("check").validate(document)
    document["checks"][0]["report"]["verdict"] = "fine"
    with pytest.raises(ValidationError):
        validator("check").validate(document)


def test_findings_in_sources_are_as_their_schema_says():
    """One that counts and names another place, one that is accepted, and a file that was not read."""
    region = Region(7, 3, 7, 9)
    found = SourceFinding(
        *("S1", Confidence.LIKELY, Severity.WARNING, "a.c", region, "f", "it leaks", "a leak", "free it"),
        line="  x();",
        related=(Related(region, "taken here"),),
        fingerprint="7cc101027d497972",
    )
    note = SourceNote("b.c", "it cannot be read", unread=True)
    judged = SourceReport(2, (found,), (replace(found, reason="known"),), (note,))
    document = json.loads(sources.render(judged, Format.JSON, STYLE, fail_on="warning", status=1))

    validator("lint").validate(document)
    document["findings"][0]["rule"] = "U1"
    with pytest.raises(ValidationError):
        validator("lint").validate(document)


@pytest.mark.parametrize("summary", [True, False])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_all_rows_are_as_their_schema_says(scenario, summary):
    """Show prints what the schema describes, and nothing that it does not."""
    shown = view(SCENARIOS[scenario]().difference.after)

    validator("rows").validate(json.loads(render_view(shown, Format.JSON, STYLE, summary=summary)))


def test_snapshots_are_as_their_schema_says():
    """A snapshot file is what the snapshot schema describes."""
    document = json.loads(encode(SCENARIOS["many"]().difference.after))

    Draft202012Validator(snapshot_schema()).validate(document)


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        (("verdict",), "fine"),
        (("findings", 0, "severity"), "fatal"),
        (("findings", 0, "rows", 0, "object"), "0x1"),
        (("findings", 0, "rows", 0, "change"), "3"),
        (("findings", 0, "rows", 0, "surprise"), None),
        (("unchanged", "host"), -1),
    ],
)
def test_the_schema_refuses_what_is_wrong(place, wrong):
    """The validator of these tests is no rubber stamp."""
    document = copy.deepcopy(json.loads(render_report(SCENARIOS["leak"](), Format.JSON, STYLE)))
    *way, last = place
    part = document
    for step in way:
        part = part[step]
    part[last] = wrong

    with pytest.raises(ValidationError):
        validator("diff").validate(document)


@pytest.mark.parametrize("name", ["diff", "rows", "snapshot"])
def test_a_user_can_have_each_schema(portaudit, name):
    """`portaudit schema` prints a schema that tools can use."""
    ended = portaudit("schema", name)

    assert ended.status == 0
    Draft202012Validator.check_schema(json.loads(ended.out))


def test_an_unknown_schema_is_wrong_usage(portaudit):
    """A name that is no schema is refused, with those that are."""
    ended = portaudit("schema", "report")

    assert (ended.status, ended.out) == (2, "")
    assert "'check', 'diff', 'lint', 'rows', 'snapshot'" in ended.err
