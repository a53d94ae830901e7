"""What two islands said without having heard one another: both stand, and a person decides. One test for each rule.

The rules are the table of `docs/reference` for islands; A is this island, what B wrote is folded as it is pulled.
"""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from django.test import Client
from neighbours import HOUR_MS, LOG_B, MINUTE_MS, NOW_MS, NeighbourIsland

from releve.departments.observations.statement_facts import AlertStated, AllergyStatedHere
from releve.departments.prescribing.dose_facts import DoseGiven
from releve.departments.prescribing.line_facts import (
    Posology,
    PrescriptionResumed,
    PrescriptionStarted,
    PrescriptionStopped,
    PrescriptionSuspended,
)
from releve.record.acts import CareAct, draft_of

PERSON = "CHV:501"
LINE = f"{PERSON}/RX1"


@pytest.fixture
def marie(island: NeighbourIsland) -> str:
    """Return the handle of somebody in bed 201, while the record is cut; B and C are known."""
    handle = island.admit("501", "DURAND", "201")
    island.cut("DPI")
    island.others()
    island.exchange()
    return handle


def act(kind: type[CareAct], key: str, minutes_ago: int, **more: Any) -> Any:
    """Return an act of care on Marie."""
    return kind(
        act=key, person=more.pop("person", PERSON), visit="V501", ward="2140",
        function=more.pop("function", "prescribe"), happened_at=NOW_MS - minutes_ago * MINUTE_MS, by="x",
        by_name="X", **more,
    )  # fmt: skip


def here(island: NeighbourIsland, said: CareAct) -> str:
    """Record an act on A; return its place."""
    draft = msgspec.structs.replace(draft_of(said), source="screen:1")
    (receipt,) = island.append([draft])
    return f"{receipt.origin}/{receipt.epoch}#{receipt.index}"


def there(island: NeighbourIsland, said: CareAct, log: str = LOG_B) -> str:
    """Fold an act that B recorded; return its place."""
    draft = msgspec.structs.replace(draft_of(said), source="screen:9")
    receipt = island.hear_from(log, draft, at_ms=said.happened_at)
    return f"{receipt.origin}/{receipt.epoch}#{receipt.index}"


def line_started(island: NeighbourIsland) -> str:
    """Prescribe paracetamol on A four hours ago; return the place of the line."""
    what = Posology(
        label="Paracétamol 1 g", dose_value="1", dose_unit="g", route="orale", interval_hours=6,
        start_at=NOW_MS - 4 * HOUR_MS,
    )  # fmt: skip
    return here(island, act(PrescriptionStarted, "start", 240, order="RX1", what=what))


def text_of(client: Client, address: str) -> str:
    """Return a page."""
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_a_dose_given_on_one_island_after_the_stop_of_another_alarms_on_both(
    island: NeighbourIsland,
    marie: str,
    nurse: Client,
) -> None:
    """The physician stopped it because of the liver; the nurse of the other island could not know."""
    place = line_started(island)
    here(
        island,
        act(PrescriptionStopped, "stop", 20, line=LINE, label="Paracétamol 1 g", reason="foie", place=place),
    )
    dose = {"request": LINE, "label": "Paracétamol 1 g", "dose_value": "1", "dose_unit": "g"}
    there(island, act(DoseGiven, "give", 5, function="administer", **dose))

    for address in (f"/patient/{marie}/", f"/patient/{marie}/grid/"):
        page = text_of(nurse, address)
        assert "Donné après l’arrêt" in page
        assert "arrêté à 02:50" in page
        assert "donné à 03:05 sur l’îlot Les Saules" in page
    assert "un médicament arrêté a été donné à 1 patient" in text_of(nurse, "/ward/2140/")


def test_a_dose_given_before_the_stop_alarms_nobody(
    island: NeighbourIsland,
    marie: str,
    nurse: Client,
) -> None:
    """An alarm that is wrong every night is not read on the night when it is right."""
    place = line_started(island)
    dose = {"request": LINE, "label": "Paracétamol 1 g", "dose_value": "1", "dose_unit": "g"}
    there(island, act(DoseGiven, "give", 30, function="administer", **dose))
    here(
        island,
        act(PrescriptionStopped, "stop", 20, line=LINE, label="Paracétamol 1 g", reason="foie", place=place),
    )

    assert "Donné après l’arrêt" not in text_of(nurse, f"/patient/{marie}/")
    assert "médicament arrêté a été donné" not in text_of(nurse, "/ward/2140/")


