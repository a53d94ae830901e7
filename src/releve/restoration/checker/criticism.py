"""One criticism of a plan, in words and in numbers."""

from typing import Literal

import msgspec

from releve.restoration.checker.sentences import Fact, sentence

__all__ = ["Criticism", "Severity"]

Severity = Literal["wrong", "weak", "note"]


class Criticism(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is to be said of one place of a plan.

    `wrong`: the plan cannot be carried out, or says what its own tasks deny. `weak`: it can, and loses care without
    a reason that shows. `note`: worth knowing. `rule` is one word for programs; `numbers` are those of the
    sentence, hours since the start unless their name says otherwise. `said` is the sentence in English with the places
    of its `facts`.
    """

    severity: Severity
    place: str  # such as tasks[PACS-3]
    rule: str
    said: str
    facts: dict[str, Fact] = {}
    numbers: dict[str, float] = {}

    @property
    def sentence(self) -> str:
        """The sentence in English."""
        return self.sentence_in("en")

    def sentence_in(self, language: str) -> str:
        """Return the sentence in French for `fr`, in English otherwise."""
        return sentence(self.said, self.facts, language)
