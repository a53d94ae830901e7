"""What is decided without a screen: hours of doses, who signs, what warns, what the hospital's files say."""

import random
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest
from line_island import FILES

from releve.bedside.doses import Line, slots_of
from releve.departments.prescribing.checks import (
    Known,
    Running,
    Switched,
    check_line,
    given_by_two,
    needs_second,
)
from releve.departments.prescribing.formulary import Drug, Limit, read_formulary, read_usual
from releve.departments.prescribing.hours import dose_hours, end_after
from releve.departments.prescribing.line_facts import Posology, order_number
from releve.departments.prescribing.rules import Decision, Refusal, conflicts, may_act_on, signature, unsigned

PARIS = ZoneInfo("Europe/Paris")
ALL = Switched(checks=("allergy", "high-alert", "duplicate", "tenfold", "limits"))


def at(*parts: int) -> int:
    """Return an hour of Paris in UTC ms."""
    return int(datetime(*parts, tzinfo=PARIS).timestamp() * 1000)


def formulary():
    """Return the formulary of the tests."""
    found, problems = read_formulary(FILES)
    assert found is not None
    assert problems == ()
    return found


def paracetamol(**more: object) -> Posology:
    """Return a line of paracetamol."""
    drug = formulary().drug("LIV0001")
    return Posology(
        label=drug.label, code=drug.code, substance=drug.substance, drug_class=drug.drug_class, route_code="PO",
        **{"dose_value": "1", "dose_unit": "g", "interval_hours": 6.0, **more},
    )  # fmt: skip


def warned(what: Posology, known: Known, switched: Switched = ALL) -> tuple[set[str], set[str]]:
    """Return the keys of the warnings, and what was not checked."""
    drug = formulary().drug(what.code)
    outcome = check_line(what, known, drug=drug, limits=formulary().limits, switched=switched)
    return {one.key for one in outcome.warnings}, {f"{one.check}:{one.why}" for one in outcome.unchecked}


def test_five_days_at_seven_noon_and_six_ordered_at_half_past_ten_are_fifteen_doses() -> None:
    """The vector of the French guide: the first is at noon, the last on the sixth day at seven."""
    start = at(2026, 6, 1, 10, 30)
    what = Posology(
        label="x", times=("07:00", "12:00", "18:00"), start_at=start, end_at=end_after(start, 5, PARIS)
    )
    doses = dose_hours(what, PARIS)
    assert len(doses) == 15
    assert (doses[0], doses[-1]) == (at(2026, 6, 1, 12), at(2026, 6, 6, 7))


def test_days_are_counted_on_the_clock_of_the_wall_when_it_changes() -> None:
    """Five days from 10:30 end at 10:30, and a daily dose neither comes twice nor is left out."""
    start = at(2026, 10, 23, 10, 30)
    end = end_after(start, 5, PARIS)
    assert end == at(2026, 10, 28, 10, 30)
    daily = Posology(label="x", interval_hours=24.0, start_at=start, end_at=end)
    assert dose_hours(daily, PARIS) == [at(2026, 10, day, 10, 30) for day in range(23, 28)]


def test_the_hours_announced_are_those_of_the_grid() -> None:
    """The prescriber is told fifteen doses: the nurse's grid must hold the same fifteen."""
    draw = random.Random(412)
    for _ in range(60):
        start = at(2026, 3, 26, 0) + draw.randrange(4 * 1440) * 60_000
        times = tuple(sorted({f"{draw.randrange(24):02d}:{draw.choice(('00', '30'))}" for _ in range(3)}))
        interval = None if draw.random() < 0.5 else float(draw.choice((4, 6, 8, 24, 48)))
        what = Posology(
            label="x", times=times if interval is None else (), interval_hours=interval, start_at=start,
            end_at=end_after(start, draw.randrange(1, 6), PARIS),
        )  # fmt: skip
        line = Line(
            status="active", times=what.times, interval_hours=interval, start_at=start, end_at=what.end_at
        )
        grid = slots_of(line, (), from_ms=start, to_ms=what.end_at, now_ms=start, heard_ms=None, zone=PARIS)
        assert dose_hours(what, PARIS) == [slot.at for slot in grid], (start, what)


