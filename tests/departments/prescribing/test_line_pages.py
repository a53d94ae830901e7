"""What is done to a line through its pages: who may, what waits, what conflicts, what is refused and kept."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from line_island import (
    HOUR_MS,
    MINUTE_MS,
    NOW_MS,
    LineIsland,
    act,
    address,
    key_of,
    place,
    started,
    the_line,
)

from releve.departments.prescribing.tables import MedicationLineAct, MedicationRequest
from releve.record.tables import Act
from releve.web.opaque import seal
from screens import marks_in
from thinned import PART_AND_WHOLE, some

Enter = Callable[..., Client]


@pytest.fixture
def rose(island: LineIsland) -> str:
    """Return the address of somebody in bed 201, while the record is cut."""
    handle = island.admit("201", "MARTIN^ROSE", "201", extra="AL1|1|DA|PEN^Pénicilline^L|SV|Choc\r")
    island.cut("DPI", at_ms=NOW_MS - HOUR_MS)
    return handle


def changed(client: Client, handle: str, **more: str) -> Any:
    """Change the only line to 500 mg every eight hours."""
    row = the_line()
    fields = {
        "place": place(row), "dose_value": "500", "dose_unit": "mg", "route_code": row.route_code or "",
        "rhythm": "interval", "interval": "8", "act_key": f"key-of-change-{row.index}",
    }  # fmt: skip
    return client.post(address(handle, row, "change/"), fields | more)


def test_the_same_form_sent_twice_is_one_line(island: LineIsland, rose: str, enter: Enter) -> None:
    """The Wi-Fi dropped, she pressed again: not two grams."""
    physician = enter("physician")
    assert started(physician, rose).status_code == started(physician, rose).status_code == 302
    assert MedicationRequest.objects.count() == 1
    assert Act.objects.filter(kind="prescription.started.1").count() == 1


def test_the_entry_holds_what_was_signed_and_what_was_not_checked(
    island: LineIsland, rose: str, enter: Enter
) -> None:
    """Years later, the journal alone must tell."""
    started(enter("physician", family="VASSEUR", given="Hélène"), rose)
    (body,) = island.bodies("prescription.started.1")
    assert body["what"]["end_at"] - body["what"]["start_at"] == 5 * 86_400_000
    assert body["prescriber_name"] == "Hélène VASSEUR"
    assert body["applications"] == ["DPI"]
    assert "interactions:no-base" in body["unchecked"]
    assert "limits:off" in body["unchecked"]
    assert body["function"] == "prescribe"
    assert not body["awaits"]


def test_a_nurse_writes_on_the_word_of_a_physician_and_it_waits_for_a_signature(
    island: LineIsland, rose: str, enter: Enter
) -> None:
    """A told order is an order only once somebody signed it, and everybody sees that it is not."""
    nurse, physician = enter("nurse"), enter("physician", family="VASSEUR")
    refused = started(nurse, rose)
    assert refused.status_code == 422
    assert not MedicationRequest.objects.exists()
    assert "Nommez le médecin" in refused.content.decode()
    unread = started(nurse, rose, told_by="Dr Vasseur")
    assert unread.status_code == 422
    assert not MedicationRequest.objects.exists()
    assert started(nurse, rose, told_by="Dr Vasseur", read_back="on").status_code == 302
    assert the_line().awaits
    assert the_line().prescriber == "Dr Vasseur"
    assert "signature attendue" in nurse.get(f"/patient/{rose}/").content.decode()
    assert act(nurse, rose, "countersign").status_code == 403
    assert act(physician, rose, "countersign").status_code == 302
    assert the_line().awaits is False
    assert "signature attendue" not in nurse.get(f"/patient/{rose}/").content.decode()
    assert act(physician, rose, "countersign").status_code == 422


@pytest.mark.parametrize("role", ["clerk", "radiographer", "laboratory", "assistant", "crisis"])
def test_other_roles_read_and_write_nothing(island: LineIsland, rose: str, enter: Enter, role: str) -> None:
    """A form that is sent by hand is refused as its button would be."""
    started(enter("physician"), rose)
    other = enter(role)
    page = other.get(f"/patient/{rose}/prescribe/")
    assert page.status_code == 200
    assert 'name="q"' not in page.content.decode()
    assert started(other, rose, act_key="another-key-altogether").status_code == 403
    assert act(other, rose, "stop", reason="pour voir").status_code == 403
    assert changed(other, rose).status_code == 403
    assert MedicationRequest.objects.count() == 1
    assert the_line().status == "active"


def test_stop_suspend_resume_each_say_why_and_by_whom(island: LineIsland, rose: str, enter: Enter) -> None:
    """Who reads a line that stopped must know why."""
    physician = enter("physician")
    started(physician, rose)
    assert act(physician, rose, "suspend").status_code == 422
    assert act(physician, rose, "suspend", reason="Bloc à huit heures").status_code == 302
    assert the_line().status == "suspended"
    assert act(physician, rose, "suspend", reason="encore une fois").status_code == 422
    assert act(physician, rose, "resume").status_code == 302
    assert the_line().status == "active"
    assert act(physician, rose, "stop", reason="Douleur passée").status_code == 302
    assert the_line().status == "stopped"
    page = physician.get(address(rose, the_line())).content.decode()
    assert "Bloc à huit heures" in page
    assert "Douleur passée" in page
    assert act(physician, rose, "resume").status_code == 422
    assert Act.objects.filter(about=the_line().id).count() == 4


def test_an_opinion_is_a_pharmacists_and_changes_nothing(island: LineIsland, rose: str, enter: Enter) -> None:
    """The prescriber decides; the opinion stands beside the line."""
    physician, pharmacist = enter("physician"), enter("pharmacist")
    started(physician, rose)
    before = the_line()
    assert act(physician, rose, "opinion", opinion="advises", text="x").status_code == 403
    assert act(pharmacist, rose, "opinion").status_code == 422
    assert act(pharmacist, rose, "opinion", opinion="asks-change", text="Fonction rénale").status_code == 302
    after = the_line()
    assert (after.dose_value, after.status, place(after)) == (before.dose_value, before.status, place(before))
    assert "Fonction rénale" in physician.get(address(rose, after)).content.decode()


def test_a_received_line_is_looked_at_and_signed_one_by_one_with_its_doses(
    island: LineIsland, rose: str, enter: Enter
) -> None:
    """It stays the same line: a dose charted before must not be given again on a copy."""
    row = island.prescribe("201", "Ramipril 5 mg", "0800", code="LIV0031", dose="5", pattern="QD")
    physician = enter("physician", family="VASSEUR")
    page = physician.get(address(rose, the_line(), "change/"))
    assert page.status_code == 200
    assert "Ramipril" in page.content.decode()
    answer = changed(
        physician, rose, dose_value="5", rhythm="hours", times="8", interval="", note="Contrôler la PA"
    )
    assert answer.status_code == 302
    line = the_line()
    assert line.id == row
    assert line.source == "releve"
    assert line.note == "Contrôler la PA"
    (body,) = island.bodies("prescription.changed.1")
    assert body["revalidated"]
    assert body["before"]["dose_value"] == "5"
    assert body["what"]["substance"] == "ramipril"


def test_two_people_change_the_same_line_and_the_second_sees_what_the_first_did(
    island: LineIsland, rose: str, enter: Enter
) -> None:
    """What she typed is kept; sent again, having seen, it holds."""
    one, other = enter("physician", code="one", family="VASSEUR"), enter("physician", code="two")
    started(one, rose)
    seen = place(the_line())
    assert changed(one, rose, dose_value="750").status_code == 302
    late = changed(
        other, rose, place=seen, dose_value="650", note="ce que j’ai tapé", act_key="key-of-the-other"
    )
    page = late.content.decode()
    assert late.status_code == 422
    assert "VASSEUR" in page
    assert "750" in page
    assert "650" in page
    assert "ce que j’ai tapé" in page
    assert the_line().dose_value == "750"
    assert changed(other, rose, dose_value="650", act_key=key_of(late)).status_code == 302
    assert the_line().dose_value == "650"


def test_two_changes_that_crossed_both_stay_and_the_conflict_is_shown(
    island: LineIsland, rose: str, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On two islands nobody can ask: the page says it until somebody decides."""
    from releve.departments.prescribing import line_pages

    one, other = (
        enter("physician", code="one", family="VASSEUR"),
        enter("physician", code="two", family="MARTEL"),
    )
    started(one, rose)
    seen = the_line()
    assert changed(one, rose, dose_value="750").status_code == 302
    with monkeypatch.context() as crossed:
        crossed.setattr(line_pages, "place_of", lambda row: place(seen))
        assert (
            changed(other, rose, place=place(seen), dose_value="650", act_key="key-of-the-other").status_code
            == 302
        )
    page = one.get(address(rose, the_line())).content.decode()
    assert "Deux personnes ont modifié cette ligne" in page
    assert "750" in page
    assert "650" in page
    assert "MARTEL" in page
    assert MedicationLineAct.objects.filter(kind="prescription.changed.1").count() == 2
    assert changed(one, rose, dose_value="700").status_code == 302
    assert "Deux personnes ont modifié" not in one.get(address(rose, the_line())).content.decode()


