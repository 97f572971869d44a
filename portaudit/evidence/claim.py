"""A claim: a sentence about the machine that can be tried, and how that is done."""

from collections.abc import Callable
from dataclasses import dataclass

from portaudit.errors import AuditError
from portaudit.evidence.scene import NotTriedError, Scene
from portaudit.model.evidence import Answer, Tried


@dataclass(frozen=True, slots=True)
class Seen:
    """What an attempt found, and the words for what decided it."""

    holds: bool
    words: str


@dataclass(frozen=True, slots=True)
class Claim:
    """`about` is the row of the README's table of evidence that the claim speaks for.

    `attempt` raises NotTriedError, with the reason, where the claim cannot be tried.
    """

    id: str
    about: str
    sentence: str
    attempt: Callable[[Scene], Seen]


def try_claim(claim: Claim, scene: Scene) -> Tried:
    """Try one claim. Whatever goes wrong on the way is no answer to it, and stops no other."""
    try:
        seen = claim.attempt(scene)
        answer, words = Answer.YES if seen.holds else Answer.NO, seen.words
    except (NotTriedError, AuditError) as obstacle:
        answer, words = Answer.NOT_TRIED, str(obstacle)
    except Exception as defect:  # noqa: BLE001  one broken attempt must not cost the volunteer all others
        answer, words = Answer.NOT_TRIED, f"a defect of portaudit: {defect!r}"
    return Tried(claim.id, claim.about, claim.sentence, answer, words)
