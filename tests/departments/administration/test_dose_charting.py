"""What is asked before a dose is recorded, two people, two chartings of one dose, late acts, the closed department."""

from collections.abc import Callable

import msgspec
import pytest
from django.test import Client
from dose_forms import LINE, THREE, form_of, open_form
from dose_island import DAY_MS, MINUTE_MS, NOW_MS, PASSWORD, DoseIsland

from releve.bedside.dose_desk import charting_handle, dose_handle
from releve.departments.prescribing.dose_facts import DoseCorrected, DoseGiven
from releve.record.acts import draft_of
from thinned import PART_AND_WHOLE, some

KCL = "CHV:8000201/P9"


@pytest.fixture
def patient(island: DoseIsland) -> str:
    """Return the address of a person with furosemide and potassium due at 03:00, while the record is cut."""
    handle = island.admit("8000201", "DELORME", "201")
    island.prescribe("8000201", "Furosémide", "0300", "0900", code="3400893766521")
    island.prescribe("8000201", "Chlorure de potassium 10 %", "0300", placer="P9", dose="1", unit="g")
    island.prescribe("8000201", "Morphine", placer="P5", dose="5", pattern="PRNQ4H", condition="si douleur")
    island.cut(at_ms=NOW_MS - 23 * MINUTE_MS)
    return handle


def give(client: Client, handle: str, **fields: str):
    """Open the form of 03:00 and send it."""
    return client.post(f"/patient/{handle}/dose/", open_form(client, handle) | {"what": "given"} | fields)


def test_a_dose_not_given_says_why(island: DoseIsland, nurse: Client, patient: str) -> None:
    """An omission without a reason is read as a forgotten dose."""
    form = open_form(nurse, patient, no=True)
    refused = nurse.post(f"/patient/{patient}/dose/", form)
    assert refused.status_code == 422
    assert "Choisissez pourquoi" in refused.content.decode()

    form = form_of(refused.content.decode()) | {"reason": "measured", "note": "TA 8/5"}
    assert nurse.post(f"/patient/{patient}/dose/", form).status_code == 302

    (dose,) = island.doses()
    assert (dose.status, dose.reason_code, dose.reason) == ("omitted", "measured", "TA 8/5")
    page = nurse.get(f"/patient/{patient}/grid/").content.decode()
    assert "slot--omitted" in page
    assert "TA 8/5" in page


@pytest.mark.parametrize(
    ("typed", "words", "status"),
    [("10", "Moins que prescrit", "partial"), ("200", "Plus que prescrit", "given")],
)
def test_another_dose_than_prescribed_is_asked_about_once(
    island: DoseIsland, nurse: Client, patient: str, typed: str, words: str, status: str
) -> None:
    """Ten times too much is one key; half of it is a dose given in part. What was done is recorded all the same."""
    answer = give(nurse, patient, dose_value=typed)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    form = form_of(answer.content.decode())
    assert form["dose_value"] == typed

    assert nurse.post(f"/patient/{patient}/dose/", form | {"what": "given", "sure": "on"}).status_code == 302

    assert [(dose.status, dose.dose_value) for dose in island.doses()] == [(status, typed)]


def test_a_tick_answers_only_what_was_asked(island: DoseIsland, nurse: Client, patient: str) -> None:
    """Somebody else charts it while I answer about the dose: the new question is asked too."""
    form = form_of(give(nurse, patient, dose_value="10").content.decode()) | {"what": "given", "sure": "on"}
    give(nurse, patient)

    answer = nurse.post(f"/patient/{patient}/dose/", form)

    assert answer.status_code == 422
    assert "déjà notée" in answer.content.decode()
    assert len(island.doses()) == 1