def test_a_warning_is_passed_with_a_reason_that_stays(island: LineIsland, rose: str, enter: Enter) -> None:
    """She may know better than the page; the page must know that she did."""
    physician = enter("physician")
    amoxicillin = {"choose": "D:LIV0012:0", "route_code": "IV", "interval": "8", "days": "7"}
    refused = started(physician, rose, **amoxicillin)
    assert refused.status_code == 422
    assert "Pénicilline" in refused.content.decode()
    assert not MedicationRequest.objects.exists()
    assert (
        started(physician, rose, **amoxicillin, **{"why.allergy.class": "Réintroduite en 2024"}).status_code
        == 302
    )
    (body,) = island.bodies("prescription.started.1")
    assert body["warnings"] == [
        {"check": "allergy.class", "about": "Pénicilline | J01CR02", "reason": "Réintroduite en 2024"}
    ]


def test_lines_are_reconciled_one_by_one_and_signed(island: LineIsland, rose: str, enter: Enter) -> None:
    """Nothing is taken back into the application because a page proposed it."""
    island.prescribe("201", "Ramipril 5 mg", "0800", code="LIV0031", dose="5", pattern="QD")
    physician, nurse = enter("physician"), enter("nurse")
    started(physician, rose)
    url = f"/patient/{rose}/reconcile/"
    rows = {row.label: row for row in MedicationRequest.objects.all()}
    decisions = {}
    for label, decision in (("Ramipril 5 mg", "goes-on"), ("Paracétamol 1 g", "enter")):
        handle = seal(rows[label].id, "line")
        decisions |= {f"decide.{handle}": decision, f"place.{handle}": place(rows[label])}
    assert nurse.post(url, decisions).status_code == 403
    first = dict(list(decisions.items())[:2])
    assert physician.post(url, first).status_code == 422
    assert not island.bodies("prescription.reconciled.1")
    assert physician.post(url, decisions).status_code == 302
    (body,) = island.bodies("prescription.reconciled.1")
    assert {one["label"]: one["decision"] for one in body["decided"]} == {
        "Ramipril 5 mg": "goes-on", "Paracétamol 1 g": "enter",
    }  # fmt: skip
    assert "commencée ici" in nurse.get(url).content.decode()


