"""The patient's pages: linked persons read together, the hole drawn, every line with where it comes from."""

import base64
import re
from collections.abc import Callable
from typing import Any

import pytest
from bedside_island import DAY, HOUR, MINUTE, NOW_MS, BedsideIsland, page_of, row_of
from django.test import Client

from releve.departments.appointments.tables import Appointment
from releve.departments.documents.tables import Document
from releve.departments.imaging.tables import ImagingReport
from releve.departments.prescribing.tables import MedicationAdministration, MedicationSheet
from releve.record.tables import Allergy, Encounter, Link, Problem, ServiceRequest
from releve.web.opaque import open_handle, seal
from screens import words_of

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def text_of(client: Client, person: str, page: str = "") -> str:
    """Return a page of the patient, spaces made plain."""
    answer = client.get(f"/patient/{seal(person)}/{page}")
    assert answer.status_code == 200
    return re.sub(r"[\u00a0\u202f\s]+", " ", answer.content.decode())


def test_a_handle_opens_only_what_this_island_sealed() -> None:
    """Nobody may walk from patient to patient by changing an address."""
    handle = seal("CHV:8000412301")

    changed = ("A" if handle[0] != "A" else "B") + handle[1:]

    assert open_handle(handle) == "CHV:8000412301"
    assert "8000412301" not in handle
    assert open_handle(changed) is None
    assert open_handle("CHV:8000412301") is None
    assert open_handle(handle, "document") is None


def test_an_unknown_handle_is_not_found_and_other_roles_see_nothing(
    island: BedsideIsland, nurse: Client, enter: Callable[..., Client]
) -> None:
    """The page of nobody must not look like the page of somebody without data."""
    person = island.patient("1")

    assert nurse.get("/patient/AAAA/").status_code == 404
    assert nurse.get(f"/patient/{seal('CHV:404')}/").status_code == 404
    assert enter(role="it", wards=()).get(f"/patient/{seal(person)}/").status_code == 403


def test_prescribing_is_offered_to_whom_it_is_open(
    island: BedsideIsland, enter: Callable[..., Client]
) -> None:
    """A radiographer who follows "Prescribe" at night loses a minute to be told that she may not."""
    person = island.patient("1", ward="2140")

    offered = {
        role: "Prescrire" in words_of(enter(role=role).get(f"/patient/{seal(person)}/"))
        for role in (
            "physician",
            "midwife",
            "nurse",
            "pharmacist",
            "radiographer",
            "laboratory",
            "assistant",
            "clerk",
        )
    }

    assert {role for role, shown in offered.items() if shown} == {
        "physician",
        "midwife",
        "nurse",
        "pharmacist",
    }


def test_of_a_child_the_parents_are_asked_and_it_is_called_a_boy(
    island: BedsideIsland, nurse: Client
) -> None:
    """ "Ask the patient" beside a newborn, called a man: whoever reads it doubts that this is the child before her."""
    child = island.patient("1", "201", birth_date="20261120", sex="M")
    grown = island.patient("2", "202", birth_date="19800101", sex="M")

    young, old = text_of(nurse, child), text_of(nurse, grown)

    assert "à demander aux parents" in young
    assert "Garçon" in young
    assert "Homme" not in young
    assert "à demander au patient" in old
    assert "Homme" in old


def test_the_banner_tells_identity_bed_and_allergies(island: BedsideIsland, nurse: Client) -> None:
    """What must be right before anything else is read."""
    person = island.patient("8000412301", "203", used_name="MARCHAND")
    island.row(
        Allergy, id=f"{person}/p", person=person, label="Pénicilline", reaction="œdème de Quincke", severity="SV",
        state="stated",
    )  # fmt: skip

    html = text_of(nurse, person)

    start = html.index('class="banner"')
    banner = html[start : html.index("</section>", start)]
    for told in ("DELORME", "MARCHAND", "14 juil. 1945 (81 ans)", "8000412301", "203", "Chirurgie polyvalente",
                 "Pénicilline", "œdème de Quincke", "sévère", "reçu de Identité et mouvements"):  # fmt: skip
        assert told in banner, told


