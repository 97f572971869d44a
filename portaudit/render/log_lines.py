"""How a finished text is made harmless for whoever reads the log that it goes to, format by format."""

from portaudit.harmless import in_annotations, in_json, in_log, in_markup
from portaudit.render import Format

DOORS = {
    **dict.fromkeys((Format.JSON, Format.SARIF), in_json),
    **dict.fromkeys((Format.JUNIT, Format.HTML), in_markup),
    Format.GITHUB: in_annotations,
}


def for_a_log(text: str, form: Format) -> str:
    """Spell a text of this format so that no part of it is a CI runner's command."""
    return DOORS.get(form, in_log)(text)