@pytest.mark.parametrize(
    "role", ["clerk", "radiographer", "laboratory", "it", "auditor", "assistant", "crisis"]
)
def test_who_does_not_prescribe_is_refused_even_on_the_word_of_a_physician(role: str) -> None:
    """An order is written by those who may take one."""
    assert signature(role, told_by="Dr Vasseur", read_back=True) == Refusal(code="not-your-role")


@pytest.mark.parametrize("role", ["nurse", "pharmacist"])
def test_a_told_order_is_named_read_back_and_then_waits(role: str) -> None:
    """A nurse writes what a physician said, never what she thinks he would say."""
    assert signature(role, told_by="", read_back=True).code == "told-by-needed"
    assert signature(role, told_by="Dr Vasseur", read_back=False).code == "read-back-needed"
    assert signature(role, told_by="Dr Vasseur", read_back=True).awaits


def test_what_is_stopped_is_not_suspended_and_what_changed_is_looked_at_again() -> None:
    """A decision on a state that is no more is no decision."""
    assert may_act_on("suspend", status="stopped", place="a", decided_on="a").code == "not-running"
    assert may_act_on("resume", status="active", place="a", decided_on="a").code == "not-suspended"
    assert may_act_on("stop", status="active", place="b", decided_on="a").code == "changed-meanwhile"
    assert may_act_on("stop", status="active", place="a", decided_on="a") is None


def test_two_decisions_on_the_same_state_conflict_until_somebody_decides_again() -> None:
    """Neither of two physicians is silently overruled by the other."""
    first, one = Decision(act="0", place="p0", decided_on=""), Decision(act="1", place="p1", decided_on="p0")
    other = Decision(act="2", place="p2", decided_on="p0")
    assert conflicts((first, one)) == ()
    assert conflicts((first, one, other)) == ((one, other),)
    assert conflicts((first, one, other, Decision(act="3", place="p3", decided_on="p2"))) == ()


def test_a_signature_covers_the_acts_it_names_only() -> None:
    """What was told after it was signed waits again."""
    assert unsigned((("a", True, ()), ("b", False, ("a",)), ("c", True, ()))) == ("c",)


def test_an_allergy_is_found_by_name_and_by_family_and_silence_is_said() -> None:
    """The allergy is to penicillin; the product is called otherwise."""
    drug = formulary().drug("LIV0012")
    what = Posology(label=drug.label, code=drug.code, substance=drug.substance, drug_class=drug.drug_class)
    warnings, _ = warned(what, Known(allergy_state="stated", allergies=("Pénicilline",)))
    assert "allergy.class" in warnings
    warnings, _ = warned(what, Known(allergy_state="stated", allergies=("AMOXICILLIN",)))
    assert "allergy.substance" in warnings
    warnings, unchecked = warned(what, Known(allergy_state="stated", allergies=("Kiwi",)))
    assert "allergy.class" not in warnings
    assert "allergy:name-only" in unchecked
    assert "allergy:not-said" in warned(what, Known())[1]
    assert not any(key.startswith("allergy") for key in warned(what, Known(allergy_state="none-known"))[0])


def test_a_dose_of_a_child_is_compared_by_kilogram_or_said_not_to_be() -> None:
    """One gram four times a day is an adult's dose."""
    child = Known(allergy_state="none-known", weight_kg=12.0, weight_days=1, age_years=2.0)
    assert {"limits.dose-kg", "limits.day-kg"} <= warned(paracetamol(), child)[0]
    unweighed = msgspec.structs.replace(child, weight_kg=None)
    warnings, unchecked = warned(paracetamol(), unweighed)
    assert not any(key.startswith("limits") for key in warnings)
    assert "limits:weight" in unchecked
    assert "limits:age" in warned(paracetamol(), msgspec.structs.replace(child, age_years=None))[1]
    assert not warned(paracetamol(dose_value="180", dose_unit="mg"), child)[0] & {
        "limits.dose-kg",
        "limits.day-kg",
    }