@pytest.mark.parametrize("first", ["stop", "other"])
def test_a_stop_stands_whatever_another_island_did_to_the_line_meanwhile(
    island: NeighbourIsland,
    marie: str,
    nurse: Client,
    first: str,
) -> None:
    """A resumption with a later clock would start again what a physician stopped, and nobody would see it."""
    from releve.departments.prescribing.tables import MedicationRequest

    place = line_started(island)
    place = here(island, act(PrescriptionSuspended, "wait", 60, line=LINE, reason="scanner", place=place))
    minutes = {"stop": (20, 10), "other": (10, 20)}[first]
    here(island, act(PrescriptionStopped, "stop", minutes[0], line=LINE, reason="foie", place=place))
    there(island, act(PrescriptionResumed, "resume", minutes[1], line=LINE, place=place))

    row = MedicationRequest.objects.get(id=LINE)
    assert (row.status, row.status_at) == ("stopped", NOW_MS - minutes[0] * MINUTE_MS)


def test_an_allergy_withdrawn_on_one_island_still_stands_as_another_said_it(
    island: NeighbourIsland,
    marie: str,
    nurse: Client,
) -> None:
    """The family told B of a shock while A was taking back a rumour: penicillin would have been given."""
    said = {"state": "stated", "label": "Pénicilline", "function": "observe"}
    place = here(island, act(AllergyStatedHere, "s1", 60, **said))
    there(island, act(AllergyStatedHere, "s2", 40, **said, reaction="choc"))
    gone = said | {"state": "removed", "reason": "erreur", "row": f"{PERSON}/||PENICILLINE@a", "place": place}
    here(island, act(AllergyStatedHere, "s3", 10, **gone))

    page = text_of(nurse, f"/patient/{marie}/")
    assert page.count('<strong class="caps">Pénicilline</strong>') == 1
    assert "sur l’îlot Les Saules" in page.split('<strong class="caps">Pénicilline</strong>')[1][:120]
    assert "Pénicilline" in text_of(nurse, "/ward/2140/")
    statements = text_of(nurse, f"/patient/{marie}/statements/")
    assert "la même a été retirée à 03:00" in statements
    assert "celle-ci tient tant qu’elle n’est pas retirée aussi" in statements


def test_an_allergy_is_withdrawn_by_naming_its_statement_from_any_island(
    island: NeighbourIsland,
    marie: str,
    nurse: Client,
    enter: Callable[..., Client],
) -> None:
    """What a physician decided holds, wherever it was said."""
    said = {"state": "stated", "label": "Pénicilline", "function": "observe"}
    there(island, act(AllergyStatedHere, "s2", 40, **said))
    physician = enter("physician", ("2140",))
    page = physician.get(f"/patient/{marie}/statements/").content.decode()
    row = page.split('name="row" value="')[1].split('"')[0]

    answer = physician.post(
        f"/patient/{marie}/statements/",
        {"what": "end", "row": row, "reason": "pas d’allergie", "act_key": "k" * 24},
    )

    assert answer.status_code == 302
    assert "Pénicilline" not in text_of(nurse, f"/patient/{marie}/")


def test_an_act_of_another_island_withdraws_nothing_of_another_person(
    island: NeighbourIsland,
    marie: str,
    nurse: Client,
) -> None:
    """An island that was taken over may name any row: it must not reach beyond the person it speaks of."""
    island.admit("502", "MARTIN", "202")
    said = {"state": "stated", "label": "Pénicilline", "function": "observe"}
    here(island, act(AllergyStatedHere, "s1", 60, **said))
    gone = said | {"state": "removed", "reason": "x", "row": f"{PERSON}/||PENICILLINE@a"}
    there(island, act(AllergyStatedHere, "s3", 10, person="CHV:502", **gone))

    assert "Pénicilline" in text_of(nurse, f"/patient/{marie}/")


def test_an_alert_ended_on_one_island_still_stands_as_another_raised_it(
    island: NeighbourIsland,
    marie: str,
    nurse: Client,
) -> None:
    """The isolation was lifted on A before B learned of a second germ."""
    raised = {"code": "ISO-CONTACT", "label": "Isolement contact", "strong": True, "function": "observe"}
    place = here(island, act(AlertStated, "a1", 60, **raised))
    there(island, act(AlertStated, "a2", 40, **raised))
    ended = {"status": "ended", "row": f"{PERSON}/ISO-CONTACT@a", "place": place}
    here(island, act(AlertStated, "a3", 10, **raised, **ended))

    assert text_of(nurse, "/ward/2140/").count("Isolement contact") >= 1
    assert "sur l’îlot Les Saules" in text_of(nurse, f"/patient/{marie}/statements/")


