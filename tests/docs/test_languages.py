"""Words people read: every sentence has its French, and the French is set as French."""

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "releve"

NBSP = "\u00a0"
NARROW = "\u202f"


@cache
def catalogues() -> dict[str, Catalog]:
    """Return the French catalogues by the name of their file."""
    found = {}
    for po in sorted(SOURCE.rglob("locale/fr/LC_MESSAGES/*.po")):
        with po.open("rb") as file:
            found[str(po.relative_to(SOURCE))] = read_po(file, locale="fr")
    assert found, "no French catalogue was found"
    return found


def texts(message: Message) -> tuple[str, ...]:
    """Return the translations of a message: one, or one per plural."""
    return message.string if isinstance(message.string, tuple) else (message.string,)


def plain(text: str) -> str:
    """Return a French sentence without what is not French: placeholders, tags, entities, addresses, hours."""
    text = re.sub(r"%\([a-z_0-9]+\)[a-z]|%[sd]|\{[^{}]*\}", "", text)
    text = re.sub(r"<[^>]*>|&[a-z#0-9]+;|https?:\S+|`[^`]*`", "", text)
    return re.sub(r"\d+:\d\d|%%", "", text)


def test_every_sentence_of_code_and_templates_has_its_french() -> None:
    """A sentence in English on a French ward is not read at three in the morning."""
    catalogues()

    # A process of its own: reading templates needs a Django without an island.
    ran = subprocess.run(
        [sys.executable, "scripts/catalogues", "missing"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_placeholders_are_the_same_in_both_languages() -> None:
    """A placeholder that is lost loses a name or an hour; one that is misspelt takes the page down."""
    wrong = [
        f"{name}: {message.id!r}: {error}"
        for name, catalogue in catalogues().items()
        for message, errors in catalogue.check()
        for error in errors
    ]

    assert not wrong


def test_no_french_sentence_waits_to_be_looked_at() -> None:
    """Fuzzy is a guess of a machine; gettext ignores it and shows English."""
    fuzzy = [
        f"{name}: {message.id!r}" for name, each in catalogues().items() for message in each if message.fuzzy
    ]

    assert not [line for line in fuzzy if not line.endswith(": ''")]


def test_a_sentence_has_one_french_whatever_the_room() -> None:
    """Rooms are read together: of two translations one would silently stand in the other's place (use `pgettext`)."""
    said: dict[tuple[str | None, str], dict[tuple[str, ...], list[str]]] = {}

    for name, catalogue in catalogues().items():
        for message in catalogue:
            if message.id and any(texts(message)):
                sentence = message.id[0] if isinstance(message.id, tuple) else message.id
                ways = said.setdefault((message.context, sentence), {})
                ways.setdefault(texts(message), []).append(name)

    assert not {sentence: ways for sentence, ways in said.items() if len(ways) > 1}


def test_french_is_set_with_its_own_signs() -> None:
    """A line must never begin with a colon, nor a number part from its unit; and ’ is the apostrophe."""
    wrong = []

    for name, catalogue in catalogues().items():
        for message in catalogue:
            for text in texts(message) if message.id else ():
                words = plain(text)
                if re.search(r"\w'\w", words):
                    wrong.append(f"{name}: straight apostrophe: {text!r}")
                if re.search(rf"[^{NBSP}{NARROW}\s]:(\s|$)| :", words):
                    wrong.append(f"{name}: U+00A0 before a colon: {text!r}")
                if re.search(rf"(?<=[^{NARROW}\s«(?!…])[;?!](\s|$)| [;?!%]|{NBSP}[;?!%]", words):
                    wrong.append(f"{name}: U+202F before ; ? ! %: {text!r}")
                if re.search(r"\d (mg|g|µg|ml|mL|kg|°C|mmol|min|h|s|jours?|ans|lits?)\b", words):
                    wrong.append(f"{name}: U+00A0 between number and unit: {text!r}")

    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong[:60])


def test_no_sentence_takes_every_patient_for_a_woman() -> None:
    """ "Her page" on the page of a man makes a tired reader ask whose page it is."""
    rooms = ("bedside/", "departments/", "paper/", "record/", "web/")
    colleagues = re.compile(r"her or his|her or him")  # of whom both are said

    found = [
        f"{name}: {message.id}"
        for name, catalogue in catalogues().items()
        if name.startswith(rooms)
        for message in catalogue
        if re.search(r"\b(she|her|hers|herself)\b", colleagues.sub("", str(message.id).lower()))
    ]

    assert not found, "\n".join(found)