def test_a_protocol_is_prescribed_line_by_line(island: LineIsland, rose: str, enter: Enter) -> None:
    """A button for all of them is how a child gets an adult's dose."""
    physician = enter("physician")
    page = physician.get(f"/patient/{rose}/prescribe/").content.decode()
    assert "Douleur aux urgences" in page
    assert 'value="P:EP:0"' in page
    chosen = physician.post(f"/patient/{rose}/prescribe/", {"step": "choose", "choose": "P:EP:0"})
    assert chosen.status_code == 200
    assert not MedicationRequest.objects.exists()
    once = {"choose": "P:EP:0", "rhythm": "once", "interval": "", "days": ""}
    assert started(physician, rose, **once).status_code == 302
    (body,) = island.bodies("prescription.started.1")
    assert body["protocol"] == "EP"
    assert body["what"]["once"]
    assert len(body["what"]["times"]) == 1


def test_a_product_that_is_typed_is_marked_and_compared_by_its_words_only(
    island: LineIsland, rose: str, enter: Enter
) -> None:
    """A formulary never holds everything."""
    physician = enter("physician")
    typed = {"choose": "F", "label": "Colimycine aérosol", "route_code": "IH", "dose_unit": "{puff}"}
    assert started(physician, rose, **typed).status_code == 302
    (body,) = island.bodies("prescription.started.1")
    assert body["what"]["free_text"]
    assert "allergy:no-class" in body["unchecked"]
    assert "texte libre" in physician.get(address(rose, the_line())).content.decode()
    assert started(physician, rose, **{**typed, "label": " "}).status_code == 422