@pytest.mark.parametrize(
    ("age", "days", "said", "compared"),
    [
        (2.0, 7, set(), True),
        (2.0, 14, {"limits:weight-old:14"}, False),
        (0.05, 2, {"limits:weight-old:2"}, False),  # a newborn of eighteen days
        (2.0, None, {"limits:weight-undated:"}, False),
    ],
)
def test_a_weight_that_is_too_old_is_said_with_its_age_and_a_child_is_not_compared_with_it(
    age: float, days: float | None, said: set[str], compared: bool
) -> None:
    """A child of last month is another child: a comparison with the old weight reads as a check that was made."""
    child = Known(allergy_state="none-known", weight_kg=12.0, weight_days=days, age_years=age)

    outcome = check_line(paracetamol(), child, drug=None, limits=formulary().limits, switched=ALL)

    told = {f"{one.check}:{one.why}:{one.about}" for one in outcome.unchecked if one.why.startswith("weight")}
    assert told == said
    assert any(one.kind == "dose-kg" for one in outcome.warnings) is compared
    assert ("limits" in outcome.made) is compared


def test_the_hospital_says_how_old_a_weight_may_be_and_an_adult_is_compared_all_the_same() -> None:
    """An adult's old weight is still a weight; what it is worth, the prescriber judges, if she is told its age."""
    limit = Limit(substance="paracétamol", unit="mg", dose_max_per_kg=10, source="Livret", weight_days=3)
    for age, kinds in ((50.0, {"dose-kg"}), (5.0, set())):
        known = Known(allergy_state="none-known", weight_kg=50.0, weight_days=4, age_years=age)
        outcome = check_line(paracetamol(), known, drug=None, limits=(limit,), switched=ALL)
        assert {one.kind for one in outcome.warnings if one.check == "limits"} == kinds
        assert "4" in {one.about for one in outcome.unchecked if one.why.startswith("weight-old")}


def test_six_grams_a_day_and_ten_times_the_usual_dose_are_told() -> None:
    """The slip of a point, and of an interval."""
    adult = Known(allergy_state="none-known", weight_kg=70.0, weight_days=1, age_years=50.0)
    assert "limits.day" in warned(paracetamol(interval_hours=4.0), adult)[0]
    assert {"tenfold.above", "limits.dose"} <= warned(paracetamol(dose_value="10"), adult)[0]
    assert "tenfold.below" in warned(paracetamol(dose_value="0.1"), adult)[0]
    assert "tenfold.above" in warned(paracetamol(dose_value="10000", dose_unit="mg"), adult)[0]
    assert "tenfold:unit" in warned(paracetamol(dose_unit="{tbl}"), adult)[1]
    assert not warned(paracetamol(), adult)[0]


def test_the_same_substance_twice_is_told_also_under_another_label() -> None:
    """Paracetamol hides in many boxes."""
    known = Known(allergy_state="none-known", running=(Running(line="l", label="PARACETAMOL 500 MG CPR"),))
    assert "duplicate.substance" in warned(paracetamol(), known)[0]
    other = Known(allergy_state="none-known", running=(Running(line="l", label="Furosémide"),))
    warnings, unchecked = warned(paracetamol(), other)
    assert "duplicate.substance" not in warnings
    assert "duplicate:lines" in unchecked


def test_what_nobody_switched_on_is_said_to_be_off_and_interactions_are_never_claimed() -> None:
    """An absent warning must not be read as: checked, nothing found."""
    outcome = check_line(paracetamol(dose_value="10"), Known(), drug=None, switched=Switched())
    told = {f"{one.check}:{one.why}" for one in outcome.unchecked}
    assert {"tenfold:off", "limits:off", "duplicate:off", "interactions:no-base"} <= told
    assert not {"tenfold", "limits", "interactions"} & set(outcome.made)