def test_linked_persons_are_read_together_each_line_under_its_number(
    island: BedsideIsland, nurse: Client
) -> None:
    """A merge moves nothing: what was said under the other number is shown, and says so."""
    head = island.patient("100")
    other = island.person("200", cluster=head, birth_date="1945-07-41")
    island.row(Link, id="l", person=head, other=other, kind="merge", status="active")
    island.row(Allergy, id=f"{other}/l", person=other, label="Latex", state="stated")
    island.drug(other, "Bisoprolol 2,5 mg", times=["08:00"])

    html, numbers = text_of(nurse, head), text_of(nurse, head, "identity/")

    assert "Latex" in html
    assert "Bisoprolol" in html
    assert "sous le numéro 200" in html
    assert "et 1 numéro relié" in html
    assert "représente les autres" in numbers
    assert "traits différents : à vérifier" in numbers


def test_what_came_after_the_suspected_attack_is_marked(island: BedsideIsland, nurse: Client) -> None:
    """A merge sent by whoever broke in must not be believed like the others."""
    head = island.patient("100")
    other = island.person("200", cluster=head)
    island.row(
        Link,
        id="l",
        person=head,
        other=other,
        kind="merge",
        status="active",
        recorded_at=NOW_MS - 25 * MINUTE,
    )
    before = text_of(nurse, head)

    island.declare("GAM", since_at=NOW_MS - 40 * MINUTE)
    after, numbers = text_of(nurse, head), text_of(nurse, head, "identity/")

    assert "attaque suspectée" not in before
    assert "fusion reçue après l’attaque suspectée" in after
    assert "reçu après l’attaque suspectée" in numbers


def test_the_hole_between_last_message_and_declaration_is_drawn(island: BedsideIsland, nurse: Client) -> None:
    """A prescription made in these minutes is nowhere: it must be asked for."""
    person = island.patient("1")
    island.heard("PRESC", NOW_MS - 26 * MINUTE)

    island.declare("PRESC", at=NOW_MS - 23 * MINUTE)
    html = text_of(nurse, person)

    assert "02:44 à 02:47 : trou connu." in html
    assert "Depuis 02:47" in html
    assert "ce qui se fait s’écrit ici" in html


def test_a_hole_of_seconds_is_not_drawn(island: BedsideIsland, nurse: Client) -> None:
    """Seven lines of "20:57 to 20:57" hide the one that lasts: what speaks on after its cut is heard every minute."""
    person = island.patient("1")
    island.heard("PRESC", NOW_MS - 23 * MINUTE - 20_000)
    island.declare("PRESC", at=NOW_MS - 23 * MINUTE)

    assert "trou connu" not in text_of(nurse, person)


def test_what_is_not_known_is_said_in_words(island: BedsideIsland, nurse: Client) -> None:
    """An empty section would be read as "nothing"."""
    html = text_of(nurse, island.patient("1"))

    section = html[html.index('id="h-unk"') :]
    assert "Allergies" in section
    assert "Poids" in section
    assert "cet îlot ne reçoit pas ces messages ici" in section


def test_an_hour_of_before_charting_was_heard_is_not_an_empty_cell(
    island: BedsideIsland, nurse: Client
) -> None:
    """The key says that an empty cell means nothing prescribed; at 08:30 a dose of 08:00 would be forgotten."""
    person = island.patient("1")
    island.drug(person, times=["01:00", "09:00"])
    island.heard("PRESC", NOW_MS - MINUTE, first=NOW_MS - 70 * MINUTE)

    before = text_of(nurse, person, "grid/")
    island.declare("PRESC")
    cut, overview = text_of(nurse, person, "grid/"), text_of(nurse, person)

    for page in (before, cut):
        body = page[page.index("<tbody>") : page.index("</tbody>")]
        assert body.count("à voir") == 1
        assert "retard" not in body
    assert "01:00 donné ?" in row_of(page_of(nurse), "b2140-201")
    assert "01:00" in overview[overview.index("Furosémide") :]


