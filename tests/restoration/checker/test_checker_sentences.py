"""What the checker says, in the language of whoever reads it."""

import ast
import re
from pathlib import Path

import msgspec
import pytest
from small_restoration import small_case, small_plan

from releve.restoration import checker
from releve.restoration.checker.check import check
from releve.restoration.checker.sentences import SENTENCES
from releve.restoration.checker.values import Moment, Named, Quantity, figure, in_words
from releve.restoration.plan import PlannedTask

FACTS = re.compile(r"%\((\w+)\)s")
REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "restoration-check.md"


def _made() -> dict[str, set[str]]:
    """Return the codes that the checker's own files make, each with the facts it gives them by name."""
    made: dict[str, set[str]] = {}
    for file in Path(checker.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id in ("found", "_of") and isinstance(node.args[0], ast.Constant | ast.IfExp):
                first = node.args[0]
                codes = [first] if isinstance(first, ast.Constant) else [first.body, first.orelse]
                told = {one.arg for one in node.keywords if one.arg}
                if any(one.arg is None for one in node.keywords):  # those of `moved`
                    told |= {"task", "start", "end", "could_start", "could_end"}
                for code in codes:
                    assert isinstance(code, ast.Constant)
                    assert isinstance(code.value, str)
                    made[code.value] = told | ({"task"} if node.func.id == "_of" else set())
    return made


def test_every_criticism_has_its_sentence_in_both_languages_with_its_facts() -> None:
    """A criticism in a language one half reads is half read; one without its sentence is a page that fails."""
    made = _made()

    assert set(made) == set(SENTENCES)
    for code, said in SENTENCES.items():
        assert sorted(FACTS.findall(said.english)) == sorted(FACTS.findall(said.french)), code
        assert set(FACTS.findall(said.english)) <= made[code], code


def test_the_codes_that_scripts_rely_on_are_described() -> None:
    """A script that waits for a code waits for ever when it is called otherwise."""
    rows = re.findall(
        r"^\| `([\w-]+)` \| `([\w-]+)` \| (\w+) \| (.+) \|$", REFERENCE.read_text("utf-8"), re.MULTILINE
    )

    expected = [
        (code, said.rule, said.severity, FACTS.sub(lambda found: f"*{found[1]}*", said.english))
        for code, said in SENTENCES.items()
    ]
    assert rows == expected


def test_a_criticism_is_told_in_both_languages_with_its_days_and_figures() -> None:
    """An hour counted from the cut means nothing without its day."""
    first = small_plan().tasks[0]
    late = msgspec.structs.replace(first, end=first.end + 1)
    plan = msgspec.structs.replace(small_plan(), tasks=(late, *small_plan().tasks[1:]), loss=12.5)

    found = {each.code: each for each in check(small_case(), plan)}

    assert "The plan says 12.5 units of care lost" in found["care-lost"].sentence_in("en")
    assert "Le plan dit 12,5 unités de soin perdues" in found["care-lost"].sentence_in("fr")
    assert found["ends-after-its-work"].sentence_in("en") == (
        "AD-1 has its 4 hours of work done on Mon 23 Nov 2026 12:00 (hour 12); the plan ends it on "
        "Mon 23 Nov 2026 13:00 (hour 13)."
    )
    assert found["ends-after-its-work"].sentence_in("fr") == (
        "AD-1 a son travail (4\u00a0heures) fini le lun. 23 nov. 2026 12:00 (heure 12)\u202f; le plan la finit le "
        "lun. 23 nov. 2026 13:00 (heure 13)."
    )


def test_a_script_reads_values_with_their_units() -> None:
    """A number out of a sentence is an hour of the case, a day or a share of care: which, nobody can see."""
    plan = msgspec.structs.replace(
        small_plan(), tasks=tuple(msgspec.structs.replace(each, people=()) for each in small_plan().tasks)
    )

    found = next(each for each in check(small_case(), plan) if each.code == "team-size")

    assert msgspec.json.decode(msgspec.json.encode(found.facts)) == {
        "task": {"list": "tasks", "ids": ["AD-1"]},
        "asked": {"value": 1, "unit": "person"},
        "given": {"value": 0, "unit": "person"},
    }
    assert found.numbers == {"asked": 1, "given": 0}


def test_a_date_beyond_all_calendars_is_said_and_stops_nothing() -> None:
    """A slip of the hand writes 31,000,000 for 31: the page says where, and is there."""
    far = PlannedTask(task="AD-1", start=8, end=10**12)
    plan = msgspec.structs.replace(small_plan(), tasks=(far, *small_plan().tasks[1:]))

    found = {each.code: each for each in check(small_case(), plan)}

    assert found["absurd-dates"].numbers == {"start": 8, "end": 10**12}
    assert "(hour 1000000000000)" in found["absurd-dates"].sentence


@pytest.mark.parametrize(
    ("fact", "english", "french"),
    [
        (Quantity(value=1, unit="hour"), "1 hour", "1\u00a0heure"),
        (Quantity(value=0, unit="person"), "0 people", "0\u00a0personne"),
        (Quantity(value=1.5, unit="care/day"), "1.5", "1,5"),
        (Named(list="skills", ids=("net", "dba"), counts=(2, 1)), "2 × net, 1 × dba", "2 × net, 1 × dba"),
        (Moment(hour=7, local="2026-12-01T08:30"), "Tue 01 Dec 2026 08:30 (hour 7)",
         "mar. 1 déc. 2026 08:30 (heure 7)"),
    ],
)  # fmt: skip
def test_each_kind_of_value_has_its_words(fact: Moment | Quantity | Named, english: str, french: str) -> None:
    """ "1 hours" makes a reader look twice."""
    assert in_words(fact, "en") == english
    assert in_words(fact, "fr") == french
    assert not isinstance(fact, Quantity) or figure(fact, "fr") == french
