"""The cards that open a locked island, on paper: one sheet for each keeper, to be sealed in an envelope."""

from collections.abc import Sequence
from typing import Any

from releve.paper.catalogue import catalogue
from releve.paper.glyphs import Signs
from releve.paper.typeset import coverage, typeset

__all__ = ["island_cards"]


def _(text: str) -> str:
    """Mark a text for the catalogues; translated when it is set."""
    return text


_TITLE = _("Island {island}: card {number} of {count}")
_FACTS = {
    "island": _("Island"), "card": _("Card"), "made": _("Made on"), "set": _("Set"), "keeper": _("Keeper"),
    "needed": _("{needed} of the {count} cards of one set open the island; two tell nothing."),
}  # fmt: skip
_HOW = _("When the island is locked")
_STEPS = (
    _("Bring {needed} keepers with their cards to a screen that shows the island, or to its own keyboard."),
    _("Type the {words} words of each card, in order. The first four letters of a word are enough."),
    _("The screen says which word of which card is wrong. Correct it; what was typed stays."),
    _("Seal the card in a new envelope afterwards, with date and name across the flap."),
    _("Keep it in a safe, away from the other cards and from the machine. Never photograph or copy it."),
    _(
        "Lost or seen by others: change the island key and all cards (releve keys rotate). New cards alone do not help."
    ),
)


def island_cards(
    words: Sequence[str],
    *,
    hospital: str,
    island: str,
    made_on: str,
    number_of_set: int,
    needed: int,
    exercise: bool,
    language: str,
) -> bytes:
    """Return the PDF of all cards of a set, a sheet each. `made_on`: a date as people write it, such as 22/11/2026.

    Raises:
        TypesetError: it could not be set.
    """
    order = (language, "en" if language == "fr" else "fr")
    signs = Signs(coverage())
    values = {"island": island, "count": len(words), "needed": needed, "words": len(words[0].split())}
    known = catalogue(language)

    def said(text: str, spoken: str = language, **more: object) -> str:
        return catalogue(spoken).text(text).format(**values, **more)

    data: dict[str, Any] = {
        "title": said(_("Cards that open island {island}")),
        "hospital": hospital,
        "exercise": known.text(_("EXERCISE")) if exercise else "",
        "cards": [
            {
                "title": said(_TITLE, number=place),
                "facts": [
                    (known.text(_FACTS["island"]), f"{island}, {hospital}"),
                    (known.text(_FACTS["card"]), f"{place} / {len(words)}"),
                    (known.text(_FACTS["set"]), f"{number_of_set:05d}"),
                    (known.text(_FACTS["made"]), made_on),
                    (known.text(_FACTS["keeper"]), "____________________________"),
                    ("", said(_FACTS["needed"])),
                ],
                "words": card.split(),
                "parts": [
                    {
                        "lang": spoken,
                        "title": said(_HOW, spoken),
                        "steps": [said(step, spoken) for step in _STEPS],
                    }
                    for spoken in order
                ],
            }
            for place, card in enumerate(words, 1)
        ],
    }
    return typeset("island-cards", signs.tree(data) | {"lang": language})