def test_the_grid_tells_given_due_late_and_unheard(island: BedsideIsland, nurse: Client) -> None:
    """The same signs and words as on paper."""
    person = island.patient("1")
    line = island.drug(person, times=["23:00", "01:00", "03:00", "09:00"])
    island.row(
        MedicationAdministration, id=f"{line}/1", person=person, request=line, given_at=NOW_MS - 4 * HOUR - 5 * MINUTE,
        status="given", source="PRESC",
    )  # fmt: skip

    heard = text_of(nurse, person, "grid/")
    island.declare("PRESC")
    unheard = text_of(nurse, person, "grid/")

    body = heard[heard.index("<tbody>") : heard.index("</tbody>")]
    assert re.search(r"slot--given.{0,30}donné.{0,20}23:05", body)
    assert re.search(r"slot--late.{0,30}retard.{0,20}01:00", body)
    assert re.search(r"slot--due.{0,30}dû.{0,20}03:00", body)
    assert re.search(r"slot--planned.{0,30}prévu.{0,20}09:00", body)
    frozen = unheard[unheard.index("<tbody>") : unheard.index("</tbody>")]
    assert "retard" not in frozen
    # What was due before the cut may have been given; what is due since is given, and charted, here.
    assert frozen.count("à voir") == 1
    assert re.search(r"slot--due.{0,300}dû.{0,40}03:00", frozen)


def test_a_line_of_a_stay_that_is_over_is_never_due(island: BedsideIsland, nurse: Client) -> None:
    """Nobody sends a stop at discharge; the old treatment must not be given again."""
    person = island.patient("1")
    island.row(
        Encounter,
        id=f"{person}/OLD",
        person=person,
        visit="OLD",
        status="left",
        admitted_at=NOW_MS - 90 * DAY,
    )
    island.drug(person, "Warfarine 2 mg", visit="OLD", times=["01:00"])

    overview, grid, board = text_of(nurse, person), text_of(nurse, person, "grid/"), nurse.get("/ward/2140/")

    assert "d’un séjour terminé" in overview
    assert "en retard" not in overview
    assert "Jamais arrêté, mais plus en cours" in grid
    assert "retard" not in grid[grid.index('id="main"') :].split("legend-row")[0]
    assert "Warfarine" not in board.content.decode()


def test_results_show_their_course_and_what_a_correction_replaced(
    island: BedsideIsland, nurse: Client
) -> None:
    """A corrected value is read beside the one somebody may have acted on."""
    person = island.patient("1")
    for hours, value in ((48, "4.1"), (24, "5.2")):
        island.result(person, value=value, at=NOW_MS - hours * HOUR)
    island.result(person, value="6.4", previous="4.6", flag="critical-high", status="corrected")

    html = text_of(nurse, person, "results/")

    assert "corrigé, était 4,6" in html
    assert "critique, haut" in html
    assert html.count('<circle class="dot') == 3
    assert "3 valeurs" in html


def test_a_covered_page_names_nobody(island: BedsideIsland, enter: Callable[..., Client]) -> None:
    """Who works with her must see the allergy, not the name."""
    person = island.patient(
        "8000412301", confidential="PV1-16 I", address="3 rue des Lilas", phone="0600000000"
    )
    island.row(Allergy, id=f"{person}/p", person=person, label="Pénicilline", state="stated")
    document = island.row(
        Document, id=f"{person}/D1", person=person, title="Compte rendu de Mme DELORME", body="texte"
    )
    island.stay(person, reason="Interruption", attending="PERRIN Léo", confidential="PV1-16 I")
    island.result(person, "Hormone chorionique", "6.4", flag="critical-high")
    island.row(
        ImagingReport, id=f"{person}/I", person=person, label="Échographie pelvienne", body="Grossesse",
        performed_at=NOW_MS - HOUR,
    )  # fmt: skip
    island.row(
        Appointment,
        id=f"{person}/A",
        person=person,
        label="Orthogénie",
        start_at=NOW_MS + DAY,
        status="booked",
    )
    island.row(Problem, id=f"{person}/Q", person=person, label="Métrorragies", status="active")
    island.row(
        ServiceRequest, id=f"{person}/R", person=person, label="Groupe sanguin", status="requested",
        requested_at=NOW_MS - HOUR, requester="PERRIN Léo",
    )  # fmt: skip
    island.row(
        MedicationSheet, id=f"{person}/S", person=person, media_type="application/pdf", dated_at=NOW_MS
    )
    island.drug(person, "Paracétamol 1 g", times=["08:00"], prescriber="PERRIN Léo", ordered_at=NOW_MS - HOUR)
    outside = enter(role="physician", wards=())  # on duty for the whole house

    pages = [text_of(outside, person, page) for page in ("", "grid/", "results/", "timeline/", "identity/")]

    assert all("CONFIDENTIEL" in page for page in pages)
    for secret in ("DELORME", "Élise", "8000412301", "1945", "rue des Lilas", "0600000000", "Interruption", "PERRIN",
                   "Hormone", "6,4", "pelvienne", "Grossesse", "Orthogénie", "Métrorragies", "Groupe sanguin",
                   "Feuille imprimée"):  # fmt: skip
        assert not any(secret in page for page in pages), secret
    assert "Pénicilline" in pages[0]
    assert "Paracétamol" in pages[0]
    assert "s’ouvrent dans le service en charge seulement" in pages[0]
    assert "Aucun reçu" not in pages[0]
    sheet = f"/patient/{seal(person)}/sheet/{seal(f'{person}/S', 'sheet')}/"
    assert (outside.get(sheet).status_code, outside.get(f"{sheet}file/").status_code) == (404, 404)
    address = f"/patient/{seal(person)}/document/{seal(document.id, 'document')}/"
    assert outside.get(address).status_code == 404