def test_in_normal_times_one_reads_and_the_page_says_where_to_write(island: LineIsland, enter: Enter) -> None:
    """Two places to prescribe are one too many."""
    handle = island.admit("202", "PETIT^JEAN", "202")
    physician = enter("physician")
    page = physician.get(f"/patient/{handle}/prescribe/").content.decode()
    assert "Lecture seule" in page
    assert "Dossier du patient" in page
    assert 'name="q"' not in page
    refused = started(physician, handle)
    assert refused.status_code == 422
    assert "Dossier du patient" in refused.content.decode()
    assert not MedicationRequest.objects.exists()


def test_what_was_done_during_the_cut_is_taken_afterwards_and_marked_late(
    island: LineIsland, rose: str, enter: Enter
) -> None:
    """The paper sheet is found when the application is back."""
    physician = enter("physician")
    island.cut("DPI", status="live", at_ms=NOW_MS - 5 * MINUTE_MS)
    assert started(physician, rose).status_code == 422
    assert started(physician, rose, happened_at="02:40", paper="P-0412").status_code == 302
    (body,) = island.bodies("prescription.started.1")
    assert body["late"]
    assert body["paper"] == "P-0412"


HOSTILE = (
    "<script>alert(1)</script>", "'; DROP TABLE prescribing_request;--", "\u202e05", "😀" * 30, "a\x00b", "9" * 500,
    "31/02/2026 03:00", "01/01/1900 00:00", "-1", "1e9", "२",
)  # fmt: skip
FIELDS = (
    "dose_value", "times", "interval", "start", "days", "note", "condition", "told_by", "happened_at", "paper",
    "route_code", "dose_unit", "rhythm", "choose", "act_key",
)  # fmt: skip


@pytest.mark.parametrize("part", PART_AND_WHOLE)
@pytest.mark.parametrize("field", FIELDS)
def test_hostile_input_is_refused_in_words_or_kept_as_text(
    island: LineIsland, rose: str, enter: Enter, field: str, part: str
) -> None:
    """No page breaks, no script runs, no figure is guessed; what was typed stands in the form again."""
    physician = enter("physician")
    more = {"rhythm": "hours", "times": "8"} if field == "times" else {}
    if field == "condition":
        more = {"rhythm": "needed"}
    lines = 0
    for number, value in enumerate(some(HOSTILE, part, FIELDS.index(field))):
        fields = {**more, "act_key": f"key-of-a-hostile-form-{number}", field: value}
        answer = started(physician, rose, **fields)
        assert answer.status_code in (302, 422), value
        assert "<script>alert(1)" not in answer.content.decode()
        lines += answer.status_code == 302
    assert MedicationRequest.objects.count() == lines
    assert {row.dose_value for row in MedicationRequest.objects.all()} <= {"1"}
    assert "<script>alert(1)" not in physician.get(f"/patient/{rose}/").content.decode()


@pytest.mark.parametrize("start", ["29/03/2027 02:30", "28/03/2027 02:30", "25/10/2026 02:30"])
def test_an_hour_that_is_skipped_or_doubled_is_asked_about(
    island: LineIsland, rose: str, enter: Enter, start: str
) -> None:
    """A first dose at an hour that does not exist is nobody's order."""
    answer = started(enter("physician"), rose, start=start)
    assert answer.status_code == 422
    assert not MedicationRequest.objects.exists()