def test_a_high_alert_drug_takes_the_badge_and_code_of_another_nurse(
    island: DoseIsland, nurse: Client, patient: str
) -> None:
    """Potassium in a vein is checked by two pairs of eyes."""
    island.account("srousseau", "nurse", ("2140",), family="ROUSSEAU", given="Solène")
    island.account("clerk9", "clerk", ("2140",))
    path = f"/patient/{patient}/dose/"
    form = open_form(nurse, patient, line=KCL) | {"what": "given"}
    alone = nurse.post(path, form)
    assert alone.status_code == 422
    assert "À deux" in alone.content.decode()
    for badge, pin in (("nurse1", PASSWORD), ("srousseau", "faux-0000"), ("clerk9", PASSWORD)):
        assert nurse.post(path, form | {"second": badge, "second_pin": pin}).status_code == 422
    assert island.doses() == []

    assert nurse.post(path, form | {"second": "srousseau", "second_pin": PASSWORD}).status_code == 302

    (dose,) = island.doses()
    assert (dose.by, dose.second, dose.alone) == ("Nadia KERVELLA", "Solène ROUSSEAU", None)


def test_alone_with_a_high_alert_drug_says_why_and_is_listed(
    island: DoseIsland, nurse: Client, patient: str
) -> None:
    """One nurse for a ward at night: care goes on, and somebody reads it again tomorrow."""
    form = open_form(nurse, patient, line=KCL) | {"what": "given", "alone": "seule de nuit, collègue en réa"}

    assert nurse.post(f"/patient/{patient}/dose/", form).status_code == 302

    assert island.doses()[0].alone == "seule de nuit, collègue en réa"
    assert "collègue en réa" in nurse.get("/ward/2140/doses/").content.decode()


def test_a_second_charting_is_asked_about_then_both_stay_and_the_board_says_so(
    island: DoseIsland, nurse: Client, patient: str, enter: Callable[..., Client]
) -> None:
    """Two nurses, one dose: whether it was given twice is asked, never decided here."""
    other = enter("midwife", code="sf1")
    late_form = open_form(other, patient) | {"what": "given"}
    give(nurse, patient)

    asked = other.post(f"/patient/{patient}/dose/", late_form)
    assert asked.status_code == 422
    sure = form_of(asked.content.decode()) | {"what": "given", "sure": "on"}
    assert other.post(f"/patient/{patient}/dose/", sure).status_code == 302

    assert [dose.status for dose in island.doses()] == ["given", "given"]
    grid = nurse.get(f"/patient/{patient}/grid/").content.decode()
    assert "Peut-être noté deux fois" in grid
    assert "deux fois" in nurse.get("/ward/2140/").content.decode()
    assert "deux fois" in nurse.get(f"/patient/{patient}/").content.decode()


def test_two_people_at_the_same_second_both_stay_and_the_safer_reading_counts(
    island: DoseIsland, nurse: Client, patient: str
) -> None:
    """One island charts it given while the other charts it not given: nothing of it is given again."""
    given = give(nurse, patient)
    assert given.status_code == 302
    entry = next(one for one in island.entries if one.kind == "dose.given.1")
    form = open_form(nurse, patient, no=True) | {"reason": "asleep"}
    asked = nurse.post(f"/patient/{patient}/dose/", form)
    sure = form_of(asked.content.decode()) | {"reason": "asleep", "sure": "on"}
    assert nurse.post(f"/patient/{patient}/dose/", sure).status_code == 302
    assert entry.kind == "dose.given.1"

    grid = nurse.get(f"/patient/{patient}/grid/").content.decode()

    assert grid.count("slot--twice") == 2
    assert 'Donner<span class="hidden"> Furosémide 03:00' not in grid  # given is the safer of the two
    assert "Peut-être noté deux fois" in grid


def test_the_same_form_sent_twice_is_one_dose(island: DoseIsland, nurse: Client, patient: str) -> None:
    """A finger that trembles presses twice."""
    form = open_form(nurse, patient) | {"what": "given"}
    for _ in range(2):
        assert nurse.post(f"/patient/{patient}/dose/", form).status_code == 302

    assert len(island.doses()) == 1


def test_a_line_stopped_meanwhile_is_said_before_the_dose_is_recorded(
    island: DoseIsland, nurse: Client, patient: str
) -> None:
    """The form was open while the physician stopped the drug."""
    form = open_form(nurse, patient) | {"what": "given"}
    island.prescribe("8000201", "Furosémide", code="3400893766521", control="DC", at="20261121030500")

    answer = nurse.post(f"/patient/{patient}/dose/", form)

    assert answer.status_code == 422
    text = answer.content.decode()
    assert "La prescription a changé" in text
    assert "plus active" in text
    sure = form_of(text) | {"what": "given", "sure": "on"}
    assert nurse.post(f"/patient/{patient}/dose/", sure).status_code == 302
    assert island.last("dose.given.1")["warned"] == ["changed", "not-active"]