def test_a_line_past_its_end_stands_apart_and_is_never_due(island: BedsideIsland, nurse: Client) -> None:
    """Antibiotics prescribed for five days are not given on the sixth because nobody sent a stop; nor forgotten."""
    person = island.patient("1")
    island.drug(person, "Ceftriaxone 1 g", placer="P1", times=["01:00", "02:30"], end_at=NOW_MS - 30 * MINUTE)
    island.drug(person, "Bisoprolol 2,5 mg", placer="P2", times=["08:00"])
    island.drug(person, "Amoxicilline 1 g", placer="P3", times=["08:00"], end_at=NOW_MS - 3 * DAY)

    page, grid = text_of(nurse, person), text_of(nurse, person, "grid/")

    running, past = page.split("Jamais arrêté, mais plus en cours")
    assert "Bisoprolol" in running[running.index("Traitement en cours") :]
    assert "Ceftriaxone" not in running[running.index("Traitement en cours") :]
    assert "Ceftriaxone 1 g" in past
    assert "Amoxicilline 1 g" in past
    assert "fin prévue dépassée depuis 30 min (02:40) : à vérifier" in past
    assert "en retard" not in page
    table = grid[grid.index("<tbody>") : grid.index("</tbody>")]
    assert "fin dépassée depuis 30 min : à vérifier" in table
    assert "slot--late" not in table
    assert "Amoxicilline" not in table
    assert "Amoxicilline" in grid


def test_doses_and_results_are_written_in_french_and_in_words(island: BedsideIsland, nurse: Client) -> None:
    """`3.75` beside `0,45`, `10*9/L` at three in the morning: each is a chance to read ten times as much."""
    person = island.patient("1")
    island.drug(person, "Zopiclone", placer="P1", dose_value="3.75", dose_unit="mg", rate="2.5 mL/h")
    island.drug(person, "Insuline", placer="P2", dose_value="4", dose_unit="UI")
    island.result(person, "Plaquettes", "224", unit="10*9/L", range="150-400")
    island.result(person, "Anti-Xa", "0.51", unit="{IU}/mL", range="0.30-0.70")
    island.result(person, "pH", "7.40", unit="[pH]", range="7.35-7.45")

    french = text_of(nurse, person) + text_of(nurse, person, "grid/") + text_of(nurse, person, "results/")
    nurse.post("/choose/", {"language": "en", "next": "/"})
    english = text_of(nurse, person)

    for told in ("3,75 mg", "2,5 mL/h", "4 unités", "10⁹/L", "UI/mL", "0,30 – 0,70", "7,40"):
        assert told in french, told
    for code in ("3.75", "10*9", "{IU}", "[pH]", "0.30"):
        assert code not in french, code
    for told in ("3.75 mg", "4 units", "IU/mL", "0.30 – 0.70"):
        assert told in english, told