def test_one_bed_given_to_two_persons_on_two_islands_shows_both(
    island: NeighbourIsland,
    marie: str,
    nurse: Client,
) -> None:
    """Two persons stand before one bed: the board must not have chosen for them."""
    from releve.departments.admissions.facts import Admitted, Traits

    new = Admitted(
        act="adm-b", person="RELEVE-B:BP000001", visit="BV000001", ward="2140", function="admit",
        happened_at=NOW_MS - 30 * MINUTE_MS, by="y", mode="new", movement="BM000001", ipp="BP000001",
        namespace="RELEVE-B", traits=Traits(birth_name="LEROUX", given_name="Paul", birth_date="1950", sex="M"),
        room="201", bed="201", bed_code="2140-201",
    )  # fmt: skip
    there(island, new)

    board = text_of(nurse, "/ward/2140/")
    assert "DURAND" in board
    assert "LEROUX" in board
    beds = text_of(nurse, "/beds/2140/")
    assert "Lit 201 : deux personnes y sont notées" in beds
    warned = beds.split('<div class="warn" role="alert">')[1].split("</ul>")[0]
    assert "DURAND" in warned
    assert "LEROUX" in warned
    assert "sur l’îlot Les Saules" in warned


def test_the_same_dose_charted_on_two_islands_is_suspected_and_kept_twice(
    island: NeighbourIsland,
    marie: str,
    nurse: Client,
) -> None:
    """One of them may be a second gram."""
    line_started(island)
    due = NOW_MS - 4 * HOUR_MS
    dose = {"request": LINE, "label": "Paracétamol 1 g", "dose_value": "1", "dose_unit": "g", "due_at": due}
    here(island, act(DoseGiven, "g1", 235, function="administer", **dose))
    there(island, act(DoseGiven, "g2", 230, function="administer", **dose))

    page = text_of(nurse, f"/patient/{marie}/grid/")
    assert "Peut-être noté deux fois" in page
    timeline = text_of(nurse, f"/patient/{marie}/timeline/")
    assert "saisi sur l’îlot Les Saules" in timeline
    assert "saisi ici" in timeline


def test_what_both_islands_measured_stands_twice(
    island: NeighbourIsland,
    marie: str,
    nurse: Client,
) -> None:
    """Add only: vital signs of two hands are two charts, whoever's clock is ahead."""
    from releve.departments.observations.facts import Measurement, ObservationCharted
    from releve.departments.observations.tables import Chart

    for number, (say, minutes) in enumerate(((here, 20), (there, 20))):
        values = (Measurement(code="pulse", loinc="8867-4", value=str(70 + number), unit="/min"),)
        say(island, act(ObservationCharted, f"v{number}", minutes, function="observe", values=values))

    assert sorted(Chart.objects.filter(person=PERSON).values_list("pulse", flat=True)) == ["70", "71"]


def test_two_islands_link_the_same_two_numbers_and_nothing_is_merged_away(
    island: NeighbourIsland,
    marie: str,
    nurse: Client,
) -> None:
    """A link is a statement, undone by another: no row of either person may be gone."""
    from releve.departments.admissions.facts import DuplicateJudged
    from releve.record.tables import Person

    island.admit("502", "DURAND", "202")
    judged = {"other": "CHV:502", "function": "identity"}
    here(island, act(DuplicateJudged, "j1", 20, verdict="linked", reason="même", **judged))
    there(island, act(DuplicateJudged, "j2", 10, verdict="dismissed", reason="sœurs", **judged))

    assert set(Person.objects.values_list("id", flat=True)) >= {PERSON, "CHV:502"}


def test_an_application_down_on_one_island_and_live_on_another_is_read_as_down(
    island: NeighbourIsland,
    marie: str,
    nurse: Client,
) -> None:
    """B has not heard of the cut: what it says of before must not close writing here."""
    from releve.crisis.facts import CutDeclared
    from releve.hospital.status import Place
    from releve.journal.entry import Draft

    said = CutDeclared(
        applications=("DPI",), places=(Place(kind="all"),), status="live", since_us=(NOW_MS - 90 * MINUTE_MS) * 1000,
        reason="attack", note="", by="x", second="y",
    )  # fmt: skip
    draft = Draft(kind="crisis.declared.1", body=msgspec.msgpack.encode(said), source="test")
    island.hear_from(LOG_B, draft, at_ms=NOW_MS - 90 * MINUTE_MS)

    assert 'data-mode="downtime"' in text_of(nurse, "/ward/2140/")