def test_a_wrong_charting_is_put_right_and_what_it_said_stays(
    island: DoseIsland, nurse: Client, patient: str
) -> None:
    """Charted on the wrong patient: nothing was given here, and the hour is due again."""
    give(nurse, patient)
    row = island.doses()[0]
    page = nurse.get(f"/patient/{patient}/grid/?fix={charting_handle(row.id)}").content.decode()
    form = form_of(page) | {"status": "deleted", "why": "note destinée au 202"}

    assert nurse.post(f"/patient/{patient}/dose/correct/", form).status_code == 302

    (dose,) = island.doses()
    assert (dose.status, dose.was_status, dose.was_dose, dose.correction) == (
        "deleted", "given", "20", "note destinée au 202",
    )  # fmt: skip
    assert "dose.given.1" in island.kinds()
    after = nurse.get(f"/patient/{patient}/grid/").content.decode()
    assert 'Donner<span class="hidden"> Furosémide 03:00' in after
    assert "note destinée au 202" in after


def test_two_corrections_at_once_the_second_is_told(island: DoseIsland, nurse: Client, patient: str) -> None:
    """Whoever puts it right reads what it says now, not what it said when the page was opened."""
    give(nurse, patient)
    path = f"/patient/{patient}/grid/?fix={charting_handle(island.doses()[0].id)}"
    first, second = (form_of(nurse.get(path).content.decode()) for _ in range(2))
    changes = {"status": "partial", "dose_value": "10", "why": "vomi"}
    assert nurse.post(f"/patient/{patient}/dose/correct/", first | changes).status_code == 302

    answer = nurse.post(f"/patient/{patient}/dose/correct/", second | changes | {"why": "autre"})

    assert answer.status_code == 422
    assert "entre-temps" in answer.content.decode()
    assert 'value="autre"' in answer.content.decode()


@pytest.mark.parametrize("order", [("b", "c"), ("c", "b")])
def test_two_islands_that_put_one_dose_right_are_both_shown_until_somebody_settles_it(
    island: DoseIsland, nurse: Client, patient: str, order: tuple[str, str]
) -> None:
    """One writes 10 mg, the other "nothing done": the later clock must not decide what the patient received."""
    give(nurse, patient)
    row = island.doses()[0]
    said = {"b": ("partial", "10", "vomi"), "c": ("deleted", "", "autre patient")}
    for origin in order:
        status, value, why = said[origin]
        act = DoseCorrected(
            act=f"put-right-{origin}", person=row.person, function="administer", happened_at=NOW_MS, by="bmorel",
            by_name="MOREL Bruno", request=row.request, label=row.label, dose=row.id, status=status, given_at=NOW_MS,
            dose_value=value, dose_unit="mg", why=why, was_status="given", seen=(),
        )  # fmt: skip
        island.hear(draft_of(act), origin, at_ms=NOW_MS + MINUTE_MS * (origin == "b"))

    page = nurse.get(f"/patient/{patient}/grid/").content.decode()
    warned = page[page.index("aucune n’avait vu l’autre") :]
    assert "10\u00a0mg" in warned and "vomi" in warned and "autre patient" in warned  # noqa: PT018
    assert warned.count("MOREL Bruno") >= 2

    form = form_of(nurse.get(f"/patient/{patient}/grid/?fix={charting_handle(row.id)}").content.decode())
    sent = form | {"status": "partial", "dose_value": "10", "why": "demandé aux deux"}
    assert nurse.post(f"/patient/{patient}/dose/correct/", sent).status_code == 302

    assert island.last("dose.corrected.1")["seen"] == ["b/1#0", "c/1#0"]
    assert "aucune n’avait vu l’autre" not in nurse.get(f"/patient/{patient}/grid/").content.decode()