def test_reports_of_one_moment_are_one_line_of_the_timeline(island: BedsideIsland, nurse: Client) -> None:
    """Eight reports of one blood sample pushed the night's events off the page."""
    person = island.patient("1")
    at = NOW_MS - HOUR
    for label, report in (("Sodium", "Ionogramme"), ("Urée", "Rein"), ("Potassium", "Ionogramme")):
        island.result(person, label, "5", report=report, at=at)

    html = text_of(nurse, person, "timeline/")

    assert html.count("<time>02:10</time>") == 1
    assert "<b>Ionogramme, Rein</b>, 3 résultats" in html


@pytest.fixture
def with_pdf(island: BedsideIsland) -> dict[str, Any]:
    """Return a patient with a PDF whose bytes are in a real log."""
    from releve.app.recorder_process import recorder_for
    from releve.journal.entry import Draft
    from releve.journal.folder import create_island

    body = (
        "MSH|^~\\&|DPI|CHV|||20261121||MDM^T02|1|P|2.5\rPID|1||1^^^CHV^PI\r"
        f"OBX|1|ED|CR||DPI^application^PDF^Base64^{base64.b64encode(PDF).decode()}||||||F\r"
    ).encode()
    kept = island.data.parent / "kept"
    kept.mkdir()
    create_island(kept, "a", True, "Valombre", NOW_MS * 1000)
    with recorder_for(kept) as recorder:
        (receipt,) = recorder.append([Draft(kind="message.hl7v2", body=body, source="mllp:10.0.0.1")])
    (kept / "journal").rename(island.data / "journal")
    person = island.patient("1")
    document = island.row(
        Document, id=f"{person}/D1", person=person, title="Compte rendu", media_type="application/pdf", size=len(PDF),
        place="OBX[1]-5", log=f"{receipt.origin}/{receipt.epoch}", index=receipt.index, written_at=NOW_MS - DAY,
        status="final", source="DPI",
    )  # fmt: skip
    return {"person": person, "document": document.id}


def test_a_pdf_comes_out_as_it_came_in_under_a_name_without_values(
    island: BedsideIsland, nurse: Client, with_pdf: dict[str, Any]
) -> None:
    """The bytes are those of the journal; file names travel with the file."""
    address = f"/patient/{seal(with_pdf['person'])}/document/{seal(with_pdf['document'], 'document')}/"

    page, file = nurse.get(address), nurse.get(f"{address}file/")

    assert "Compte rendu" in page.content.decode()
    assert file.content == PDF
    assert file["Content-Type"] == "application/pdf"
    assert file["Content-Disposition"] == 'attachment; filename="document.pdf"'
    assert "sandbox" in file["Content-Security-Policy"]


def test_a_document_of_somebody_else_does_not_open_here(
    island: BedsideIsland, nurse: Client, with_pdf: dict[str, Any]
) -> None:
    """A document read under the wrong banner is worse than none."""
    stranger = island.patient("2", "202", name="AUBRY")

    address = f"/patient/{seal(stranger)}/document/{seal(with_pdf['document'], 'document')}/"

    assert nurse.get(address).status_code == 404
    assert nurse.get(f"{address}file/").status_code == 404


def test_no_address_of_the_pages_holds_a_value(island: BedsideIsland, nurse: Client) -> None:
    """Addresses stay in histories, logs and proxies."""
    person = island.patient("8000412301")
    island.row(Document, id=f"{person}/D1", person=person, title="Lettre", body="texte", status="final")

    for page in ("", "grid/", "results/", "timeline/", "identity/"):
        addresses = re.findall(r'(?:href|hx-get|action|src)="([^"]*)"', text_of(nurse, person, page))
        assert not [one for one in addresses if "8000412301" in one or "DELORME" in one.upper()]


def test_movements_and_numbers_are_said_in_words(island: BedsideIsland, nurse: Client) -> None:
    """Who answers the telephone reads aloud what stands there: "A06" and "1150" tell a family nothing."""
    from releve.record.tables import Movement

    person = island.patient("1", birth_place="76540")
    island.row(
        Movement, id=f"{person}/V1/M1", person=person, visit="V1", number="M1", event="A04", happened_at=NOW_MS - DAY,
        ward="2140", bed="201", status="active",
    )  # fmt: skip

    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text_of(nurse, person, "identity/")))

    assert "Chirurgie polyvalente, 201 Admission" in page
    assert "né(e) à (code INSEE 76540)" in page
    assert "1 IPP" in page
