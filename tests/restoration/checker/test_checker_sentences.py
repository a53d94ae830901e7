"""What the checker says, in the language of whoever reads it."""

import ast
import re
from pathlib import Path

import msgspec
from small_restoration import small_case, small_plan

from releve.restoration import checker
from releve.restoration.checker.check import check
from releve.restoration.checker.sentences import FRENCH

FACTS = re.compile(r"%\((\w+)\)s")


def test_every_sentence_of_the_checker_has_its_french_with_the_same_facts() -> None:
    """A criticism in a language one half reads is half read."""
    said = {
        node.value
        for file in Path(checker.__file__).parent.glob("*.py")
        if file.name != "sentences.py"
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and FACTS.search(node.value)
    }

    assert said == set(FRENCH)
    for english, french in FRENCH.items():
        assert sorted(FACTS.findall(english)) == sorted(FACTS.findall(french)), english


def test_a_criticism_is_told_in_both_languages_with_its_hours_and_figures() -> None:
    """An hour counted from the cut means nothing without its day."""
    first = small_plan().tasks[0]
    late = msgspec.structs.replace(first, end=first.end + 1)
    plan = msgspec.structs.replace(small_plan(), tasks=(late, *small_plan().tasks[1:]), loss=12.5)

    found = {each.rule: each for each in check(small_case(), plan)}

    assert "The plan says 12.5 units of care lost" in found["loss"].sentence_in("en")
    assert "Le plan dit 12,5 unités de soin perdues" in found["loss"].sentence_in("fr")
    assert "l’heure " in found["end"].sentence_in("fr")
    assert " 2026 " in found["end"].sentence_in("fr")