def test_as_needed_says_from_when_and_asks_when_it_is_too_soon(
    island: DoseIsland, nurse: Client, patient: str
) -> None:
    """Morphine every four hours at most, however much it hurts."""
    line = "CHV:8000201/P5"
    form = open_form(nurse, patient, None, line=line) | {"what": "given", "alone": "seule"}
    assert nurse.post(f"/patient/{patient}/dose/", form | {"happened_at": "02:50"}).status_code == 302
    page = nurse.get(f"/patient/{patient}/grid/").content.decode()
    assert "06:50" in page

    again = nurse.post(
        f"/patient/{patient}/dose/",
        open_form(nurse, patient, None, line=line) | {"what": "given", "alone": "seule"},
    )

    assert again.status_code == 422
    assert "Plus tôt que l’intervalle" in again.content.decode()


def test_a_role_that_gives_no_drugs_records_none(
    island: DoseIsland, patient: str, enter: Callable[..., Client]
) -> None:
    """A clerk opens the page to find a bed, not to chart."""
    clerk = enter("clerk")
    page = clerk.get(f"/patient/{patient}/grid/").content.decode()
    assert "Ne pas donner" not in page
    nurse = enter("nurse")

    answer = clerk.post(f"/patient/{patient}/dose/", open_form(nurse, patient) | {"what": "given"})

    assert answer.status_code in (403, 422)
    assert island.doses() == []


def test_while_the_application_works_the_grid_only_shows(island: DoseIsland, nurse: Client) -> None:
    """At any moment a ward has one place to write; the page says which."""
    handle = island.admit("8000203", "LE ROUX", "203")
    island.prescribe("8000203", "Furosémide", "0300", code="3400893766521")
    page = nurse.get(f"/patient/{handle}/grid/").content.decode()
    assert "Dossier du patient" in page
    assert "Enregistrer" not in page
    assert "Ne pas donner" not in page
    island.cut(at_ms=NOW_MS - 23 * MINUTE_MS)
    form = open_form(nurse, handle, line="CHV:8000203/P1") | {"what": "given", "happened_at": "02:00"}
    island.cut(status="live", at_ms=NOW_MS - MINUTE_MS)

    answer = nurse.post(f"/patient/{handle}/dose/", form)

    assert answer.status_code == 422
    assert "Dossier du patient" in answer.content.decode()
    assert island.doses() == []


def test_paper_found_after_the_return_is_a_late_act_and_is_listed(
    island: DoseIsland, nurse: Client, patient: str
) -> None:
    """What was given while one wrote here is taken whenever its paper turns up."""
    island.cut(status="live", at_ms=NOW_MS - MINUTE_MS)
    page = nurse.get(f"/patient/{patient}/grid/").content.decode()
    assert "Papier retrouvé" in page
    late = f"/patient/{patient}/grid/?late=1"
    assert "Donner" in nurse.get(late).content.decode()
    form = form_of(nurse.get(f"{late}&dose={dose_handle(LINE, THREE)}").content.decode())

    answer = nurse.post(
        f"/patient/{patient}/dose/",
        form
        | {"what": "given", "dose_value": "20", "happened_at": "03:00", "paper": "2140-07", "alone": "x"},
    )

    assert answer.status_code == 302
    (dose,) = island.doses()
    assert dose.late is True
    assert "2140-07" in nurse.get("/ward/2140/doses/").content.decode()


def test_a_dose_that_waited_in_the_browser_is_marked_not_checked(
    island: DoseIsland, nurse: Client, patient: str
) -> None:
    """The Wi-Fi was gone: what was given was given, whoever charted it meanwhile, and nothing was checked."""
    form = open_form(nurse, patient) | {"what": "given"}
    give(nurse, patient)
    at = str(NOW_MS - 5 * MINUTE_MS)
    waited = {"outbox_at_ms": at, "outbox_clock_ms": at, "outbox_offset_ms": "0"}

    assert nurse.post(f"/patient/{patient}/dose/", form | waited).status_code == 302

    first, second = island.doses()
    assert (second.offline, second.given_at) == (True, NOW_MS - 5 * MINUTE_MS)
    assert not first.offline
    assert "pas vérifié" in nurse.get("/ward/2140/doses/").content.decode()