def test_two_people_where_the_hospital_says_so() -> None:
    """At the prescription, at the dose, or both."""
    what = Posology(label="Héparine", high_alert=True)
    assert not needs_second(Switched(), what)
    assert needs_second(Switched(second_at="both"), what)
    assert not needs_second(Switched(second_at="both"), Posology(label="Eau"))


def test_the_row_of_a_product_says_where_two_people_are_needed_before_the_choice_for_all() -> None:
    """Chemotherapy is checked when it is prescribed, insulin when it is given: one choice for all fits neither."""
    what = Posology(label="Héparine", high_alert=True)
    drugs = {
        word: Drug(code="1", system="local", label="Héparine", high_alert=True, second_at=word)
        for word in ("prescription", "administration", "both", "")
    }  # fmt: skip
    everywhere = Switched(second_at="both")
    told = {
        word: (needs_second(everywhere, what, drug), given_by_two(everywhere, drug, high_alert=True))
        for word, drug in drugs.items()
    }
    assert told == {
        "prescription": (True, False), "administration": (False, True), "both": (True, True), "": (True, True)
    }  # fmt: skip
    assert not given_by_two(Switched(second_at="prescription"), None, high_alert=True)
    assert not given_by_two(everywhere, drugs["both"], high_alert=False)


def test_an_order_number_is_the_acts_own_on_every_island() -> None:
    """Two islands that fold the same entry make one line of it; two acts make two."""
    keys = [f"key-{number}" for number in range(5000)]
    assert len({order_number(key) for key in keys}) == 5000
    assert order_number("k") == order_number("k")
    assert order_number("k").startswith("RLV")


@pytest.mark.parametrize(
    ("file", "before", "after", "column", "expected"),
    [
        ("formulary.csv", "1 g /6 5j|", "1 g six 5j|", "usual", "usual-dose"),
        ("formulary.csv", "LIV0001;local", "3400893766522;ucd13", "code", "drug-code"),
        ("formulary.csv", "LIV0012;local", "LIV0001;local", "code", "duplicate"),
        ("formulary.csv", ";PO;1 g", ";ORAL;1 g", "routes", "choice"),
        ("limits.csv", ";;15;;60;", ";;15,5 mg;;60;", "dose_max_per_kg", "decimal"),
        ("protocols.csv", "LIV0031", "LIV9999", "drug", "reference"),
    ],
)
def test_an_error_in_the_hospitals_files_is_named_with_line_and_column(
    file: str, before: str, after: str, column: str, expected: str
) -> None:
    """Whoever fills the spreadsheet must find the cell; what stands in it is not repeated."""
    text = FILES[file].decode()
    assert before in text
    found, problems = read_formulary({**FILES, file: text.replace(before, after, 1).encode()})
    assert found is None
    (problem,) = [one for one in problems if one.severity == "error"][:1]
    assert (problem.file, problem.column, problem.expected) == (file, column, expected)
    assert problem.line >= 2
    assert after not in problem.text("fr")


def test_a_code_with_a_right_key_is_taken() -> None:
    """A UCD of the registry."""
    text = FILES["formulary.csv"].decode().replace("LIV0030;local", "3400893766521;ucd13")
    assert read_formulary({"formulary.csv": text.encode()})[0].drug("3400893766521") is not None


@pytest.mark.parametrize("text", ["", "g", "1 g", "1 g 25", "1 g /0", "x g 8", "1 g 8;9", "1 g ??", "-1 g 8"])
def test_a_usual_dose_that_says_two_things_is_not_guessed(text: str) -> None:
    """A wrong proposal is signed at three in the morning."""
    assert read_usual(text) is None


def test_products_are_found_by_any_part_of_their_names_without_accents() -> None:
    """Nobody types accents in a hurry."""
    book = formulary()
    assert [one.code for one in book.find("paracetamol")] == ["LIV0001"]
    assert [one.code for one in book.find("ENOXA")] == ["LIV0022"]
    assert [one.code for one in book.find("acide amox")] == ["LIV0012"]
    assert [one.code for one in book.find("LIV0031")] == ["LIV0031"]
    assert book.find("") == book.find("   ") == book.find("zzz") == []