def test_a_form_of_ten_megabytes_is_refused(island: LineIsland, rose: str, enter: Enter) -> None:
    """One screen must not take the island down."""
    assert started(enter("physician"), rose, note="x" * 10_000_000).status_code in (400, 413, 422)
    assert not MedicationRequest.objects.exists()


def test_a_line_of_somebody_else_is_not_reached_through_this_patient(
    island: LineIsland, rose: str, enter: Enter
) -> None:
    """An address put together by hand opens nothing."""
    other = island.admit("202", "PETIT^JEAN", "202")
    physician = enter("physician")
    started(physician, rose)
    assert physician.get(address(other, the_line())).status_code == 404
    assert physician.get(f"/patient/{rose}/line/abc/").status_code == 404
    assert (
        physician.post(f"/patient/{rose}/prescribe/", {"step": "choose", "choose": "L:abc"}).status_code
        == 422
    )


def test_what_is_decided_on_a_line_never_stands_before_it(
    island: LineIsland, rose: str, enter: Enter
) -> None:
    """The hour typed has no seconds: a stop at 03:10 must not be undone by the message of 03:10:40."""
    island.now_ms = NOW_MS + 40_000
    island.prescribe(
        "201", "Ramipril 5 mg", "0800", code="LIV0031", dose="5", pattern="QD", at="20261121031040+0100"
    )
    assert act(enter("physician"), rose, "stop", reason="Hypotension", happened_at="03:10").status_code == 302
    assert the_line().status == "stopped"


def test_what_was_told_is_signed_also_when_the_ward_no_longer_writes_here(
    island: LineIsland, rose: str, enter: Enter
) -> None:
    """The physician who told it at four comes by at nine, when the application is back."""
    assert started(enter("nurse"), rose, told_by="Dr Vasseur", read_back="on").status_code == 302
    island.now_ms = NOW_MS + 2 * HOUR_MS
    island.cut("DPI", status="live", at_ms=NOW_MS + HOUR_MS)
    physician = enter("physician")
    assert "Je signe cette ligne" in physician.get(address(rose, the_line())).content.decode()
    assert act(physician, rose, "stop", reason="Douleur passée").status_code == 422
    assert act(physician, rose, "countersign").status_code == 302
    (body,) = island.bodies("prescription.countersigned.1")
    assert body["late"]
    assert body["applications"] == ["DPI"]


def test_a_line_changed_on_its_third_day_keeps_the_end_that_was_prescribed(
    island: LineIsland, rose: str, enter: Enter
) -> None:
    """Days counted again from its beginning would end it in the past, and nobody would give it."""
    assert started(enter("physician"), rose).status_code == 302
    end = the_line().end_at
    island.now_ms = NOW_MS + 50 * HOUR_MS
    physician = enter("physician", code="later")
    page = physician.get(address(rose, the_line(), "change/")).content.decode()
    assert 'name="days" value="3"' in page
    assert changed(physician, rose, days="3").status_code == 302
    assert the_line().end_at == end
    assert changed(physician, rose, days="1", act_key="key-of-another-change").status_code == 302
    assert island.now_ms < (the_line().end_at or 0) <= island.now_ms + 24 * HOUR_MS


def test_a_prescriber_s_number_that_does_not_fit_is_told_and_never_refused(
    island: LineIsland, rose: str, enter: Enter
) -> None:
    """A line told at night is given; the number is read again, and stays as it was told."""
    nurse = enter("nurse")

    told = {"told_by": "Dr Vasseur 10003456788", "read_back": "on"}
    asked = started(nurse, rose, **told)
    answer = started(nurse, rose, **told, read_again=marks_in(asked))

    assert answer.status_code == 302
    assert "RPPS ne correspond pas à sa clé" in nurse.get(answer["Location"]).content.decode()
    assert island.bodies("prescription.started.1")[0]["told_by"] == "Dr Vasseur 10003456788"