HOSTILE = [
    "<script>alert(1)</script>", "'; DROP TABLE record_act; --", "\u202eabc", "\U0001f48a" * 50, "\x00", "0", "-5",
    "1e9", "NaN", "٣", "31/02/2026 25:99", "21/11/2036 03:00", "01/01/1900 00:00", "x" * 100_000,
]  # fmt: skip


TYPED = ("dose_value", "happened_at", "product", "note", "told_by", "paper", "place")


@pytest.mark.parametrize("part", PART_AND_WHOLE)
@pytest.mark.parametrize("field", TYPED)
def test_hostile_input_is_refused_at_its_field_or_kept_as_text(
    island: DoseIsland, nurse: Client, patient: str, field: str, part: str
) -> None:
    """Whatever is typed, pasted or sent by a machine: a page in words, never a broken one, never markup."""
    for value in some(HOSTILE, part, TYPED.index(field)):
        answer = give(nurse, patient, **{field: value})
        assert answer.status_code in (302, 422), (field, value[:20])
        page = nurse.get(f"/patient/{patient}/grid/").content.decode()
        assert "<script>alert" not in answer.content.decode() + page
    for dose in island.doses():
        assert dose.given_at is not None
        assert NOW_MS - 120 * DAY_MS <= dose.given_at <= NOW_MS + 2 * MINUTE_MS


@pytest.mark.parametrize("what", ["", "deleted", "<b>", "ended"])
def test_a_button_that_does_not_exist_is_a_dose_given_or_refused(
    island: DoseIsland, nurse: Client, patient: str, what: str
) -> None:
    """A form is data from outside, its buttons too."""
    assert give(nurse, patient, what=what).status_code in (302, 422)
    assert {dose.status for dose in island.doses()} <= {"given", "ended"}


def test_an_hour_that_happens_twice_asks_which(island: DoseIsland, nurse: Client, patient: str) -> None:
    """The night of 25 October has two hours of two o’clock: the dose belongs to one of them."""
    answer = give(nurse, patient, happened_at="25/10/2026 02:30")

    assert answer.status_code == 422
    assert "02:30 A" in answer.content.decode()


def test_nobody_charts_by_a_handle_of_another_person(island: DoseIsland, nurse: Client, patient: str) -> None:
    """A form of one patient sent to the address of another records nothing."""
    other = island.admit("8000202", "KERBRAT", "202")

    assert nurse.post(f"/patient/{other}/dose/", open_form(nurse, patient)).status_code == 404
    assert nurse.post(f"/patient/{patient}/dose/", {"dose": "x" * 5000}).status_code == 404
    assert nurse.get(f"/patient/{patient}/grid/?dose=%00&fix={'a' * 3000}").status_code == 200
    assert island.doses() == []


def test_an_infusion_is_started_and_stopped(island: DoseIsland, nurse: Client) -> None:
    """A bag runs for hours: its beginning and its end are two moments of the grid."""
    handle = island.admit("8000203", "LE ROUX", "203")
    line = island.prescribe(
        "8000203",
        "Chlorure de sodium 0,9 %",
        placer="P7",
        dose="1000",
        unit="mL",
        pattern="C",
        rate="42^mL/h",
    )
    island.cut(at_ms=NOW_MS - 23 * MINUTE_MS)
    for what, hour in (("started", "02:50"), ("ended", "03:05")):
        form = open_form(nurse, handle, None, line=line) | {"what": what, "happened_at": hour}
        assert nurse.post(f"/patient/{handle}/dose/", form).status_code == 302

    assert [(dose.status, dose.rate) for dose in island.doses()] == [
        ("started", "42 mL/h"),
        ("ended", "42 mL/h"),
    ]
    page = nurse.get(f"/patient/{handle}/grid/").content.decode()
    assert "débuté" in page
    assert "arrêté" in page
    assert "slot--twice" not in page


BESIDE = ("second", "second_pin", "alone", "dose", "answers_to", "read", "act_key")


