"""One criticism of a plan: a code, a place, and values with their units; whoever shows it makes words of them."""

from collections.abc import Callable

import msgspec

from releve.restoration.checker.sentences import SENTENCES, Severity
from releve.restoration.checker.values import Fact, Moment, Named, in_words

__all__ = ["Criticism", "Severity", "found"]


class Criticism(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be said of one place of a plan.

    `wrong`: the plan cannot be carried out, or says what its own tasks deny. `weak`: it can, and loses care without
    a reason that shows. `note`: worth knowing. `code` is one word for one sentence, `rule` one for what is broken.
    """

    code: str
    place: str  # such as tasks[PACS-3]
    facts: dict[str, Fact]

    @property
    def severity(self) -> Severity:
        """How much it matters."""
        return SENTENCES[self.code].severity

    @property
    def rule(self) -> str:
        """What is broken: one word for all the ways to break it."""
        return SENTENCES[self.code].rule

    @property
    def numbers(self) -> dict[str, float]:
        """The numbers among the facts without their units: moments in hours since the start."""
        return {
            key: fact.hour if isinstance(fact, Moment) else fact.value
            for key, fact in self.facts.items()
            if not isinstance(fact, Named)
        }

    @property
    def subject(self) -> str:
        """The fact with which the sentence begins in both languages; "" where it begins otherwise."""
        said = SENTENCES[self.code]
        begins = [key for key in self.facts if said.english.startswith(f"%({key})s")]
        return next((key for key in begins if said.french.startswith(f"%({key})s")), "")

    @property
    def sentence(self) -> str:
        """The sentence in English."""
        return self.sentence_in("en")

    def sentence_in(self, language: str) -> str:
        """Return the sentence in French for `fr`, in English otherwise: lines by their ids, moments with their hour."""
        return self.told(language, lambda _key, fact: in_words(fact, language))

    def told(self, language: str, say: Callable[[str, Fact], str]) -> str:
        """Return the sentence in that language, each fact as `say` puts it into words."""
        said = SENTENCES[self.code]
        words = {key: say(key, fact) for key, fact in self.facts.items()}
        return (said.french if language.startswith("fr") else said.english) % words


def found(code: str, place: str, /, **facts: Fact) -> Criticism:
    """Return a criticism of one place; its code stands in `SENTENCES`."""
    return Criticism(code=code, place=place, facts=facts)