@pytest.mark.parametrize("part", PART_AND_WHOLE)
@pytest.mark.parametrize("field", BESIDE)
def test_hostile_input_beside_a_high_alert_drug(
    island: DoseIsland, nurse: Client, patient: str, field: str, part: str
) -> None:
    """The fields of the second person are typed in a hurry, or by somebody who should not."""
    for value in some(HOSTILE, part, BESIDE.index(field)):
        form = open_form(nurse, patient, line=KCL) | {"what": "given", "alone": "seule"} | {field: value}
        answer = nurse.post(f"/patient/{patient}/dose/", form)
        assert answer.status_code in (302, 404, 422), (field, value[:20])
        assert "<script>alert" not in answer.content.decode()
    assert "<script>alert" not in nurse.get("/ward/2140/doses/").content.decode()


CORRECTED = ("status", "dose_value", "reason", "why", "happened_at", "note", "place", "dose")


@pytest.mark.parametrize("part", PART_AND_WHOLE)
@pytest.mark.parametrize("field", CORRECTED)
def test_hostile_input_in_a_correction(
    island: DoseIsland, nurse: Client, patient: str, field: str, part: str
) -> None:
    """What puts a charting right is as little to be trusted as what charted it."""
    give(nurse, patient)
    for value in some(HOSTILE, part, CORRECTED.index(field)):
        row = island.doses()[0]
        page = nurse.get(f"/patient/{patient}/grid/?fix={charting_handle(row.id)}").content.decode()
        if 'id="form"' not in page:
            break  # put right as never done: nothing is left to put right
        form = form_of(page) | {"status": "partial", "why": "vomi", "dose_value": "10"} | {field: value}
        answer = nurse.post(f"/patient/{patient}/dose/correct/", form)
        assert answer.status_code in (302, 404, 422), (field, value[:20])
        assert "<script>alert" not in answer.content.decode()
    assert "<script>alert" not in nurse.get(f"/patient/{patient}/grid/").content.decode()


def test_two_entries_of_one_second_are_both_there(island: DoseIsland, nurse: Client, patient: str) -> None:
    """Two screens, two nurses, one second: neither form could know of the other, and neither entry is lost."""
    give(nurse, patient)
    first = next(entry for entry in island.entries if entry.kind == "dose.given.1")
    act = msgspec.msgpack.decode(first.body, type=DoseGiven)
    other = msgspec.structs.replace(act, act="another-form", by="srousseau", by_name="Solène ROUSSEAU")
    island.append([msgspec.structs.replace(draft_of(other), author="srousseau", source="screen:10.0.0.9")])

    assert {dose.by for dose in island.doses()} == {"Nadia KERVELLA", "Solène ROUSSEAU"}
    assert "Peut-être noté deux fois" in nurse.get(f"/patient/{patient}/grid/").content.decode()
    assert "Peut-être noté deux fois" in nurse.get("/ward/2140/doses/").content.decode()
    assert "deux fois" in nurse.get("/ward/2140/").content.decode()
    assert island.kinds().count("dose.given.1") == 2


def test_a_dose_of_a_line_told_under_another_number_is_a_dose_of_that_line(
    island: DoseIsland, nurse: Client
) -> None:
    """Filed under the number that was kept it belonged to no line: the dose was shown as due, and given again."""
    handle = island.admit("8000202", "KERVRAN", "203")
    island.prescribe("8000203", "Furosémide", "0300", "0900", code="3400893766521")
    island.say(
        "message.hl7v2",
        b"MSH|^~\\&|GAM|CHV|RELEVE||20261120110000||ADT^A40|merge|P|2.5\rEVN||20261120110000\r"
        b"PID|||8000202^^^CHV^PI||KERVRAN\rMRG|8000203^^^CHV^PI\r",
    )
    island.cut(at_ms=NOW_MS - 23 * MINUTE_MS)
    form = open_form(nurse, handle, line="CHV:8000203/P1")
    assert nurse.post(f"/patient/{handle}/dose/", form | {"what": "given"}).status_code == 302

    (dose,) = island.doses()
    assert dose.line == "CHV:8000203/P1"
    grid = nurse.get(f"/patient/{handle}/grid/").content.decode().partition("</table>")[0]
    assert "slot--given" in grid
